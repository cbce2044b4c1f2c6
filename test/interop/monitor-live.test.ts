/**
 * What `ovs-ofctl monitor` tells of the same events, live: the original and ours, at a real ovs-vswitchd and at a switch of
 * ours, in every version, every form of packet-ins, with more said and with flows watched.
 */
import { afterEach, describe, expect, test } from 'vitest'
import type { Result } from '../../src/tools/words.testing.ts'
import { runBeside, startBeside } from './beside.testing.ts'
import { runOurs } from './ofctl-run.testing.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { later, until } from './waiting.testing.ts'
import { startWeftSwitch, type WeftSwitch } from './weft-switch.testing.ts'

const versions = [10, 11, 12, 13, 14, 15]
const formats = ['', '-P standard', '-P nxt_packet_in', '-P nxt_packet_in2']
/** Not all at once: a real switch lets so many in and no more. */
const groups: Readonly<Record<string, readonly string[]>> = {
  'packet-ins in every form': versions.flatMap(version =>
    formats.map(format => `-O OpenFlow${version} ${format} monitor br0 100`),
  ),
  'more, names and other wishes': [
    ...versions.map(version => `-O OpenFlow${version} -m monitor br0 100`),
    ...versions.map(version => `-O OpenFlow${version} --names monitor br0 65535`),
    '-O OpenFlow12 monitor br0 100 invalid_ttl',
  ],
  ...Object.fromEntries(
    [10, 13, 14, 15].map(version => [
      `flows watched in OpenFlow${version}`,
      ['watch:', 'watch:!initial', 'watch:!own', 'watch:!actions', 'watch:!add', 'watch:!delete', 'watch:table=1'].map(
        watch => `-O OpenFlow${version} monitor br0 100 ${watch}`,
      ),
    ]),
  ),
}

const packet =
  '505400000007505400000005080045000028000000000106f97cc0a80001c0a80002000800500000000000000000500000000000000000000000'
const packetOut = (actions: string, version = 13): string =>
  `ovs-ofctl -O OpenFlow${version} packet-out br0 "in_port=1 packet=${packet} actions=${actions}"`

/** A removed flow is told of in the switch's own time: so many have been up to then. */
type Event = string | { line: string; removed: number }

/** What happens while they listen. */
const events: readonly Event[] = [
  'ovs-ofctl add-flow br0 "table=0,priority=7,cookie=0x12,tcp,in_port=1,actions=output:p2"',
  'ovs-ofctl -O OpenFlow13 --strict mod-flows br0 "table=0,priority=7,tcp,in_port=1,actions=set_field:10.0.0.1->ip_dst,output:p2"',
  'ovs-ofctl add-flow br0 "table=1,send_flow_rem,udp,actions=drop"',
  { line: 'ovs-ofctl del-flows br0 table=1', removed: 1 },
  {
    line: 'ovs-ofctl add-flow br0 "table=2,send_flow_rem,hard_timeout=1,cookie=0x99,arp,actions=NORMAL"',
    removed: 2,
  },
  packetOut('controller'),
  packetOut('controller(max_len=20)'),
  packetOut('controller(reason=invalid_ttl)'),
  packetOut('controller(reason=action,userdata=01.02.03.04)'),
  packetOut('set_field:0x1234->reg3,set_field:0x77->metadata,set_field:9->tun_id,controller', 14),
  packetOut('push_vlan:0x8100,set_field:4097->vlan_vid,controller', 15),
  'ovs-ofctl mod-port br0 p1 down',
  'ovs-ofctl mod-port br0 p1 no-flood',
  'ovs-ofctl mod-port br0 p1 up',
  'ovs-ofctl -O OpenFlow13 add-group br0 group_id=5,type=all,bucket=output:1',
  'ovs-ofctl -O OpenFlow13 add-flow br0 "table=3,priority=1,actions=group:5"',
  'ovs-ofctl -O OpenFlow13 del-groups br0 group_id=5',
  'ovs-ofctl del-flows br0',
]

/** Packets that tell apart who listens already, and who has heard all that was before: the address is a number. */
const markerType = '9999'
const markerAddress = (number: number): string => `02000000${number.toString(16).padStart(4, '0')}`
const marker = (number: number): string =>
  `ovs-ofctl packet-out br0 "in_port=2 packet=505400000007${markerAddress(number)}${markerType}${'00'.repeat(46)} actions=controller"`
const marked = (number: number): string => `dl_src=${markerAddress(number).match(/../g)?.join(':')}`

/** Without the markers. */
const unmarked = (text: string): string =>
  text
    .split(/^(?=(?:\S+\|)?(?:OFPT|NXT|OFPST|NXST)_)/m)
    .filter(message => !message.includes(`dl_type=0x${markerType}`))
    .join('')

const settled = (text: string): string =>
  unmarked(text)
    .replace(/\d{4}-\d\d-\d\dT[\d:]+Z\|/g, 'TIME|')
    .replace(/\(xid=0x[0-9a-f]+\)/g, '(xid)')
    .replace(/xid=0x[0-9a-f]+/g, 'xid')
    .replace(/duration=?[0-9.]+s/g, 'duration')
    .replace(/addr:[0-9a-f:]{17}/g, 'addr')

type Told = { line: string; status: number; told: string }

/** One who listens: what it has heard so far, and all. */
type Listener = { live: Result; told: Promise<Told> }

const listener = (line: string, { live, ended }: { live: Result; ended: Promise<Result> }): Listener => ({
  live,
  told: ended.then(({ stdout, stderr, status }) => ({ line, status, told: settled(stdout + stderr) })),
})

const theirs = (line: string, directory: string): Listener => listener(line, startBeside(directory, line))

const ours = (line: string, directory: string): Listener => {
  const live: Result = { stdout: '', stderr: '', status: -1 }
  return listener(line, { live, ended: runOurs(line, directory, '', live) })
}

/** A switch for one test; it goes, and with it who listens. */
type Place = { directory: string; end(): Promise<void> | void }

const realPlace = (): Place => {
  const real: RealSwitch = startRealSwitch()
  const port = (name: string, number: number): string =>
    `-- add-port br0 ${name} -- set interface ${name} ofport_request=${number}`
  real.run(`ovs-vsctl add-br br0 ${port('p1', 1)} ${port('p2', 2)}`)
  places.push(() => real.close())
  return { directory: real.directory, end: () => void real.run('ovs-vsctl del-br br0') }
}

const ourPlace = async (): Promise<Place> => {
  const weft: WeftSwitch = await startWeftSwitch()
  let closed = false
  const end = async (): Promise<void> => {
    if (!closed) await weft.close()
    closed = true
  }
  places.push(end)
  return { directory: weft.directory, end }
}

const places: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of places.splice(0)) await close()
})

/** What both tools tell at a switch. */
const hear = async ({ directory, end }: Place, monitors: readonly string[]): Promise<Told[][]> => {
  const run = async (line: string): Promise<void> => {
    const { status, stderr } = await runBeside(directory, line)
    expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: '' })
  }
  await run('ovs-ofctl del-flows br0')
  const starts = [theirs, ours].flatMap(listen =>
    monitors.map(monitor => () => listen(`ovs-ofctl ${monitor}`, directory)),
  )
  const listeners: Listener[] = []
  for (const start of starts) {
    listeners.push(start())
    await later(10)
  }
  /** A real switch hangs up on who says no hello for a second, as this busy process may: those call again. */
  const callAgain = (): void => {
    for (const [i, { live }] of listeners.entries())
      if (live.status > 0 && live.stderr.includes('failed to connect to socket')) listeners[i] = starts[i]!()
  }
  const all = (hears: (text: string) => boolean, what: string): Promise<void> => {
    const missing = (): Listener[] => listeners.filter(({ live }) => !hears(live.stdout + live.stderr))
    return until(
      () => missing().length === 0,
      () => `${what}, in ${missing()[0]?.live.stderr}`,
    )
  }
  let number = 0
  const mark = async (): Promise<void> => {
    await run(marker(++number))
    await all(text => text.includes(marked(number)), `marker ${number}`)
  }
  // Who hears a marker listens.
  await until(
    async () => {
      callAgain()
      await run(marker(++number))
      return listeners.every(({ live }) => (live.stdout + live.stderr).includes(`dl_type=0x${markerType}`))
    },
    () => `all listening in ${directory}: ${listeners.map(({ live }) => live.stderr.slice(0, 200)).join('\n')}`,
  )
  await mark()
  for (const event of events) {
    const { line, removed } = typeof event === 'string' ? { line: event, removed: 0 } : event
    await run(line)
    await all(text => (text.match(/FLOW_REMOVED/g)?.length ?? 0) >= removed, `${removed} flows removed`)
    await mark()
  }
  await end()
  const told = await Promise.all(listeners.map(each => each.told))
  return [told.slice(0, monitors.length), told.slice(monitors.length)]
}

describe.skipIf(!hasOpenVswitch())('ovs-ofctl monitor', () => {
  test.each(Object.entries(groups))('%s: the same, whoever asks and whoever is asked', async (_, monitors) => {
    const [[expected = [], ...more], weft] = await Promise.all([
      hear(realPlace(), monitors),
      hear(await ourPlace(), monitors),
    ])
    // Something was told to everyone.
    expect(expected.filter(({ told }) => !told.includes('PACKET_IN'))).toEqual([])
    const wrong = [...more, ...weft].flatMap((answers, way) =>
      answers.flatMap((answer, i) =>
        JSON.stringify(answer) === JSON.stringify(expected[i])
          ? []
          : [{ answer, expected: expected[i], way: ways[way] }],
      ),
    )
    expect(wrong).toEqual([])
  })
})

const ways = ['our tool, real switch', 'their tool, our switch', 'our tool, our switch']
