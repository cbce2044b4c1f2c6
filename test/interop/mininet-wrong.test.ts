/** What `weft mn` is given wrongly: its words on stderr, its status, and that nothing is left behind. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from './waiting.testing.ts'
import { buildWeft, type WeftCli } from './weft-cli.testing.ts'

let weft: WeftCli
let folder: string
beforeAll(async () => {
  weft = await buildWeft()
  folder = mkdtempSync(join(tmpdir(), 'weft-wrong-'))
})
afterAll(() => {
  weft.close()
  rmSync(folder, { recursive: true })
})

type Said = { status: number | null; out: string; err: string }

/** `weft mn` in a process group of its own, whose directory, home and temporary files are in `folder`. */
const start = (words: readonly string[]) => {
  const [program = '', ...first] = weft.tool('mn').split(' ')
  const env = { ...process.env, HOME: folder, TMPDIR: folder }
  const child = spawn(program, [...first, ...words], { cwd: folder, env, detached: true, stdio: 'pipe' })
  const said: Said = { status: null, out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', text => (said.out += text))
  child.stderr.setEncoding('utf8').on('data', text => (said.err += text))
  const ended = new Promise<Said & { signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve({ ...said, status, signal }))
  })
  return { child, said, ended }
}

const isThere = (group: number): boolean => {
  try {
    process.kill(-group, 0)
    return true
  } catch {
    return false
  }
}

/** Runs it to its end; no file and no process is left behind. */
const run = async (...words: string[]): Promise<Said> => {
  const before = readdirSync(folder).sort()
  const { child, ended } = start(words)
  child.stdin.end()
  const { status, out, err } = await ended
  expect(readdirSync(folder).sort()).toEqual(before)
  expect(isThere(child.pid as number)).toBe(false)
  return { status, out, err }
}

const line = '-'.repeat(80)
/** Mininet's words around what went wrong. */
const caught = (what: string): string => `${line}\nCaught exception. Cleaning up...\n\n${what}\n${line}\n`

describe('words that are not there', () => {
  const usage = 'Usage: mn [options]\n(type mn -h for details)\n\nmn: error: '
  test.each([
    [['--bogus'], 'no such option: --bogus'],
    [['-z'], 'no such option: -z'],
    [['--to', 'minimal', '--t', 'x'], 'ambiguous option: --t (--test, --topo, --twait?)'],
    [['--mac=3'], '--mac option does not take a value'],
    [['--topo'], '--topo option requires 1 argument'],
    [['-v', 'loud'], "option -v: invalid choice: 'loud' (choose from 'debug', "],
    [['--listenport', 'x'], "option --listenport: invalid integer value: 'x'"],
  ])('%s', async (words, message) => {
    const { status, out, err } = await run(...words)
    expect(err).toMatch(new RegExp(`^${`${usage}${message}`.replace(/[()[\]?]/g, '\\$&')}`))
    expect([status, out]).toEqual([2, ''])
  })

  test.each([
    [['--topo', 'bogus'], 'Exception: Invalid topo name bogus'],
    [['--topo', 'constructor'], 'Exception: Invalid topo name constructor'],
    [['--topo', 'torus,2,2'], 'Exception: Please use 3x3 or greater for compatibility with 2.1'],
    [['--link', 'bogus'], "Exception: error: bogus is unknown - please specify one of dict_keys(['default', 'tc', "],
    [['--host', 'bogus'], "Exception: error: bogus is unknown - please specify one of dict_keys(['proc', "],
    [['--switch', 'bogus'], 'Exception: error: bogus is unknown - please specify one of '],
    [['--controller', 'bogus'], 'Exception: error: bogus is unknown - please specify one of '],
    [['--switch', 'ovsbr', '--test', 'bogus'], 'Exception: Test bogus is unknown - please specify one of dict_keys('],
    [['--custom', 'nofile.py'], 'Exception: could not find custom file: nofile.py'],
  ])('%s', async (words, message) => {
    const { status, err, out } = await run(...words)
    expect(err).toContain(`Caught exception. Cleaning up...\n\n${message}`)
    expect([status, out]).toEqual([1, ''])
  })
})

describe('a custom file', () => {
  const topo = (build: string): string =>
    `import { Topo } from 'weft/lab/mininet'\nclass T extends Topo { build() { ${build} } }\nexport const topos = { mytopo: T }\n`
  test.each<[string, string, string]>([
    ['that is empty', '', 'Exception: Invalid topo name mytopo'],
    ['that throws', 'throw new Error("boom")', 'Exception: boom'],
    ['that throws no error', 'throw 5', 'Exception: 5'],
    [
      'that does not compile',
      'const a = 1\nconst b = (: number) => 3\n',
      'SyntaxError: Expression expected (FILE, line 2)',
    ],
    [
      'that imports nothing',
      'import x from "./none.ts"\nexport const topos = { mytopo: x }',
      'Exception: Cannot find module',
    ],
    ['whose topos are none', 'export const topos = 3', 'TypeError: PATH: topos is no object of names and classes'],
    [
      'whose topo is none',
      'export const topos = { mytopo: 5 }',
      'TypeError: PATH: mytopo of topos is no class or function',
    ],
    ['whose topo gives none', 'export const topos = { mytopo: () => 5 }', 'TypeError: topo mytopo gives no Topo'],
    ['whose topo throws', 'export const topos = { mytopo: () => { throw new TypeError("no") } }', 'TypeError: no'],
    ['with a name twice', topo("this.addHost('h1'); this.addHost('h1')"), 'Exception: there are two nodes named h1'],
    [
      'with a cable from a node to itself',
      topo("this.addSwitch('s1'); this.addLink('s1', 's1')"),
      'Exception: link s1 s1: a link has two ends',
    ],
    [
      'with a port twice',
      topo(
        "for (const h of ['h1', 'h2']) { this.addHost(h) } this.addSwitch('s1'); for (const h of ['h1', 'h2']) this.addLink(h, 's1', { port2: 1 })",
      ),
      'Exception: link h2 s1: port 1 of s1 is taken',
    ],
    ['with a link to nobody', topo("this.addHost('h1'); this.addLink('h1', 's1')"), 'there is no node named s1'],
    [
      'with a switch without a number',
      topo("this.addSwitch('core')"),
      'Exception: Unable to derive default datapath ID - please either specify a dpid or use a canonical switch name such as s23.',
    ],
    [
      'that does not validate',
      'export const validate = () => { throw new Error("not today") }',
      'Exception: not today',
    ],
  ])('%s', async (name, text, message) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.ts`)
    writeFileSync(path, text)
    const words = name.endsWith('validate') ? [] : ['--topo', 'mytopo']
    const { status, err } = await run('--custom', path, ...words, '--switch', 'ovsbr', '--test', 'none')
    expect(err).toContain(message.replace('FILE', path.split('/').at(-1) as string).replace('PATH', path))
    expect(err).toContain('Caught exception. Cleaning up...\n')
    expect(status).toBe(1)
  })

  test('that is a folder', async () => {
    const path = join(folder, 'folder.ts')
    mkdirSync(path)
    const { status, err } = await run('--custom', path, '--test', 'none')
    expect(err).toBe(caught(`Exception: could not find custom file: ${path}`))
    expect(status).toBe(1)
  })
})

describe('what goes wrong while it runs', () => {
  const files = { script: 'bogus\nh1\nh9 ls\nlink h1 h9 up\nsource /nofile\npy nobody\nnodes\n' }
  test('lines that are wrong are said one by one, and the next ones run', async () => {
    const path = join(folder, 'script')
    writeFileSync(path, files.script)
    const { status, err } = await run('--switch', 'ovsbr', '--controller', 'none', '--test', 'none', '--post', path)
    expect(err).toContain(`*** Unknown command: bogus
*** Please enter a command for node: h1 <cmd>
*** Unknown command: h9 ls
dst not in network: h9
error reading file /nofile
name 'nobody' is not defined
available nodes are: 
h1 h2 s1
`)
    expect(status).toBe(0)
  })

  test('a test that fails ends it, and the network with it', async () => {
    const path = join(folder, 'test.ts')
    writeFileSync(path, 'export const tests = { mine: async net => { await net.start(); net.get("h7") } }\n')
    const { status, err } = await run('--custom', path, '--switch', 'ovsbr', '--test', 'mine')
    expect(err.endsWith(caught("Exception: node 'h7' not in network"))).toBe(true)
    expect(status).toBe(1)
  })

  test('a controller that does not speak the switch’s version is said', async () => {
    const words = ['--switch', 'ovs,protocols=OpenFlow10', '--wait', '--twait', '3', '--test', 'none']
    const path = join(folder, 'versions.ts')
    writeFileSync(
      path,
      `import { Controller } from 'weft/lab/mininet'
export const controllers = {
  newest: class extends Controller { constructor(box, name, p) { super(box, name, { ...p, command: 'ovs-testcontroller', cargs: '-O OpenFlow14 ptcp:%s' }) } },
}
`,
    )
    const { err } = await run('--custom', path, '--controller', 'newest', ...words)
    expect(err).toContain('Warning: s1 is not connected to a controller\n')
    expect(err).toMatch(/\*\*\* s1 cannot reach tcp:127\.0\.0\.1:6653: .*version/)
    expect(err).toContain('*** Done\n')
  })

  test('clean removes nothing that others made, as there is nothing', async () => {
    writeFileSync(join(folder, 'vconn.log'), 'of somebody else')
    for (const word of ['-c', '--clean'])
      expect(await run(word)).toEqual({ status: 0, out: '', err: '*** Cleanup complete.\n' })
    expect(readdirSync(folder)).toContain('vconn.log')
  })
})

describe('Ctrl-C', () => {
  /** Waits for a text on stderr, sends the signal, and gives what came of it. */
  const interrupted = async (words: readonly string[], input: string, wanted: string) => {
    const { child, said, ended } = start(words)
    child.stdin.write(input)
    await until(
      () => said.err.includes(wanted) || said.out.includes(wanted),
      () => `${JSON.stringify(wanted)} never came:\n${said.err}`,
    )
    child.kill('SIGINT')
    child.stdin.end()
    const result = await ended
    expect(isThere(child.pid as number)).toBe(false)
    return result
  }

  test('ends a host command that never ends, and the lines behind it run', async () => {
    const script = 'sh echo begun\nh1 while true; do sleep 1; done\nh1 echo after\n'
    const { err, out, status } = await interrupted(['--switch', 'ovsbr'], script, 'begun')
    expect(out).toContain('begun\n')
    expect(err).toContain('\nafter\r\n')
    expect(err).toContain('*** Done\n')
    expect(status).toBe(0)
  })

  test('ends a source file of ten million lines, between two of them', async () => {
    const path = join(folder, 'long')
    writeFileSync(path, `nodes\n${'# nothing\n'.repeat(10_000_000)}bogus\n`)
    const { err, status } = await interrupted(['--switch', 'ovsbr'], `source ${path}\n`, 'available nodes are')
    rmSync(path)
    expect(err).toContain('\nInterrupt\n')
    expect(err).not.toContain('bogus')
    expect(err).toContain('*** Done\n')
    expect(status).toBe(0)
  })

  test('ends a custom file that never ends', async () => {
    const path = join(folder, 'endless.ts')
    writeFileSync(path, 'console.error("begun")\nwhile (true) {}\n')
    const { status, signal } = await interrupted(['--custom', path], '', 'begun')
    rmSync(path)
    expect([status, signal]).toEqual([null, 'SIGINT'])
  })

  test('ends a test, with Mininet’s words', async () => {
    const path = join(folder, 'waits.ts')
    writeFileSync(
      path,
      'export const tests = { waits: async net => { console.error("begun"); await net.hosts[0].cmd("while true; do sleep 1; done") } }\n',
    )
    const { err, status } = await interrupted(['--custom', path, '--switch', 'ovsbr', '--test', 'waits'], '', 'begun')
    rmSync(path)
    expect(err).toContain('\n\nKeyboard Interrupt. Shutting down and cleaning up...\n\n')
    expect(status).toBe(130)
  })
})

test('ten million lines on standard input are read to their end', { timeout: 300_000 }, async () => {
  const { child, ended } = start(['--switch', 'ovsbr'])
  const lines = '# nothing\n'.repeat(100_000)
  for (let i = 0; i < 100; i++)
    if (!child.stdin.write(lines)) await new Promise(resolve => child.stdin.once('drain', resolve))
  child.stdin.end('nodes\n')
  const { err, out, status } = await ended
  expect(err).toContain('available nodes are: \nc0 h1 h2 s1\n')
  expect(err).toContain('*** Done\n')
  expect(out).toHaveLength('mininet> '.length * 10_000_002)
  expect(status).toBe(0)
})
