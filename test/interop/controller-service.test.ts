/**
 * How a bridge keeps its controllers: when it calls, probes and gives up, what a change of their columns does to the
 * connection, and what it does without them. A real ovs-vswitchd and ours, second by second.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { type Happening, ourTimed, playTimed, realTimed, type TimedSwitch } from './controllers/timeline.testing.ts'
import { hasOpenVswitch } from './real-switch.ts'

const set = (columns = ''): string =>
  `ovs-vsctl set-controller br0 TARGET -- set controller br0 connection_mode=out-of-band ${columns}`
const status = (at: number): Happening => ({
  at,
  run: 'ovs-vsctl --columns=is_connected,role,status list controller',
})
const flows = (at: number): Happening => ({ at, run: 'ovs-appctl bridge/dump-flows br0' })
const run = (at: number, command: string): Happening => ({ at, run: command })
const change = (at: number, columns: string): Happening => run(at, `ovs-vsctl set controller br0 ${columns}`)

type Script = { seconds: number; happenings: readonly Happening[] }

const scripts: Readonly<Record<string, Script>> = {
  'one that is not there, comes and goes': {
    seconds: 45,
    happenings: [
      run(0, set()),
      status(12),
      { at: 18, habit: { listens: true } },
      status(30),
      { at: 31, hangUp: true },
      { at: 36, habit: { listens: false } },
      { at: 36, hangUp: true },
      status(44),
    ],
  },
  'one that does not answer probes, nor say hello': {
    seconds: 60,
    happenings: [
      { at: 0, habit: { listens: true } },
      run(0, set()),
      { at: 12, habit: { echoes: false } },
      { at: 23, habit: { hello: false } },
      status(30),
      status(59),
    ],
  },
  'other columns': {
    seconds: 62,
    happenings: [
      { at: 0, habit: { listens: true } },
      run(0, set('inactivity_probe=1000 max_backoff=3000')),
      { at: 1, say: { type: 'barrier_request' } },
      change(7, 'inactivity_probe=0'),
      change(20, 'inactivity_probe=7000'),
      { at: 28, habit: { listens: false } },
      { at: 28, hangUp: true },
      { at: 36, habit: { listens: true } },
      change(41, 'controller_rate_limit=100'),
      change(42, 'enable_async_messages=false'),
      change(43, 'type=service'),
      run(44, 'ovs-vsctl set bridge br0 protocols=OpenFlow10,OpenFlow13'),
      run(46, 'ovs-vsctl set bridge br0 protocols=OpenFlow13'),
      run(48, 'ovs-vsctl clear bridge br0 protocols'),
      run(50, 'ovs-vsctl set bridge br0 other_config:datapath-id=0000000000000007'),
      run(53, 'ovs-vsctl set bridge br0 other_config:disable-in-band=true'),
      change(54, 'controller_queue_size=5 max_backoff=2000'),
      change(55, 'other_config:dscp=10'),
      run(58, 'ovs-vsctl set-fail-mode br0 secure'),
      run(60, 'ovs-vsctl del-controller br0'),
    ],
  },
  'a bridge that does without': {
    seconds: 50,
    happenings: [
      run(0, 'ovs-ofctl add-flow br0 priority=7,actions=drop'),
      run(1, set()),
      flows(2),
      run(3, 'ovs-ofctl add-flow br0 priority=8,actions=drop'),
      flows(10),
      flows(18),
      run(19, 'ovs-ofctl add-flow br0 priority=9,actions=drop'),
      { at: 22, habit: { listens: true } },
      change(26, 'inactivity_probe=60000'),
      flows(34),
      { at: 35, say: { type: 'features_request' } },
      flows(36),
      { at: 37, say: { type: 'barrier_request' } },
      flows(38),
      run(39, 'ovs-vsctl set-fail-mode br0 secure'),
      flows(40),
      change(41, 'inactivity_probe=0'),
      run(42, 'ovs-vsctl set-fail-mode br0 standalone'),
      flows(43),
      { at: 44, habit: { listens: false } },
      { at: 44, hangUp: true },
      flows(46),
      run(47, 'ovs-vsctl del-controller br0'),
      flows(48),
    ],
  },
  'without probes': {
    seconds: 8,
    happenings: [
      run(0, set('inactivity_probe=0')),
      flows(1),
      run(2, 'ovs-vsctl set-fail-mode br0 secure'),
      run(3, 'ovs-ofctl add-flow br0 priority=7,actions=drop'),
      flows(4),
      run(5, 'ovs-vsctl set-fail-mode br0 standalone'),
      flows(6),
    ],
  },
  'one that is no controller': {
    seconds: 20,
    happenings: [
      run(0, set('type=service')),
      flows(18),
      run(
        19,
        'ovs-vsctl -- --id=@c create controller target=ptcp:0:127.0.0.1 type=primary -- set bridge br0 controller=@c',
      ),
      flows(20),
    ],
  },
}

/** A knock is at one time or another, as the second begins: only that there are some is compared. */
const knock = /^\d+: OFPT_PACKET_IN .*in_port=LOCAL \(via no_match\)/

const settled = (told: readonly string[]): string[] =>
  told
    .filter(line => !knock.test(line))
    .map(line =>
      line
        .replace(/sec_since_(\w+)="\d+"/g, 'sec_since_$1')
        .replace(/duration=\d+s, |n_packets=\d+, |n_bytes=\d+, /g, '')
        .replace(/^\w{8}-[\w-]{27}$/gm, 'UUID'),
    )

describe.skipIf(!hasOpenVswitch())('controllers', () => {
  const open: TimedSwitch[] = []
  afterEach(() => {
    for (const each of open.splice(0)) each.close()
  })

  test.each(Object.entries(scripts))('%s', async (_, { seconds, happenings }) => {
    const play = async (timed: TimedSwitch): Promise<string[]> => {
      open.push(timed)
      return playTimed(timed, happenings, { seconds })
    }
    const [expected, told] = await Promise.all([realTimed().then(play), play(ourTimed())])
    expect(settled(told)).toEqual(settled(expected))
    const [ours, theirs] = [told, expected].map(lines => lines.filter(line => knock.test(line)).length)
    expect(Math.abs((ours ?? 0) - (theirs ?? 0))).toBeLessThan(3)
  })
})
