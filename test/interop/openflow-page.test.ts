/** What the page about OpenFlow types at a real shell: real tools and a lab that they reach print what it shows. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linesOf, page, says, session } from '../transcripts/page.testing.ts'
import { freePort } from './controllers/controller.testing.ts'
import { hasOpenVswitch } from './real-switch.ts'
import { until } from './waiting.testing.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const shown = session(page('docs/openflow.md'), '$ ')
const hasTools = hasOpenVswitch() && spawnSync('which', ['ovs-testcontroller']).status === 0

const answers = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = createConnection(port, '127.0.0.1')
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })

describe.skipIf(!hasTools)('the page about OpenFlow, from outside', () => {
  let directory: string
  let port: number
  const children: ChildProcess[] = []
  const exported: Record<string, string> = {}

  /** The page's paths and port are the test's own. */
  const own = (text: string): string => text.replaceAll('/tmp/lab', `${directory}/lab`).replaceAll('6653', String(port))

  const shell = (line: string): ChildProcess =>
    spawn('bash', ['-c', `weft() { node ${root}dist/cli/weft.js "$@"; }\n${line}`], {
      cwd: directory,
      env: { ...process.env, ...exported },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })

  /** Begins what a line with `&` begins, and waits until it can be reached. */
  const begin = async (line: string): Promise<void> => {
    children.push(shell(line))
    const socket = /--run-dir (\S+)/.exec(line)?.[1]
    if (socket === undefined) await until(() => answers(port), 'nobody listens on the port')
    else
      await until(
        () => existsSync(`${socket}/s1/br0.mgmt`),
        () => `no sockets in ${socket}`,
      )
  }

  const run = async (line: string): Promise<string> => {
    const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) {
      exported[name] = value
      return ''
    }
    if (line.endsWith(' &')) {
      await begin(line.slice(0, -2))
      return ''
    }
    const child = shell(line)
    children.push(child)
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', text => {
        printed += text
      })
    const ended = new Promise(done => child.on('close', done))
    await ended
    return printed
  }

  beforeAll(async () => {
    expect(spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { encoding: 'utf8' })).toMatchObject({
      status: 0,
    })
    directory = mkdtempSync(join(tmpdir(), 'weft-page-'))
    port = await freePort()
  })
  afterAll(() => {
    // Each is a group of its own: the shell and what it runs.
    for (const { pid, exitCode, signalCode } of children)
      if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid)
    rmSync(directory, { recursive: true, force: true })
  })

  test.each(shown)('line $at: $line', async ({ line, output }) => {
    const wanted = linesOf(own(output.join('\n')))
    const printed = linesOf(await run(own(line)))
    if (!says(wanted, printed)) expect(printed).toEqual(wanted)
  })

  test('shows something', () => {
    expect(shown.length).toBeGreaterThan(7)
  })
})
