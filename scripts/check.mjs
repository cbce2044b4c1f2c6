// The checks that run no test: types, format and lint, layer rules, file length. `npm run check` runs them alone.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bin, bootstrap, root, run } from './bootstrap.mjs'
import { build } from './build.mjs'

const longest = 500
/** Pure tables, which may be longer (STYLE: a row a fact). */
const tables = new Set(['src/flow/fields.ts', 'src/openflow/errors-table.ts'])

const fileLength = () => {
  const { stdout } = spawnSync('git', ['ls-files', 'src'], { cwd: root, encoding: 'utf8' })
  const long = stdout
    .split('\n')
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts') && !tables.has(path))
    .map(path => [path, readFileSync(join(root, path), 'utf8').split('\n').length])
    .filter(([, count]) => count > longest)
  for (const [path, count] of long) console.error(`${path}: ${count} lines, ${longest} at the most`)
  return long.length === 0 ? 0 : 1
}

const checks = {
  'core and platform types': () => {
    build()
    return 0
  },
  'test types': () => run(bin('tsc'), ['-p', 'tsconfig.json']),
  'format and lint': () => run(bin('biome'), ['check', '--error-on-warnings', '.']),
  'layer rules': () => run(bin('depcruise'), ['src', '--config', '.dependency-cruiser.cjs']),
  'file length': fileLength,
}

/** Runs all, also after one failed; says how many passed and failed. */
export const check = () => {
  let passed = 0
  let failed = 0
  for (const [name, perform] of Object.entries(checks)) {
    console.log(`--- ${name}`)
    if (perform() === 0) passed++
    else {
      failed++
      console.log(`--- ${name}: FAILED`)
    }
  }
  return { passed, failed }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  bootstrap()
  const { passed, failed } = check()
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}
