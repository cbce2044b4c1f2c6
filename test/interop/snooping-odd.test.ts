import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extract } from '../../src/flow/extract.ts'
import { newKey, word } from '../../src/flow/layout.ts'
import { matchOf } from '../../src/flow/match.ts'
import { parseActions } from '../../src/openflow/action-text.ts'
import type { Bridge } from '../../src/switch/bridge.ts'
import type { BridgePort } from '../../src/switch/port.ts'
import { showGroups } from '../../src/switch/snooping/show.ts'
import { Bed, hex } from '../../src/switch/switch.testing.ts'
import { traceFlow } from '../../src/switch/trace.ts'
import { parseIp6 } from '../../src/wire/address.ts'
import { checksum } from '../../src/wire/checksum.ts'
import { pushEthernet } from '../../src/wire/ethernet.ts'
import { Frame } from '../../src/wire/frame.ts'
import { fillIcmp6Checksum } from '../../src/wire/icmp6.ts'
import { pushIpv4 } from '../../src/wire/ipv4.ts'
import { pushIpv6 } from '../../src/wire/ipv6.ts'
import { type DummyOvs, hasOvs, startOvs } from './ovs.testing.ts'

/** Messages of groups that are too short, or promise more than they have, and frames that meet `NORMAL` twice. */

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** IGMP with these bytes from the type on, its checksum filled in. */
const igmp = (text: string, to = 0xe0000016): Frame => {
  const frame = Frame.from(bytesOf(text))
  const view = frame.content()
  if (view.length >= 4) new DataView(view.buffer, view.byteOffset).setUint16(2, checksum(view, 0, view.length))
  pushIpv4(frame, { src: 0x0a000001, dst: to, protocol: 2, ttl: 1 })
  pushEthernet(frame, { dst: 0x01005e000000 + (to & 0x7fffff), src: 0x11, type: 0x0800 })
  return frame
}

const mld = (text: string, to = 'ff02::16'): Frame => {
  const ends = { src: parseIp6('fe80::1') as bigint, dst: parseIp6(to) as bigint }
  const frame = fillIcmp6Checksum(Frame.from(bytesOf(text)), ends)
  pushIpv6(frame, { ...ends, nextHeader: 58, hopLimit: 1 })
  pushEthernet(frame, { dst: 0x333300000016, src: 0x11, type: 0x86dd })
  return frame
}

const group4 = (last: number): string => `ef0101${last.toString(16).padStart(2, '0')}`
const group6 = (last: number): string => `ff0e${'00'.repeat(13)}${last.toString(16).padStart(2, '0')}`

const odd: readonly (readonly [name: string, frame: Frame])[] = [
  ['IGMP query of 8 bytes', igmp('1164 0000 00000000')],
  ['IGMP query of 10 bytes', igmp('1164 0000 00000000 0000')],
  ['IGMP query that promises sources', igmp('1164 0000 00000000 00000003')],
  ['IGMP of 7 bytes', igmp('1164 0000 000000')],
  ['IGMP of version 3 without its records', igmp('2200 0000 00000002')],
  ['IGMP of version 3 with one record of two', igmp(`2200 0000 00000002 04000000 ${group4(1)}`)],
  ['IGMP of version 3 with a record and a half', igmp(`2200 0000 00000002 04000000 ${group4(2)} 0400`)],
  [
    'IGMP of version 3 with sources that are not there',
    igmp(`2200 0000 00000002 04000000 ${group4(3)} 02000009 ${group4(4)}`),
  ],
  [
    'IGMP of version 3 with auxiliary data that is not there',
    igmp(`2200 0000 00000002 04090000 ${group4(7)} 04000000 ${group4(8)}`),
  ],
  ['IGMP report of 9 bytes', igmp(`1600 0000 ${group4(9)} 00`)],
  ['MLD query of 4 bytes', mld('8200 0000')],
  ['MLD query of 8 bytes', mld('8200 0000 00000000')],
  ['MLD query of 20 bytes', mld(`8200 0000 00000000 ${'00'.repeat(12)}`)],
  ['MLD query of 26 bytes', mld(`8200 0000 00000000 ${'00'.repeat(18)}`)],
  ['MLD query that promises sources', mld(`8200 0000 00000000 ${'00'.repeat(16)} 00000005`)],
  ['MLD report of 4 bytes', mld('8300 0000')],
  ['MLD of version 2 of 4 bytes', mld('8f00 0000')],
  ['MLD of version 2 without its records', mld('8f00 0000 00000003')],
  ['MLD of version 2 with one record of two', mld(`8f00 0000 00000002 04000000 ${group6(1)}`)],
  ['MLD of version 2 with a record and a half', mld(`8f00 0000 00000002 04000000 ${group6(2)} 04000000`)],
  [
    'MLD of version 2 with sources that are not there',
    mld(`8f00 0000 00000002 04000000 ${group6(3)} 02000001 ${group6(4)}`),
  ],
  ['MLD report', mld(`8300 0000 00000000 ${group6(7)}`, 'ff0e::7')],
]

const data = Frame.from(Uint8Array.from([0, 1, 0, 2, 0, 8, 0, 0]))
pushIpv4(data, { src: 0x0a000001, dst: 0xef020202, protocol: 17, ttl: 1 })
pushEthernet(data, { dst: 0x01005e020202, src: 0x11, type: 0x0800 })

/** Actions of table 0, and what is done at ports. */
const twice: readonly (readonly [name: string, actions: string, frame: Frame])[] = [
  ['a report twice', 'NORMAL,NORMAL', igmp(`1600 0000 ${group4(1)}`, 0xef010101)],
  ['a query twice', 'NORMAL,NORMAL', igmp('1164 0000 00000000')],
  ['leaving twice', 'NORMAL,NORMAL', igmp(`1700 0000 ${group4(1)}`, 0xef010101)],
  ['records twice', 'NORMAL,NORMAL', mld(`8f00 0000 00000002 04000000 ${group6(1)} 04000000 ${group6(2)}`)],
  ['a report in two VLANs', 'NORMAL,mod_vlan_vid:5,NORMAL', igmp(`1600 0000 ${group4(1)}`, 0xef010101)],
  ['a report from two ports', 'NORMAL,load:0x2->NXM_OF_IN_PORT[],NORMAL', igmp(`1600 0000 ${group4(1)}`, 0xef010101)],
  [
    'a report, then as data',
    'NORMAL,load:0x2->NXM_OF_IN_PORT[],mod_nw_dst:239.1.1.2,resubmit(2,1)',
    igmp(`1600 0000 ${group4(1)}`, 0xef010101),
  ],
  [
    'a report, and a query of it',
    'load:0x2->NXM_OF_IN_PORT[],NORMAL,load:0x3->NXM_OF_IN_PORT[],NORMAL',
    igmp('1164 0000 00000000'),
  ],
]

describe.runIf(hasOvs())('odd messages of groups as Open vSwitch has them', () => {
  let ovs: DummyOvs
  let bed: Bed
  let bridge: Bridge
  beforeAll(async () => {
    ovs = startOvs()
    ovs.vsctl(
      'add-br',
      'br0',
      '--',
      'set',
      'bridge',
      'br0',
      'other_config:hwaddr=aa:66:aa:66:00:00',
      'mcast_snooping_enable=true',
    )
    for (const i of [1, 2, 3])
      ovs.vsctl('add-port', 'br0', `p${i}`, '--', 'set', 'interface', `p${i}`, 'type=dummy', `ofport_request=${i}`)
    await ovs.appctl('time/stop')
  })
  afterAll(() => ovs.stop())

  const begin = async (): Promise<void> => {
    await ovs.appctl('mdb/flush', 'br0')
    await ovs.appctl('fdb/flush', 'br0')
    bed = new Bed()
    bridge = bed.bridge('br0', { hwaddr: 0xaa66aa660000, snooping: {} })
    for (const i of [1, 2, 3]) bed.port(bridge, `p${i}`, {}, i)
  }

  const addFlow = (actions: string): void => {
    const parsed = parseActions(actions)
    if (typeof parsed === 'string') throw new Error(parsed)
    bridge.flows.add({ match: matchOf({}), actions: parsed })
    ovs.ofctl(['add-flow', 'br0', `actions=${actions}`])
  }

  const compare = async (frame: Frame): Promise<void> => {
    const theirs = await ovs.appctl('ofproto/trace', 'br0', 'in_port=1', hex(frame.content()))
    const key = newKey()
    extract(frame, key)
    key[word.inPort] = 1
    const own = traceFlow(bed.switch, bridge, key, { learning: true, isPacket: true, frame })
    expect.soft(plain(own)).toBe(plain(theirs))
    const table = bridge.snooping?.table
    expect.soft(table && showGroups(table, bed.clock.now())).toBe(await ovs.appctl('mdb/show', 'br0'))
  }

  test.each(odd)('%s', async (_, frame) => {
    await begin()
    await compare(frame)
  })

  test.each(twice)('%s', async (_, actions, frame) => {
    await begin()
    addFlow(actions)
    await compare(frame)
    await compare(frame)
  })

  test('ports are all chosen before the frame goes out of one', async () => {
    await begin()
    addFlow('NORMAL')
    for (const name of ['p2', 'p3']) {
      ovs.vsctl('set', 'port', name, 'other_config:mcast-snooping-flood=true')
      ovs.vsctl('set', 'bridge', 'br0', 'other_config:mcast-snooping-disable-flood-unregistered=true')
      ovs.ofctl(['mod-port', 'br0', name, 'no-forward'])
      const port = bridge.portByName(name) as BridgePort
      bridge.updatePort(port, { snooping: { flood: true }, config: { ...port.config, noForward: true } })
    }
    bridge.snooping?.configure({ disableFloodUnregistered: true })
    await compare(data)
  })
})

/** Without the numbers of ports in the datapath, which are given out otherwise there. */
const plain = (text: string): string =>
  text.replace(/^Datapath actions: .*$/m, actions => `${actions.split(',').length} actions`).replace(/^Flow: .*$/m, '')
