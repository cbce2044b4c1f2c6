import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extract } from '../../src/flow/extract.ts'
import { newKey, word } from '../../src/flow/layout.ts'
import { second } from '../../src/runtime/clock.ts'
import { showGroups } from '../../src/switch/snooping/show.ts'
import { Bed, hex } from '../../src/switch/switch.testing.ts'
import { traceFlow } from '../../src/switch/trace.ts'
import { type Ip4, parseIp4, parseIp6 } from '../../src/wire/address.ts'
import { pushEthernet } from '../../src/wire/ethernet.ts'
import { Frame } from '../../src/wire/frame.ts'
import { type Igmp, igmpFrame, routerAlertOption } from '../../src/wire/igmp.ts'
import { pushIpv4 } from '../../src/wire/ipv4.ts'
import { pushIpv6 } from '../../src/wire/ipv6.ts'
import { type Mld, mldFrame } from '../../src/wire/mld.ts'
import { type DummyOvs, hasOvs, startOvs } from './ovs.testing.ts'

const ip = (text: string): Ip4 => parseIp4(text) as Ip4
const ip6 = (text: string): bigint => parseIp6(text) as bigint

const igmp = (message: Igmp, to: string, from = '10.0.0.1'): Frame => {
  const frame = igmpFrame(message)
  pushIpv4(frame, { src: ip(from), dst: ip(to), protocol: 2, ttl: 1, options: routerAlertOption })
  pushEthernet(frame, { dst: 0x01005e000000 + (ip(to) & 0x7fffff), src: 0x11, type: 0x0800 })
  return frame
}
const mld = (message: Mld, to: string, from = 'fe80::1'): Frame => {
  const ends = { src: ip6(from), dst: ip6(to) }
  const frame = mldFrame(message, ends)
  pushIpv6(frame, { ...ends, nextHeader: 58, hopLimit: 1 })
  pushEthernet(frame, { dst: 0x333300000000 + Number(ends.dst & 0xffffffffn), src: 0x11, type: 0x86dd })
  return frame
}
const data = (to: string): Frame => {
  const frame = Frame.from(Uint8Array.from([0, 1, 0, 2, 0, 8, 0, 0]))
  pushIpv4(frame, { src: ip('10.0.0.2'), dst: ip(to), protocol: 17, ttl: 1 })
  pushEthernet(frame, { dst: 0x01005e000000 + (ip(to) & 0x7fffff), src: 0x12, type: 0x0800 })
  return frame
}

const a = '239.1.1.1'
const report = (group: string, version: 1 | 2 = 2): Frame => igmp({ kind: 'report', version, group: ip(group) }, group)
const report3 = (type: number, group: string, sources: string[] = []): Frame =>
  igmp({ kind: 'report3', records: [{ type, group: ip(group), sources: sources.map(ip) }] }, '224.0.0.22')
const query = (from: string): Frame => igmp({ kind: 'query', group: 0, maxResponse: 100 }, '224.0.0.1', from)
const six = 'ff0e::1234'

/** Frames, and seconds that pass. */
const story: readonly (readonly [port: number, frame: Frame] | number)[] = [
  [1, report(a, 1)],
  [1, report(a)],
  [2, report3(4, a)],
  [3, data(a)],
  [1, data(a)],
  [2, report3(3, a)],
  [2, report3(1, a, ['10.0.0.9'])],
  [1, report3(6, a, ['10.0.0.9'])],
  [1, report3(9, '239.4.4.4')],
  [1, report('224.0.0.251')],
  [1, data('224.0.0.251')],
  [1, mld({ kind: 'report', group: ip6(six) }, six)],
  [2, mld({ kind: 'report2', records: [{ type: 4, group: ip6(six), sources: [] }] }, 'ff02::16')],
  [1, mld({ kind: 'done', group: ip6(six) }, 'ff02::2')],
  10,
  [3, query('0.0.0.0')],
  [3, query('10.0.0.3')],
  [1, report('239.2.2.2')],
  [3, report('239.2.2.2')],
  [1, data('239.9.9.9')],
  [2, mld({ kind: 'query', group: 0n, maxResponse: 1000 }, 'ff02::1', 'fe80::3')],
  [1, igmp({ kind: 'leave', group: ip('239.2.2.2') }, '224.0.0.2')],
  // What a controller sends itself, with and without a port of its own.
  [0xfffd, data(a)],
  [0xfffd, report('239.3.3.3')],
  [0xffff, query('10.0.0.4')],
  [1, igmp({ kind: 'other', type: 0x13, code: 1, group: 1 }, '224.0.0.4')],
  120,
  [1, data(a)],
  80,
  [1, data(a)],
  200,
]

describe.runIf(hasOvs())('multicast snooping as Open vSwitch has it', () => {
  let ovs: DummyOvs
  beforeAll(async () => {
    ovs = startOvs()
    ovs.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'other_config:hwaddr=aa:66:aa:66:00:00')
    for (const i of [1, 2, 3])
      ovs.vsctl('add-port', 'br0', `p${i}`, '--', 'set', 'interface', `p${i}`, 'type=dummy', `ofport_request=${i}`)
    await ovs.appctl('time/stop')
  })
  afterAll(() => ovs.stop())

  test.each<[name: string, bridge: Record<string, boolean>, port: Record<string, boolean>]>([
    ['as it is by default', {}, {}],
    [
      'with ports that get all, and no flood',
      { 'disable-flood-unregistered': true },
      { flood: true, 'flood-reports': true },
    ],
  ])('%s', async (_, bridgeConfig, portConfig) => {
    const words = (config: Record<string, boolean>): string[] =>
      Object.entries(config).map(([key, value]) => `other_config:mcast-snooping-${key}=${value}`)
    ovs.vsctl('--', 'set', 'bridge', 'br0', 'mcast_snooping_enable=true', ...words(bridgeConfig))
    if (Object.keys(portConfig).length > 0) ovs.vsctl('set', 'port', 'p2', ...words(portConfig))
    await ovs.appctl('mdb/flush', 'br0')
    await ovs.appctl('fdb/flush', 'br0')

    const bed = new Bed()
    const disableFloodUnregistered = bridgeConfig['disable-flood-unregistered'] === true
    const bridge = bed.bridge('br0', { hwaddr: 0xaa66aa660000, snooping: { disableFloodUnregistered } })
    for (const i of [1, 2, 3]) bed.port(bridge, `p${i}`, {}, i)
    const p2 = bridge.portByName('p2')
    if (p2 !== undefined)
      bridge.updatePort(p2, {
        snooping: { flood: portConfig.flood === true, floodReports: portConfig['flood-reports'] === true },
      })

    for (const step of story) {
      if (typeof step === 'number') {
        await ovs.appctl('time/warp', String(step * 1000), '1000')
        bed.clock.runUntil(bed.clock.now() + step * second)
      } else {
        const [port, frame] = step
        const theirs = await ovs.appctl('ofproto/trace', 'br0', `in_port=${port}`, hex(frame.content()))
        const key = newKey()
        extract(frame, key)
        key[word.inPort] = port
        const own = traceFlow(bed.switch, bridge, key, { learning: true, isPacket: true, frame })
        expect(plain(own)).toBe(plain(theirs))
      }
      const table = bridge.snooping?.table
      expect(table && showGroups(table, bed.clock.now())).toBe(await ovs.appctl('mdb/show', 'br0'))
    }
  })
})

/** Without the numbers of ports in the datapath, which are given out otherwise there. */
const plain = (text: string): string =>
  text.replace(/^Datapath actions: .*$/m, actions => `${actions.split(',').length} actions`).replace(/^Flow: .*$/m, '')
