/**
 * `controller(pause)`: `ovs-ofctl monitor … resume` lets go on what a real ovs-vswitchd and our switch gave it to hold.
 * What it hears, and where the frames go afterwards.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runBeside } from './beside.testing.ts'
import { monitored } from './monitor.testing.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { startWeftSwitch, type WeftSwitch } from './weft-switch.testing.ts'

const tcp =
  '50540000000a5054000000090800450000280001000040063cf87f0000017f0000010001005000000000000000005002200000000000'
const mpls = `50540000000a505400000009884700001140${tcp.slice(28)}`

/** A chain of tables for each port; packets start in table 0. */
const flows = [
  'in_port=1,actions=push:NXM_NX_REG1[],controller(pause,userdata=aa.bb,reason=no_match,max_len=10),resubmit(,1)',
  'table=1,cookie=0x1a2b,actions=ct_clear,controller(pause),clone(output:2),note:01,set_field:7->tun_id,pop:NXM_NX_REG4[],output:2,write_metadata:5/0xff,goto_table:2',
  'table=2,cookie=0x77,actions=push:NXM_NX_REG2[0..11],push:NXM_NX_XXREG0[],controller(pause,id=0),pop:NXM_NX_XXREG1[],in_port',
  // No action set: with one, ovs-vswitchd 3.1 ends here.
  'in_port=2,priority=2,actions=load:3->NXM_NX_REG5[],goto_table:3',
  'table=3,actions=set_field:02:00:00:00:00:01->dl_dst,push_vlan:0x8100,set_field:4101->vlan_vid,controller(pause),output:3',
  // Headers that change before and after.
  'in_port=3,mpls,mpls_bos=1,actions=pop_mpls:0x0800,dec_ttl,controller(pause),dec_ttl,output:1,resubmit(,4)',
  'in_port=3,ip,actions=group:1,output:2',
  'table=4,actions=load:9->NXM_NX_REG7[],controller(pause),multipath(symmetric_l4,0,modulo_n,1,0,NXM_NX_REG8[]),move:NXM_NX_REG7[]->NXM_NX_REG8[],output:NXM_NX_REG8[0..1]',
  // In a list inside an action.
  'in_port=4,actions=clone(load:1->NXM_NX_REG9[],controller(pause),load:2->NXM_NX_REG9[],output:1),load:2->NXM_NX_REG10[],resubmit(,5)',
  'table=5,reg10=2,actions=learn(table=6,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),controller(pause),output:3',
]
const groups = ['group_id=1,type=all,bucket=controller(pause),output:1,bucket=dec_ttl,output:4']

const packets: [port: number, bytes: string][] = [
  [1, tcp],
  [2, tcp],
  [3, mpls],
  [3, tcp],
  [4, tcp],
]

/** `controller(pause)` may come three times for one packet, each after the last was let go. */
const rounds = 5

const happenings = [
  ...packets.map(([port, bytes]) => `in_port=${port},packet=${bytes},actions=resubmit(,0)`),
  // Pausing in a packet-out's own actions.
  `in_port=controller,packet=${tcp},actions=controller(pause),output:4`,
].map(words => `ovs-ofctl packet-out br0 "${words}"`)
const dumps = [...[1, 2, 3, 4].map(port => `dump-ports br0 ${port}`), '--no-stats dump-flows br0 table=6'].map(
  words => `ovs-ofctl ${words}`,
)

const masked = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\dT[\d:]+Z\|\d+\|/g, 'TIME|')
    .replace(/bridge=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, 'bridge=UUID')
    .replace(/odp_port=\d+/g, 'odp_port=N')
    .replace(/drop=[\d?]+/g, 'drop=?')
    .replace(/^ +CUSTOM Statistics\n(^ +[rt]x_.*\n)*/gm, '')

describe.skipIf(!hasOpenVswitch())('ovs-ofctl monitor … resume', () => {
  let real: RealSwitch
  let weft: WeftSwitch
  beforeAll(async () => {
    real = startRealSwitch()
    const ports = [1, 2, 3, 4].map(n => `-- add-port br0 p${n} -- set interface p${n} type=dummy ofport_request=${n}`)
    real.run(`ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure ${ports.join(' ')}`)
    weft = await startWeftSwitch(4)
    for (const [command, lines] of [
      ['del-flows br0', []],
      ['add-groups br0 -', groups],
      ['add-flows br0 -', flows],
    ] as const) {
      const line = `ovs-ofctl -O OpenFlow13 ${command}`
      const [theirs, ours] = [real.run(line, lines.join('\n')), await weft.run(line, lines.join('\n'))]
      expect(theirs).toEqual({ stdout: '', stderr: '', status: 0 })
      expect(ours).toEqual(theirs)
    }
  })
  afterAll(async () => {
    real?.close()
    await weft?.close()
  })

  test.each(['-O OpenFlow10', '-O OpenFlow13', '-O OpenFlow15'])('%s', async options => {
    const play = async ({ directory }: { directory: string }): Promise<string> => {
      const words = `${options} -P nxt_packet_in2 monitor br0 65534 resume`
      const { heard, said } = await monitored(directory, words, happenings, rounds)
      const dumped: string[] = []
      for (const line of dumps) dumped.push((await runBeside(directory, line)).stdout)
      return masked([heard, said, ...dumped].join(''))
    }
    const [ours, theirs] = await Promise.all([weft, real].map(play))
    expect(theirs?.match(/NXT_RESUME/g)?.length).toBeGreaterThan(7)
    expect(ours).toBe(theirs)
  })
})
