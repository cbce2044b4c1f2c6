/** What flows see of IP fragments in each of the modes of `set-frags`, beside a real ovs-vswitchd: whole traces. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseMatch } from '../../src/flow/match-text.ts'
import { frameOf, traceFlow } from '../../src/switch/trace.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { startWeftSwitch, type WeftSwitch } from './weft-switch.testing.ts'

const flows = [
  'priority=9,tcp,tp_dst=80,actions=2',
  'priority=8,tcp,tp_dst=0,actions=3',
  'priority=7,udp6,tp_src=5,actions=load:7->NXM_OF_UDP_DST[],2',
  'priority=6,ip,nw_frag=later,nw_src=10.0.0.1,actions=mod_nw_ttl:3,resubmit(,1)',
  'priority=5,tcp,nw_frag=first,tp_src=7,actions=load:9->NXM_OF_TCP_SRC[],resubmit(,1)',
  'priority=4,udp,nw_frag=yes,actions=mod_tp_dst:5,resubmit(2,1)',
  'priority=3,icmp,nw_frag=not_later,icmp_type=8,actions=2,3',
  'priority=2,sctp,actions=move:OXM_OF_SCTP_SRC[]->NXM_NX_REG0[0..15],1',
  'priority=1,ip,nw_frag=no,actions=mod_nw_tos:4,2',
  'table=1,tcp,tp_src=9,actions=2',
  'table=1,priority=1,ip,in_port=2,actions=3',
  'table=1,priority=0,actions=in_port',
]

const protocols = ['tcp', 'udp', 'sctp', 'icmp', 'tcp6', 'udp6', 'icmp6']
const portsOf = (protocol: string): string[] =>
  protocol.startsWith('icmp')
    ? ['', protocol === 'icmp' ? 'icmp_type=8' : 'icmpv6_type=128']
    : ['', 'dst=80', 'src=7,PROTO_dst=81', 'src=9', 'src=5,PROTO_dst=0'].map(ports =>
        ports === '' ? '' : `PROTO_${ports}`.replaceAll('PROTO', protocol.replace('6', '')),
      )

/** Later fragments have no ports to say. */
const frames = protocols.flatMap(protocol => [
  `in_port=1,${protocol},nw_frag=later`,
  ...(protocol.endsWith('6') ? [] : [`in_port=1,${protocol},nw_frag=later,nw_src=10.0.0.1`]),
  ...['no', 'first'].flatMap(frag => portsOf(protocol).map(ports => `in_port=1,${protocol},nw_frag=${frag},${ports}`)),
])

describe.skipIf(!hasOpenVswitch())('fragments', () => {
  let real: RealSwitch
  let weft: WeftSwitch
  beforeAll(async () => {
    real = startRealSwitch()
    const ports = [1, 2, 3].map(n => `-- add-port br0 p${n} -- set interface p${n} type=dummy ofport_request=${n}`)
    real.run(`ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure ${ports.join(' ')}`)
    weft = await startWeftSwitch(3)
    for (const [command, lines] of [
      ['del-flows br0', []],
      ['add-flows br0 -', flows],
    ] as const) {
      const line = `ovs-ofctl ${command}`
      expect(real.run(line, lines.join('\n'))).toEqual({ stdout: '', stderr: '', status: 0 })
      expect(await weft.run(line, lines.join('\n'))).toEqual({ stdout: '', stderr: '', status: 0 })
    }
  })
  afterAll(async () => {
    real?.close()
    await weft?.close()
  })

  test.each(['normal', 'drop', 'nx-match', 'reassemble'])('set-frags %s', async mode => {
    for (const line of [`ovs-ofctl set-frags br0 ${mode}`, 'ovs-ofctl get-frags br0'])
      expect(await weft.run(line)).toEqual(real.run(line))
    if (mode === 'reassemble') return
    const names = { ports: { number: () => undefined, name: () => undefined }, vportName: (n: number) => String(n) }
    /** Ports of the datapath by their names in ours, numbers in theirs. */
    const numbers = new Map(weft.ports.map(port => [port.datapathPort, port.ofport]))
    for (const frame of frames) {
      const parsed = parseMatch(frame)
      if ('wrong' in parsed) throw new Error(`${frame}: ${parsed.wrong}`)
      const vportName = (number: number): string => String(numbers.get(number) ?? number)
      const ours = traceFlow(weft.sw, weft.bridge, frameOf(parsed.match), {
        learning: false,
        names: { ...names, vportName },
      })
      const theirs = real.run(`ovs-appctl ofproto/trace br0 ${frame}`)
      expect(theirs.stderr).toBe('')
      expect({ frame, trace: ours.trimEnd() }).toEqual({
        frame,
        trace: theirs.stdout.trimEnd(),
      })
    }
  })
})
