/** What commands of ovs-ofctl say to a switch: the original's messages and ours are the same to the byte, numbers too. */
import { describe, expect, test } from 'vitest'
import { captureAll } from './capture.testing.ts'
import { runOurs } from './ofctl-run.testing.ts'
import { hasOpenVswitch } from './real-switch.ts'
import { runIn } from './weft-cli.testing.ts'

/** `VERB WHAT`, for a switch to be named between. */
const commands: readonly string[] = [
  'add-group group_id=1,type=all,bucket=output:1,bucket=set_field:1.2.3.4->ip_dst,output:2',
  'add-group group_id=2,type=select,bucket=weight:5,output:1,bucket=bucket_id:7,weight:0,actions=enqueue:1:2',
  'add-group group_id=3,type=select,selection_method=hash,fields(ip_src,tcp_dst=0xff),bucket=output:1',
  'add-group group_id=4,type=ff,bucket=watch_port:1,output:1,bucket=watch_group:1,group:3',
  'add-group group_id=5,type=indirect,bucket=resubmit(,3)',
  'mod-group group_id=5,type=indirect,bucket=mod_vlan_vid:5,output:controller',
  'del-groups group_id=5',
  'insert-buckets group_id=5,command_bucket_id=last,bucket=output:3',
  'remove-buckets group_id=5,command_bucket_id=first',
  'packet-out in_port=1,PACKET,actions=output:2,set_field:5->reg0,resubmit(,3)',
  'packet-out in_port=controller,PACKET,actions=enqueue:1:5',
  'packet-out in_port=local,reg0=5,metadata=7,tun_id=3,PACKET,actions=drop',
  'add-meter meter=5,kbps,burst,stats,bands=type=drop,rate=100,burst_size=5,type=dscp_remark,rate=3,burst_size=2,prec_level=1',
  'mod-meter meter=controller,pktps,bands=type=drop,rate=100',
  'del-meters',
  'del-meter meter=5',
  'add-tlv-map {class=0xffff,type=1,len=4}->tun_metadata0,{class=1,type=2,len=8}->tun_metadata3',
  'del-tlv-map',
  'del-tlv-map {class=0xffff,type=1,len=4}->tun_metadata0',
  'ct-flush-zone 5',
  'ct-flush zone=5',
  'ct-flush ct_nw_src=1.2.3.4,ct_nw_proto=6,ct_tp_dst=80',
  'del-flows',
  'del-flows ip,out_port=5,cookie=5/7',
  'del-flows table=3,out_group=5',
  'mod-flows cookie=5/-1,ip,actions=2',
  'mod-flows cookie=9,ip,actions=2',
  'add-flow cookie=9,idle_timeout=5,hard_timeout=6,importance=7,send_flow_rem,check_overlap,reset_counts,no_packet_counts,no_byte_counts,actions=2',
  'packet-out in_port=1,tun_tos=1,PACKET,actions=drop',
  'packet-out in_port=1,dl_type=0x800,nw_proto=5,PACKET,actions=drop',
  'packet-out ip,PACKET,actions=drop',
  'packet-out in_port=70000,PACKET,actions=drop',
  'packet-out PACKET,actions=drop',
  'packet-out in_port=1,PACKET',
  'packet-out in_port=1,in_port_oxm=3,actset_output=4,PACKET,actions=drop',
  'packet-out in_port=1,reg0[0..3]=3,PACKET,actions=drop',
  'packet-out in_port=1,xreg0=0x1/0xf,PACKET,actions=drop',
  'mod-flows ip,actions=2',
  'mod-flows cookie=9/0xff,ip,actions=2',
  'mod-flows cookie=-1,ip,actions=2',
  'add-flow cookie=-1,ip,actions=2',
  'del-flows cookie=5/0',
  'mod-flows cookie=5/0,actions=2',
  'add-flow delete ip',
  'add-flow modify_strict ip,cookie=5,actions=2',
].map(line => line.replace('PACKET', 'packet=ffffffffffff0102030405060800'))

const timeless = (text: string): string => text.replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|/gm, '')

describe.skipIf(!hasOpenVswitch())('messages of ovs-ofctl', () => {
  test.each([1, 2, 4, 6] as const)('version %i', async version => {
    const wrong: unknown[] = []
    let told = 0
    for (const command of commands) {
      const [verb, what = ''] = command.split(/ (.*)/s)
      const said = async (run: (line: string) => ReturnType<typeof runOurs>) => {
        let ended = { stdout: '', stderr: '', status: -1 }
        const messages = await captureAll(version, async path => {
          ended = await run(
            `ovs-ofctl --no-names -O OpenFlow1${version - 1} ${verb} unix:${path} ${what && `'${what}'`}`,
          )
        })
        return {
          ...ended,
          stderr: timeless(ended.stderr),
          messages: messages.map(each => Buffer.from(each).toString('hex')),
        }
      }
      const theirs = await said(line => runIn('/', line))
      const ours = await said(line => runOurs(line, '/'))
      told += theirs.messages.length
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) wrong.push({ command, ours, theirs })
    }
    expect(wrong).toEqual([])
    // Some commands are refused before they say anything.
    expect(told).toBeGreaterThan(commands.length / 4)
  })
})
