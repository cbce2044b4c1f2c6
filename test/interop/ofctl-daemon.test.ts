/**
 * `ovs-ofctl monitor` in the background and its control socket: the original's and ours do, say and leave behind the same,
 * whichever ovs-appctl asks.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileLocks } from '../../src/linux/index.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { later, until } from './waiting.testing.ts'
import { buildWeft, runIn, type WeftCli } from './weft-cli.testing.ts'

let real: RealSwitch
let weft: WeftCli

const settled = (text: string): string =>
  text
    .replaceAll(real.directory, 'DIR')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/pid \d+/g, 'pid N')
    .replace(/\.\d+\.ctl/g, '.N.ctl')

/** Files that a daemon made, by kind. */
const left = (): string[] =>
  readdirSync(real.directory)
    .filter(name => /^(ovs-ofctl|own)\b/.test(name))
    .map(settled)
    .sort()

/** Waits until what ends has put its pid file and control socket away. */
const gone = async (): Promise<void> => {
  for (let i = 0; i < 100 && left().some(name => /\.(ctl|pid)$/.test(name)); i++) await later(20)
}

type Tools = { ofctl: string; appctl: string }

/** Lines that begin with `!` are for ovs-appctl; the rest are for ovs-ofctl. */
const play = async (script: readonly string[], { ofctl, appctl }: Tools): Promise<string[]> => {
  const told: string[] = []
  for (const line of script) {
    const command = line.startsWith('!') ? `${appctl} ${line.slice(1)}` : `${ofctl} ${line}`
    const { stdout, stderr, status } = await runIn(real.directory, command.replaceAll('DIR', real.directory))
    told.push(`${line} [${status}]\n${settled(stdout)}${settled(stderr)}`)
    if (/ exit$/.test(line) && status === 0) await gone()
    if (/monitor|exit/.test(line)) told.push(`files: ${left().join(' ')}`)
  }
  return told
}

const control = '-t DIR/own.ctl'
const begin = 'monitor br0 --detach --pidfile=own.pid --no-chdir --unixctl=own.ctl'
const toFile = `!${control} ofctl/set-output-file DIR/out.txt`
const packet = 'packet=0102030405060102030405060800'

const scripts: Readonly<Record<string, readonly string[]>> = {
  'what there is': [
    begin,
    ...['list-commands', 'version', 'vlog/list', 'vlog/list-pattern', 'nope', 'version x', 'ofctl/send'].map(
      command => `!${control} ${command}`,
    ),
    `!${control} vlog/set nonsense`,
    `!${control} vlog/set vconn:file:dbg`,
    `!${control} vlog/set PATTERN:file:%m`,
    `!${control} vlog/set PATTERN:nowhere:%m`,
    `!${control} vlog/set FACILITY:daemon`,
    `!${control} vlog/set FACILITY:nobody`,
    `!${control} vlog/list`,
    `!${control} vlog/list-pattern`,
    `!${control} vlog/reopen`,
    `!${control} vlog/close`,
    `!${control} vlog/disable-rate-limit vconn`,
    `!${control} vlog/enable-rate-limit nothing`,
    `!${control} coverage/read-counter nothing`,
    `!${control} exit x`,
    `!${control} exit`,
    `!${control} exit`,
  ],
  'messages and packets': [
    begin,
    toFile,
    `!${control} ofctl/set-output-file /nonexistent/file`,
    `!${control} ofctl/barrier`,
    `!${control} ofctl/send 0102000800000005`,
    `!${control} ofctl/barrier`,
    `!${control} ofctl/send 0102000800000005 01020008000000`,
    `!${control} ofctl/barrier`,
    `!${control} ofctl/send xyz`,
    `!${control} ofctl/send 01020008000000050102`,
    `!${control} ofctl/packet-out "in_port=controller ${packet} actions=p1"`,
    `!${control} ofctl/packet-out "in_port=controller packet=010203 actions=p1"`,
    `!${control} ofctl/packet-out "in_port=controller actions=output:1"`,
    `!${control} ofctl/packet-out "in_port=controller ${packet} actions=nonsense"`,
    `!${control} ofctl/packet-out "in_port=1 ${packet} actions=controller"`,
    `!${control} ofctl/barrier`,
    `!${control} ofctl/block`,
    `!${control} ofctl/block`,
    `!${control} ofctl/send 0102000800000006`,
    `!${control} -T 1 ofctl/barrier`,
    `!${control} ofctl/barrier`,
    `!${control} ofctl/unblock`,
    `!${control} ofctl/unblock`,
    `!${control} ofctl/barrier`,
    `!${control} exit`,
  ],
  'one at a time': [
    begin,
    begin,
    `!${control} exit`,
    `${begin} --overwrite-pidfile --log-file=DIR/own.log`,
    `!${control} vlog/close`,
    `!${control} vlog/reopen`,
    `!${control} exit`,
  ],
  'by its pid file': [
    'monitor br0 --detach --pidfile',
    '!-t ovs-ofctl version',
    'monitor br0 --detach --pidfile',
    '!-t ovs-ofctl exit',
    '!-t ovs-ofctl version',
    'monitor br0 --detach --pidfile --overwrite-pidfile',
    '!-t ovs-ofctl exit',
  ],
  'what cannot be': [
    'monitor nobr --detach --pidfile',
    'monitor br0 --detach --unixctl=/nonexistent/socket',
    'monitor br0 --detach --pidfile=/nonexistent/pid',
    'monitor br0 --detach --log-file=/nonexistent/log',
    'monitor br0 watch:nothing --detach',
    'show br0 --detach --pidfile --monitor --unixctl=own.ctl -O nothing',
  ],
}

describe.skipIf(!hasOpenVswitch())('a daemon', () => {
  beforeAll(async () => {
    weft = await buildWeft()
    real = startRealSwitch()
    real.run('ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1')
  })
  afterAll(() => {
    real?.close()
    weft?.close()
  })

  const bothWays = (): Tools[] => [
    { ofctl: 'ovs-ofctl', appctl: 'ovs-appctl' },
    { ofctl: 'ovs-ofctl', appctl: weft.tool('ovs-appctl') },
    { ofctl: weft.tool('ovs-ofctl'), appctl: 'ovs-appctl' },
  ]

  test.each(Object.entries(scripts))('%s', async (_, script) => {
    const tools = { theirs: 'ovs-ofctl', ours: weft.tool('ovs-ofctl') }
    const asks = { theirs: 'ovs-appctl', ours: weft.tool('ovs-appctl') }
    const out = join(real.directory, 'out.txt')
    const run = async (which: Tools): Promise<{ told: string[]; written: string }> => {
      for (const name of ['out.txt', 'own.log']) rmSync(join(real.directory, name), { force: true })
      const told = await play(script, which)
      return { told, written: existsSync(out) ? readFileSync(out, 'utf8') : '' }
    }
    const expected = await run({ ofctl: tools.theirs, appctl: asks.theirs })
    expect(await run({ ofctl: tools.theirs, appctl: asks.ours }), 'our ovs-appctl').toEqual(expected)
    expect(await run({ ofctl: tools.ours, appctl: asks.theirs }), 'our ovs-ofctl').toEqual(expected)
  })

  test('a signal ends it, and it leaves nothing behind', async () => {
    for (const tool of ['ovs-ofctl', weft.tool('ovs-ofctl')]) {
      await runIn(real.directory, `${tool} ${begin} --log-file=${real.directory}/own.log`)
      process.kill(Number(readFileSync(join(real.directory, 'own.pid'), 'utf8')), 'SIGTERM')
      await gone()
      expect(left(), tool).toEqual(['own.log'])
      const log = settled(readFileSync(join(real.directory, 'own.log'), 'utf8'))
      expect(log).toContain('TIME|00002|fatal_signal|WARN|terminating with signal 15 (Terminated)\n')
      rmSync(join(real.directory, 'own.log'))
    }
  })

  test('a pid file that was left behind is not a daemon', async () => {
    const path = join(real.directory, 'ovs-ofctl.pid')
    const left: string[][] = []
    for (const tools of bothWays()) {
      // A number that a living process has, and no lock.
      writeFileSync(path, `${process.pid}\n`)
      left.push(await play(['!-t ovs-ofctl version', 'monitor br0 --detach --pidfile', '!-t ovs-ofctl exit'], tools))
    }
    for (const each of left) expect(each).toEqual(left[0])
  })

  test('a pid file that another has locked', async () => {
    const path = join(real.directory, 'ovs-ofctl.pid')
    for (const text of ['', '77\n']) {
      const told: string[][] = []
      for (const tools of bothWays()) {
        const file = openSync(path, 'w')
        writeSync(file, text)
        expect(fileLocks()?.lock(file)).toBe(true)
        told.push(await play(['!-t ovs-ofctl version', 'monitor br0 --detach --pidfile'], tools))
        closeSync(file)
        rmSync(path)
      }
      for (const each of told) expect(each, text).toEqual(told[0])
    }
  })

  test('--monitor starts it again after a crash', async () => {
    for (const tool of ['ovs-ofctl', weft.tool('ovs-ofctl')]) {
      await runIn(real.directory, `${tool} ${begin} --monitor --log-file=${real.directory}/own.log`)
      const pid = (): number => Number(readFileSync(join(real.directory, 'own.pid'), 'utf8'))
      const before = pid()
      process.kill(before, 'SIGSEGV')
      for (let i = 0; i < 150 && (!existsSync(join(real.directory, 'own.pid')) || pid() === before); i++)
        await later(100)
      expect(pid(), tool).not.toBe(before)
      await until(
        () => existsSync(join(real.directory, 'own.ctl')),
        () => 'no control socket',
      )
      const exit = await runIn(real.directory, `ovs-appctl -t ${real.directory}/own.ctl exit`)
      expect(exit.status, tool).toBe(0)
      const written = (): string => settled(readFileSync(join(real.directory, 'own.log'), 'utf8'))
      await until(() => written().endsWith('exiting\n'), written)
      const log = written()
      expect(log, tool).toContain('|ERR|1 crashes: pid N died, killed (Segmentation fault), restarting\n')
      expect(log, tool).toContain('|INFO|pid N died, exit status 0, exiting\n')
      for (const name of left()) rmSync(join(real.directory, name), { force: true })
    }
  })
})
