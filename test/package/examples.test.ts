/** The examples, with the built package: they take its types, they run, and the pages show what they print. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linesOf, Prompt, page, says, session } from '../transcripts/page.testing.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(tmpdir(), `weft-examples-${process.pid}`)
beforeAll(() => mkdirSync(folder, { recursive: true }))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const node = (...words: string[]): { status: number | null; stdout: string; stderr: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' })
  return { status, stdout, stderr }
}

type Run = { command: string; output: string[] }

/** Every command of a page behind a `$`, with what it prints, if its words begin so. */
const runs = (path: string, begin: string): Run[] =>
  session(page(path), '$ ')
    .filter(({ line }) => line.startsWith(begin))
    .map(({ line, output }) => ({ command: line, output }))

/** Words as a shell would have them, of the little that the pages need. */
const words = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

const expectOutput = ({ command, output }: Run): void => {
  const [program, ...args] = words(command)
  const { stdout, stderr } = node(...(program === 'weft' ? ['dist/cli/weft.js'] : []), ...args)
  expect(stderr).toBe('')
  const [printed, wanted] = [linesOf(stdout), linesOf(output.join('\n'))]
  if (!says(wanted, printed)) expect(printed).toEqual(wanted)
}

beforeAll(() => {
  expect(node(join('scripts', 'build.mjs')).status).toBe(0)
})

describe('the examples', () => {
  test('take the types of the package', () => {
    expect(node(join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'examples')).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    })
  })

  test('are all in the page about the library', () => {
    const names = readdirSync(join(root, 'examples')).filter(name => name.endsWith('.mjs'))
    const shown = runs('docs/library.md', 'node examples/').map(({ command }) => /\w[\w-]*\.mjs/.exec(command)?.[0])
    expect([...new Set(shown)].sort()).toEqual(names.sort())
  })

  test.each(runs('docs/library.md', 'node examples/'))('$command prints what the page says', expectOutput)

  test('show the capture of the tutorial as the tutorial says', () => {
    const prompt = new Prompt('two-hypervisors')
    for (const line of ['capture trace.pcapng', 'web1 ping -c 1 10.0.0.2', 'capture']) prompt.type(line)
    const file = join(folder, 'trace.pcapng')
    writeFileSync(file, Buffer.concat(prompt.files.get('trace.pcapng') ?? []))
    const [run] = runs('docs/tutorial.md', 'node examples/')
    expectOutput({ command: `node examples/show-capture.mjs ${file}`, output: run?.output ?? [] })
  })

  test('say how show-capture is called', () => {
    expect(node('examples/show-capture.mjs')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'usage: node examples/show-capture.mjs FILE [NUMBER]\n',
    })
  })
})

describe('the pages about tools', () => {
  const shown = ['lab', 'machine', 'tools', 'differences'].flatMap(name =>
    runs(`docs/${name}.md`, 'weft ').map(run => ({ ...run, name })),
  )

  test.each(shown)('$name.md: $command', expectOutput)

  test('show something', () => {
    expect(shown.length).toBeGreaterThan(5)
  })
})
