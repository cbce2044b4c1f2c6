/** The built `weft` command, run as a person or a script runs it. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCapture } from '../wire/capture.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'dist', 'cli', 'weft.js')
const home = mkdtempSync(join(tmpdir(), 'weft-cli-'))

beforeAll(() => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}, 180_000)
afterAll(() => rmSync(home, { recursive: true }))

type Ran = { status: number | null; stdout: string; stderr: string; ms: number }

const start = (words: string[], env: Record<string, string> = { HOME: home }, cwd = home) => {
  const began = performance.now()
  const child = spawn(process.execPath, [program, ...words], {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', text => {
    stdout += text
  })
  child.stderr.on('data', text => {
    stderr += text
  })
  const ended = new Promise<Ran>(resolve => {
    child.on('close', status => resolve({ status, stdout, stderr, ms: performance.now() - began }))
  })
  return { child, ended }
}

const weft = (...words: string[]): Promise<Ran> => {
  const { child, ended } = start(words)
  child.stdin.end()
  return ended
}

describe('weft', () => {
  test('says its version and how it is used', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(await weft('--version')).toMatchObject({ status: 0, stdout: `weft ${version}\n`, stderr: '' })
    const help = await weft('--help')
    expect(help).toMatchObject({ status: 0, stderr: '' })
    expect(help.stdout).toMatch(/^usage: weft COMMAND/)
    for (const word of ['lab', 'vtep']) expect(help.stdout).toMatch(new RegExp(`^  ${word} +\\w`, 'm'))
    expect(await weft()).toMatchObject({ status: 2, stdout: '', stderr: help.stdout })
  })

  test('refuses words it does not know, with status 2', async () => {
    const refusal = async (...words: string[]): Promise<string> => {
      const { status, stdout, stderr } = await weft(...words)
      expect([status, stdout]).toEqual([2, ''])
      return stderr.split('\n')[0] as string
    }
    const said = await Promise.all([
      refusal('bogus'),
      refusal('constructor'),
      refusal('lab', '--bogus'),
      refusal('lab', 'bogus'),
      refusal('lab', 'segment', 'two-hypervisors'),
      refusal('lab', '--seed', 'x'),
      refusal('lab', '--seed', '4294967296'),
      refusal('lab', '--seed'),
      refusal('lab', '--list=yes'),
    ])
    expect(said.slice(0, 2)).toEqual([
      "weft: unknown command 'bogus'; use --help for help",
      "weft: unknown command 'constructor'; use --help for help",
    ])
    expect(said[2]).toContain("weft lab: Unknown option '--bogus'")
    expect(said.slice(3, 7)).toEqual([
      "weft lab: there is no lab named 'bogus'; weft lab --list names them",
      'weft lab: one lab at a time, not segment two-hypervisors',
      "weft lab: --seed takes a whole number from 0 to 4294967295, not 'x'",
      "weft lab: --seed takes a whole number from 0 to 4294967295, not '4294967296'",
    ])
    for (const text of said.slice(7)) expect(text).toMatch(/^weft lab: Option /)
  })
})

describe('weft lab', () => {
  test('demonstrates and ends with 0 when nobody is there to type', async () => {
    const { status, stdout, stderr } = await weft('lab')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^\*\*\* Lab two-hypervisors: /)
    expect(stdout).toContain('*** Results: 0% dropped (6/6 received)\n')
    expect(stdout).not.toContain('weft>')
    expect(stdout.endsWith('\n')).toBe(true)
  })

  test('checks: what is missing, with status 1, behind lines and with the exercise solved', async () => {
    const [missing, solved, lines, pings, json] = await Promise.all([
      weft('lab', 'taps', '--check'),
      weft('lab', 'taps', '--solved', '--check'),
      weft('lab', 'taps', '--exec', 'hv1 ovs-vsctl add-br mybridge', '--check'),
      weft('lab', '--check'),
      weft('lab', 'namespaces', '--check', '--json'),
    ])
    expect(missing.status).toBe(1)
    expect(missing.stdout.split('\n')[0]).toBe('hv1 has no bridge mybridge: ovs-vsctl add-br mybridge')
    expect(solved).toMatchObject({ status: 0, stdout: 'nothing is missing\n', stderr: '' })
    expect([lines.status, lines.stdout]).toEqual([1, missing.stdout.split('\n').slice(1).join('\n')])
    expect(pings).toMatchObject({ status: 0, stdout: 'nothing is missing\n' })
    expect(JSON.parse(json.stdout)).toMatchObject({
      lab: 'namespaces',
      missing: expect.arrayContaining(['there is no namespace red: ip netns add red']),
    })
  })

  test('lists the labs, and each of them runs', async () => {
    const { status, stdout } = await weft('lab', '--list')
    expect(status).toBe(0)
    const names = stdout
      .trimEnd()
      .split('\n')
      .map(line => line.split(' ')[0] as string)
    expect(names).toContain('segment')
    const rows = JSON.parse((await weft('lab', '--list', '--json')).stdout) as { name: string; about: string }[]
    expect(rows.map(({ name }) => name)).toEqual(names)
    for (const name of names) expect((await weft('lab', name)).status).toBe(0)
  })

  test('gives JSON on demand, and nothing else', async () => {
    const { status, stdout, stderr } = await weft('lab', '--json', '--seed', '7')
    expect([status, stderr]).toEqual([0, ''])
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ lab: 'two-hypervisors', seed: 7, passed: true })
    expect(report.pings).toHaveLength(6)
    expect(report.pings[2]).toMatchObject({
      from: 'web1',
      to: 'db1',
      address: '10.0.0.2',
      answered: ['db1'],
      right: true,
    })
    expect(report.cables[0]).toEqual({ a: 'hv1:eth0', b: 'r1:eth0', bandwidth: 10e9, delay: 50_000 })
  })

  test('the same seed prints the same, another seed does not', async () => {
    const [one, again, other] = await Promise.all([weft('lab'), weft('lab', '--seed', '1'), weft('lab', '--seed', '2')])
    expect(again?.stdout).toBe(one?.stdout)
    expect(other?.stdout).not.toBe(one?.stdout)
    expect(other?.status).toBe(0)
  })

  test('takes lines to run, and the status is that of the last that failed', async () => {
    const lines = (...texts: string[]) => weft('lab', ...texts.flatMap(text => ['--exec', text]))
    const [good, bad, cat, out] = await Promise.all([
      lines('web1 ping -c 1 10.0.0.2', 'hv1 hostname'),
      lines('hv1 exit 3', 'hv1 true'),
      lines('hv1 cat', 'hv1', 'hv1 head -c 5'),
      lines('exit', 'hv1 echo never'),
    ])
    expect(good).toMatchObject({ status: 0, stderr: '' })
    expect(good?.stdout).toMatch(/1 received[\s\S]*\nhv1\n$/)
    expect(bad).toMatchObject({ status: 3, stdout: '' })
    expect(cat?.stdout).toBe('')
    expect(out).toMatchObject({ status: 0, stdout: '' })
  })

  test('a reader that goes away is no mistake', async () => {
    const { child, ended } = start(['lab'])
    child.stdout.once('data', () => child.stdout.destroy())
    expect(await ended).toMatchObject({ status: 0, stderr: '' })
    const shell = spawnSync('sh', ['-c', `"${process.execPath}" "${program}" lab | head -1`], { encoding: 'utf8' })
    expect(shell.stderr).toBe('')
    expect(shell.stdout.split('\n')).toHaveLength(2)
  })

  test('real time takes the time that it says, a second or so', async () => {
    const { status, stdout, ms } = await weft('lab', '--real-time')
    expect(status).toBe(0)
    expect(stdout).toContain('*** Results: 0% dropped')
    expect(ms).toBeLessThan(10_000)
  })

  test('an hour of pings takes seconds', async () => {
    const { status, stdout, ms } = await weft('lab', '--exec', 'web1 ping -q -c 3600 10.0.0.2')
    expect(status).toBe(0)
    expect(stdout).toContain('3600 packets transmitted, 3600 received, 0% packet loss, time 3599000ms')
    expect(ms).toBeLessThan(20_000)
  })

  test('writes captures that open', async () => {
    const { stdout } = await weft('lab', '--exec', 'capture x.pcapng', '--exec', 'pingall')
    const { packets, bad } = readCapture(new Uint8Array(readFileSync(join(home, 'x.pcapng'))))
    expect(bad).toBeUndefined()
    expect(stdout).toContain(`*** ${packets.length} frames in x.pcapng\n`)
    expect(new Set(packets.map(packet => packet.interface.name))).toContain('hv1:eth0')
    const refused = await weft('lab', '--exec', 'capture /nonexistent/x.pcapng')
    expect(refused).toMatchObject({ status: 1, stdout: '*** /nonexistent/x.pcapng: No such file or directory\n' })
  })

  test('does without a home, and leaves nothing there without a prompt', async () => {
    for (const env of [{}, { HOME: '/nonexistent' }, { HOME: '' }] as Record<string, string>[]) {
      const { child, ended } = start(['lab', '--exec', 'hv1 hostname'], env)
      child.stdin.end()
      expect(await ended).toMatchObject({ status: 0, stdout: 'hv1\n', stderr: '' })
    }
    expect(readdirSync(home).filter(name => name.startsWith('.'))).toEqual([])
  })

  test('Ctrl-C without a terminal ends it', async () => {
    const { child, ended } = start(['lab', '--exec', 'web1 ping 10.0.0.2 > /dev/null'])
    setTimeout(() => child.kill('SIGINT'), 1500)
    expect((await ended).status).not.toBe(0)
  })
})
