/**
 * `ovs-ofctl monitor` in the background and its control socket: the original's and ours do, say and leave behind the same,
 * whichever ovs-appctl asks.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileLocks } from '../../src/linux/index.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { until } from './waiting.testing.ts'
import { buildWeft, runIn, type WeftCli } from './weft-cli.testing.ts'

let weft: WeftCli

const settled = (text: string, directory: string): string =>
  text
    .replaceAll(directory, 'DIR')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/pid \d+/g, 'pid N')
    .replace(/\.\d+\.ctl/g, '.N.ctl')

/** Files that a daemon made, by kind. */
const left = (directory: string): string[] =>
  readdirSync(directory)
    .filter(name => /^(ovs-ofctl|own)\b/.test(name))
    .map(name => settled(name, directory))
    .sort()

/** Waits until what ends has put its pid file and control socket away. */
const gone = (directory: string): Promise<void> =>
  until(
    () => !left(directory).some(name => /\.(ctl|pid)$/.test(name)),
    () => `the end of what has ${left(directory).join(' ')}`,
  )

type Tools = { ofctl: string; appctl: string }

/** Tools, and a switch for them alone. */
type Way = { name: string; real: RealSwitch } & Tools

/** Lines that begin with `!` are for ovs-appctl; the rest are for ovs-ofctl. */
const play = async (script: readonly string[], { ofctl, appctl, real: { directory } }: Way): Promise<string[]> => {
  const told: string[] = []
  for (const line of script) {
    const command = line.startsWith('!') ? `${appctl} ${line.slice(1)}` : `${ofctl} ${line}`
    const { stdout, stderr, status } = await runIn(directory, command.replaceAll('DIR', directory))
    told.push(`${line} [${status}]\n${settled(stdout, directory)}${settled(stderr, directory)}`)
    if (/ exit$/.test(line) && status === 0) await gone(directory)
    if (/monitor|exit/.test(line)) told.push(`files: ${left(directory).join(' ')}`)
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
  /** The originals, our ovs-appctl, our ovs-ofctl. */
  let ways: Way[]
  beforeAll(async () => {
    weft = await buildWeft()
    const [theirs, ours] = [{ ofctl: 'ovs-ofctl', appctl: 'ovs-appctl' }, weft.tool]
    const tools = [
      { name: 'theirs', ...theirs },
      { name: 'our ovs-appctl', ...theirs, appctl: ours('ovs-appctl') },
      { name: 'our ovs-ofctl', ...theirs, ofctl: ours('ovs-ofctl') },
    ]
    ways = tools.map(each => ({ ...each, real: startRealSwitch() }))
    for (const { real } of ways)
      real.run('ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1')
  })
  afterAll(() => {
    for (const { real } of ways ?? []) real.close()
    weft?.close()
  })

  /** Each way at the same time; all must give what the first gives. */
  const same = async (use: (way: Way) => Promise<unknown>, what = ''): Promise<void> => {
    const [expected, ...others] = await Promise.all(ways.map(use))
    for (const [i, each] of others.entries()) expect(each, `${ways[i + 1]?.name} ${what}`).toEqual(expected)
  }

  test.each(Object.entries(scripts))('%s', async (_, script) => {
    await same(async way => {
      const { directory } = way.real
      const out = join(directory, 'out.txt')
      for (const name of ['out.txt', 'own.log']) rmSync(join(directory, name), { force: true })
      const told = await play(script, way)
      const written = existsSync(out) ? readFileSync(out, 'utf8') : ''
      // A switch asks after a minute of silence.
      return { told, written: written.replace(/^OFPT_ECHO_REQUEST .*\n/gm, '') }
    })
  })

  test('a signal ends it, and it leaves nothing behind', async () => {
    await same(async ({ ofctl, real: { directory } }) => {
      const at = (name: string): string => join(directory, name)
      await runIn(directory, `${ofctl} ${begin} --log-file=${at('own.log')}`)
      process.kill(Number(readFileSync(at('own.pid'), 'utf8')), 'SIGTERM')
      await gone(directory)
      expect(left(directory), ofctl).toEqual(['own.log'])
      const log = settled(readFileSync(at('own.log'), 'utf8'), directory)
      expect(log).toContain('TIME|00002|fatal_signal|WARN|terminating with signal 15 (Terminated)\n')
      rmSync(at('own.log'))
    })
  })

  test('a pid file that was left behind is not a daemon', async () => {
    await same(async way => {
      // A number that a living process has, and no lock.
      writeFileSync(join(way.real.directory, 'ovs-ofctl.pid'), `${process.pid}\n`)
      return play(['!-t ovs-ofctl version', 'monitor br0 --detach --pidfile', '!-t ovs-ofctl exit'], way)
    })
  })

  test('a pid file that another has locked', async () => {
    for (const text of ['', '77\n'])
      await same(async way => {
        const path = join(way.real.directory, 'ovs-ofctl.pid')
        const file = openSync(path, 'w')
        writeSync(file, text)
        expect(fileLocks()?.lock(file)).toBe(true)
        const told = await play(['!-t ovs-ofctl version', 'monitor br0 --detach --pidfile'], way)
        closeSync(file)
        rmSync(path)
        return told
      }, text)
  })

  test('--monitor starts it again after a crash', async () => {
    await same(async ({ ofctl, real: { directory } }) => {
      const at = (name: string): string => join(directory, name)
      await runIn(directory, `${ofctl} ${begin} --monitor --log-file=${at('own.log')}`)
      const pid = (): number => (existsSync(at('own.pid')) ? Number(readFileSync(at('own.pid'), 'utf8')) : 0)
      const before = pid()
      process.kill(before, 'SIGSEGV')
      await until(() => ![0, before].includes(pid()), `another process of ${ofctl}`)
      await until(() => existsSync(at('own.ctl')), 'a control socket')
      const exit = await runIn(directory, `ovs-appctl -t ${at('own.ctl')} exit`)
      expect(exit.status, ofctl).toBe(0)
      const written = (): string => settled(readFileSync(at('own.log'), 'utf8'), directory)
      await until(() => written().endsWith('exiting\n'), written)
      const log = written()
      expect(log, ofctl).toContain('|ERR|1 crashes: pid N died, killed (Segmentation fault), restarting\n')
      expect(log, ofctl).toContain('|INFO|pid N died, exit status 0, exiting\n')
      for (const name of left(directory)) rmSync(at(name), { force: true })
    })
  })
})
