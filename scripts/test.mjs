// `npm test`: installs what it needs, then types, lint, layers, unit and property tests, transcripts, interop tests.
// The last line is the sum. Words after `--` go to vitest and leave the other checks out: `npm test -- src/wire`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { bin, bootstrap, root, run } from './bootstrap.mjs'
import { build } from './build.mjs'
import { check } from './check.mjs'
import { preparePeers } from './peers.mjs'

const total = { passed: 0, failed: 0, skipped: 0 }
const failures = []
const words = process.argv.slice(2)

const count = project => {
  const { stdout } = spawnSync(bin('vitest'), ['list', '--json', '--project', project, ...words], {
    cwd: root,
    encoding: 'utf8',
  })
  try {
    return JSON.parse(stdout).length
  } catch {
    return 0
  }
}

const vitest = project => {
  const report = join(root, '.cache', `${project}.json`)
  rmSync(report, { force: true })
  console.log(`--- ${project} tests`)
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const status = run(bin('vitest'), [...args, '--passWithNoTests', ...words])
  const result = (() => {
    try {
      return JSON.parse(readFileSync(report, 'utf8'))
    } catch {
      return undefined
    }
  })()
  if (result === undefined) {
    total.failed++
    return
  }
  total.passed += result.numPassedTests
  total.failed += result.numFailedTests
  total.skipped += result.numPendingTests + result.numTodoTests
  // A file that does not load fails without a failed test.
  const broken = result.testResults.filter(
    file => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
  for (const file of result.testResults) {
    const name = relative(root, file.name)
    const failed = file.assertionResults.filter(test => test.status === 'failed')
    for (const test of failed) failures.push(`${name}: ${test.fullName}\n${test.failureMessages.join('\n')}`)
    if (file.status === 'failed' && failed.length === 0) failures.push(`${name}\n${file.message}`)
  }
  total.failed += broken
  if (status !== 0 && result.numFailedTests + broken === 0) total.failed++
}

bootstrap()
mkdirSync(join(root, '.cache'), { recursive: true })
if (words.length === 0) {
  const { passed, failed } = check()
  total.passed += passed
  total.failed += failed
} else build()
vitest('unit')
const reason = preparePeers()
if (reason === undefined) vitest('interop')
else {
  const missed = count('interop')
  total.skipped += missed
  console.log(`--- interop tests: ${missed} skipped, they need root on Debian: ${reason}`)
  if (process.env.CI === 'true') total.failed++
}
// What failed once more at the end: a log of thousands of tests is often read from there.
for (const failure of failures) console.log(`--- failed: ${failure.slice(0, 3000)}`)
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(total.failed === 0 ? 0 : 1)
