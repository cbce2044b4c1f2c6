/** Packet-outs, good and bad, from the real ovs-ofctl to a real ovs-vswitchd and to us: what is refused, what comes up. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { monitored } from './monitor.testing.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { startWeftSwitch, type WeftSwitch } from './weft-switch.testing.ts'

const tcp =
  '50540000000a5054000000090800450000280001000040063cf87f0000017f0000010001005000000000000000005002200000000000'
const arp = 'ffffffffffff505400000009080600010800060400015054000000090a0000010000000000000a000002'
const mpls = `50540000000a505400000009884700001140${tcp.slice(28)}`

const cases = [
  `in_port=1,packet=${tcp},actions=controller`,
  `in_port=99,packet=${tcp},actions=controller`,
  `in_port=local,packet=${tcp},actions=controller`,
  `in_port=none,packet=${tcp},actions=controller`,
  `in_port=controller,packet=${tcp},actions=controller`,
  `in_port=65280,packet=${tcp},actions=controller`,
  `in_port=1,metadata=5,reg0=7,reg15=1,tun_id=9,packet=${tcp},actions=controller`,
  `in_port=1,metadata=5,reg0=7,packet=${tcp},actions=resubmit(,1)`,
  `in_port=1,tun_src=1.2.3.4,tun_dst=1.2.3.5,tun_id=7,packet=${tcp},actions=controller`,
  `in_port=1,packet_type=(1,0x800),packet=${tcp.slice(28)},actions=dec_ttl,controller`,
  `in_port=1,packet=${tcp},actions=group:4`,
  `in_port=1,packet=${tcp},actions=mod_vlan_vid:4,output:99`,
  `in_port=1,packet=${tcp},actions=set_field:1.2.3.4->arp_spa`,
  `in_port=1,packet=${arp},actions=set_field:1.2.3.4->arp_spa,controller`,
  `in_port=1,packet=${tcp},actions=load:1->NXM_OF_UDP_SRC[],controller`,
  `in_port=1,packet=${tcp},actions=load:1->NXM_OF_TCP_SRC[],controller`,
  `in_port=1,packet=${tcp},actions=resubmit(,254)`,
  `in_port=1,packet=${tcp},actions=meter:4`,
  `in_port=1,packet=${tcp},actions=set_queue:4,dec_mpls_ttl`,
  `in_port=1,packet=${mpls},actions=dec_mpls_ttl,controller`,
  `in_port=1,packet=${arp},actions=dec_ttl,controller`,
  `in_port=1,packet=${arp},actions=mod_nw_tos:4,controller`,
  `in_port=1,packet=${arp},actions=set_field:4->tcp_dst,controller`,
  `in_port=1,packet=${tcp},actions=conjunction(1,1/2)`,
  `in_port=1,packet=${tcp},actions=learn(table=254),output:2`,
  `in_port=1,packet=${tcp},actions=clone(push_vlan:0x8100,set_field:4100->vlan_vid,controller),controller`,
  `in_port=1,packet=${tcp},actions=set_field:4100->vlan_vid,controller`,
  `in_port=1,packet=${tcp},actions=ct_clear,check_pkt_larger(100)->NXM_NX_REG0[0],controller`,
  `in_port=1,packet=${tcp},actions=output:in_port,flood,normal,all`,
  `in_port=1,packet=${tcp},actions=drop`,
  `in_port=1,packet=5054,actions=controller`,
]

const masked = (text: string): string =>
  text.replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|\d+\|/gm, 'TIME|').replace(/\(xid=0x[0-9a-f]+\)/g, '(xid)')

describe.skipIf(!hasOpenVswitch())('packet-out', () => {
  let real: RealSwitch
  let weft: WeftSwitch
  beforeAll(async () => {
    real = startRealSwitch()
    const ports = [1, 2].map(n => `-- add-port br0 p${n} -- set interface p${n} type=dummy ofport_request=${n}`)
    real.run(`ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure ${ports.join(' ')}`)
    weft = await startWeftSwitch()
    const line = 'ovs-ofctl add-flows br0 -'
    const flows = 'table=1,reg0=7,metadata=5,actions=controller(userdata=01)\ntable=1,priority=1,actions=drop\n'
    expect([real.run('ovs-ofctl del-flows br0').status, real.run(line, flows).status]).toEqual([0, 0])
    expect([(await weft.run('ovs-ofctl del-flows br0')).status, (await weft.run(line, flows)).status]).toEqual([0, 0])
  })
  afterAll(async () => {
    real?.close()
    await weft?.close()
  })

  test.each([10, 15])('OpenFlow%i', async version => {
    const of = `-O OpenFlow${version}`
    const happenings = cases.map(words => `ovs-ofctl ${of} packet-out br0 "${words}"`)
    const play = async ({ directory }: { directory: string }): Promise<string> => {
      const words = `${of} -P nxt_packet_in2 monitor br0 65534`
      const { heard, said } = await monitored(directory, words, happenings)
      return masked(said + heard)
    }
    const [ours, theirs] = await Promise.all([weft, real].map(play))
    expect(theirs?.match(/PACKET_IN/g)?.length).toBeGreaterThan(10)
    expect(theirs?.match(/OFPT_ERROR/g)?.length).toBeGreaterThan(3)
    expect(ours).toBe(theirs)
  })
})
