import { describe, expect, test } from 'vitest'
import { SoftDatapath } from '../datapath/soft/index.ts'
import { type TunnelRow, word } from '../flow/layout.ts'
import { matchOf, newMatch } from '../flow/match.ts'
import { type OfAction, OfPort } from '../openflow/action.ts'
import { seeded } from '../runtime/random.ts'
import { VirtualClock } from '../runtime/virtual-clock.ts'
import { readRow, writeRow } from '../tunnel/row.ts'
import { VxlanVport } from '../tunnel/vxlan-vport.ts'
import { parseIp4 } from '../wire/address.ts'
import { Frame } from '../wire/frame.ts'
import type { Bridge } from './bridge.ts'
import type { BridgePort } from './port.ts'
import { packet } from './switch.testing.ts'
import { Switch } from './switch.ts'

/** What left on the underlay: VNI and addresses. */
type Seen = { vni: number; src: string; dst: string; ttl: number }

/** Two hypervisors whose VXLAN ports are joined: what one sends, the other receives, with the outer addresses. */
const twoHypervisors = () => {
  const seen: Seen[] = []
  const got: string[] = []
  const vports: VxlanVport[] = []
  const closed: number[] = []
  const ips = ['192.168.2.10', '192.168.2.20'].map(text => parseIp4(text) as number)
  const clock = new VirtualClock()
  const hosts = [0, 1].map(own => {
    const other = 1 - own
    const hv = new Switch({
      datapath: new SoftDatapath({ clock }),
      clock,
      random: seeded(own),
      openTunnel: (_type, port, receive) => {
        const vport = new VxlanVport({
          port,
          receive,
          underlay: {
            send(frame, outer) {
              const row = outer.slice()
              const { vni, dst, ttl } = readRow(row)
              seen.push({ vni, src: `hv${own + 1}`, dst: `${(dst as number) & 255}`, ttl })
              // The receiver's row says where it came from.
              row[2] = ips[own] as number
              row[3] = ips[other] as number
              vports[other]?.receive(frame, row)
            },
          },
        })
        vports[own] = vport
        return { vport, close: () => closed.push(port), refused: () => vport.counters.entries() }
      },
    })
    const send = (name: string) => ({ name, type: 'dummy', send: () => got.push(name) })
    const s1 = hv.addBridge(`s${own + 1}`, send(`s${own + 1}`), { failMode: 'secure' })
    const [blue, red] = ['blue', 'red'].map(tenant => {
      const name = `${tenant}${own + 1}`
      return hv.addPort(s1, { name, type: 'dummy', vport: send(name) }) as BridgePort
    }) as [BridgePort, BridgePort]
    const remote = `192.168.2.${own === 0 ? 20 : 10}`
    const vtep = hv.addPort(s1, {
      name: 'vtep',
      type: 'vxlan',
      ofport: 10,
      options: { remote_ip: remote, key: 'flow' },
    })
    return { hv, s1, blue, red, vtep }
  })
  return { hosts, seen, got, vports, closed }
}

const out = (port: number): OfAction => ({ type: 'output', port })
const setTunnel = (vni: bigint): OfAction => ({
  type: 'set_field',
  field: 'tun_id',
  value: vni,
  mask: 0xffffffffffffffffn,
})
const next: OfAction = { type: 'resubmit', port: undefined, table: 1 }

/** The flows of two tenants with the same MACs: `local` is the MAC that is here. */
const tenantFlows = (s1: Bridge, local: bigint, remote: bigint): void => {
  s1.flows.add({ match: matchOf({ in_port: 1n }), actions: [setTunnel(100n), next] })
  s1.flows.add({ match: matchOf({ in_port: 2n }), actions: [setTunnel(200n), next] })
  s1.flows.add({ priority: 1, match: newMatch(), actions: [next] })
  for (const [vni, port] of [
    [100n, 1],
    [200n, 2],
  ] as const) {
    s1.flows.add({ table: 1, match: matchOf({ tun_id: vni, eth_dst: local }), actions: [out(port)] })
    s1.flows.add({ table: 1, match: matchOf({ tun_id: vni, eth_dst: remote }), actions: [out(10)] })
  }
}

describe('two tenants over one VXLAN port', () => {
  const { hosts, seen, got } = twoHypervisors()
  const [one, two] = hosts as [(typeof hosts)[0], (typeof hosts)[0]]
  tenantFlows(one.s1, 1n, 2n)
  tenantFlows(two.s1, 2n, 1n)

  test('the port is there, at its number', () => {
    expect((one.vtep as BridgePort).ofport).toBe(10)
    expect([...one.hv.datapath.ports().values()].map(vport => vport.name)).toContain('vxlan_sys_4789')
  })
  test('frames reach the same tenant on the other side, and only it; first and cached frames alike', () => {
    for (let i = 0; i < 2; i++) {
      got.length = 0
      one.blue.receive(Frame.from(packet({ src: 1, dst: 2 })))
      one.red.receive(Frame.from(packet({ src: 1, dst: 2 })))
      two.red.receive(Frame.from(packet({ src: 2, dst: 1 })))
      expect(got).toEqual(['blue2', 'red2', 'red1'])
    }
    expect(seen.slice(0, 3)).toEqual([
      { vni: 100, src: 'hv1', dst: '20', ttl: 64 },
      { vni: 200, src: 'hv1', dst: '20', ttl: 64 },
      { vni: 200, src: 'hv2', dst: '10', ttl: 64 },
    ])
    expect(one.hv.datapath.stats().hit).toBeGreaterThan(0)
  })
})

describe('tunnel ports', () => {
  test('the same configuration twice is refused, with the name of the first', () => {
    const { hosts } = twoHypervisors()
    const { hv, s1 } = hosts[0] as (typeof hosts)[0]
    const again = hv.addPort(s1, { name: 'again', type: 'vxlan', options: { remote_ip: '192.168.2.20', key: 'flow' } })
    expect(again).toContain("same config as port 'vtep'")
    expect(s1.portByName('again')).toBeUndefined()
  })
  test('ports of one UDP port share one port of the datapath, which goes with the last', () => {
    const { hosts, closed } = twoHypervisors()
    const { hv, s1, vtep } = hosts[0] as (typeof hosts)[0]
    const other = hv.addPort(s1, { name: 'other', type: 'vxlan', options: { remote_ip: '192.168.2.30', key: '5' } })
    if (typeof other === 'string' || typeof vtep === 'string' || vtep === undefined) throw new Error('no port')
    expect(other.datapathPort).toBe(vtep.datapathPort)
    const count = hv.datapath.ports().size
    hv.removePort(s1, vtep)
    expect(hv.datapath.ports().size).toBe(count)
    expect(closed).toEqual([])
    hv.removePort(s1, other)
    expect(hv.datapath.ports().size).toBe(count - 1)
    expect(closed).toEqual([4789])
  })
  test('what a tunnel refuses is among the counters of its switch', () => {
    const { hosts, vports } = twoHypervisors()
    const { hv } = hosts[0] as (typeof hosts)[0]
    const row = writeRow({ dstPort: 4789 })
    const header = (flags: number): Frame =>
      Frame.from(Uint8Array.of(flags, 0, 0, 0, 0, 0, 5, 0, ...new Uint8Array(60)))
    vports[0]?.receive(header(0), row)
    vports[0]?.receive(Frame.from(Uint8Array.of(8, 0, 0)), row)
    expect(hv.counters()).toEqual([
      ['vxlan_flags', 1],
      ['vxlan_short', 1],
    ])
  })
  test('bad options are refused', () => {
    const { hosts } = twoHypervisors()
    const { hv, s1 } = hosts[0] as (typeof hosts)[0]
    expect(hv.addPort(s1, { name: 'v2', type: 'vxlan', options: { key: '7' } })).toContain('remote_ip')
  })
  test('a frame of a VNI that no port has is dropped', () => {
    const { hosts, got } = twoHypervisors()
    const [one, two] = hosts as [(typeof hosts)[0], (typeof hosts)[0]]
    two.hv.removePort(two.s1, two.vtep as BridgePort)
    two.hv.addPort(two.s1, { name: 'v5', type: 'vxlan', options: { remote_ip: '192.168.2.10', key: '5' } })
    one.s1.flows.add({ match: newMatch(), actions: [setTunnel(6n), out(10)] })
    two.s1.flows.add({ match: newMatch(), actions: [out(1)] })
    one.blue.receive(Frame.from(packet({})))
    expect(got).toEqual([])
    expect(two.hv.drops.get('no_port')).toBe(1)
    one.s1.flows.add({ match: newMatch(), actions: [setTunnel(5n), out(10)] })
    one.blue.receive(Frame.from(packet({})))
    expect(got).toEqual(['blue2'])
  })
})

test('a packet-in tells the tunnel of its own frame, whatever the megaflow tells apart', () => {
  let receive: ((frame: Frame, row: TunnelRow) => void) | undefined
  const clock = new VirtualClock()
  const vport = { name: 'vxlan_sys_4789', type: 'vxlan', send() {} }
  const hv = new Switch({
    datapath: new SoftDatapath({ clock }),
    clock,
    random: seeded(1),
    openTunnel: (_type, _port, take) => {
      receive = take
      return { vport, close() {}, refused: () => [] }
    },
  })
  const bridge = hv.addBridge('s', { name: 's', type: 'dummy', send() {} }, { failMode: 'secure' })
  hv.addPort(bridge, { name: 'vtep', type: 'vxlan', ofport: 10, options: { remote_ip: 'flow', key: 'flow' } })
  const told: string[] = []
  bridge.setController({
    packetIn: ({ key }) => void told.push(`${key[word.tunGbp]} ${key[word.tunIdLow]} ${key[word.tunFlags]! & 255}`),
  })
  const setId: OfAction = { type: 'set_field', field: 'tun_id', value: 9n, mask: 0xffffffffffffffffn }
  bridge.flows.add({ match: newMatch(), actions: [setId, out(OfPort.controller)] })
  for (const [gbp, ttl] of [
    [1, 64],
    [2, 63],
  ] as const)
    receive?.(Frame.from(packet({})), writeRow({ vni: 5, src: 1, dst: 2, ttl, gbp: { id: gbp, flags: 0 } }))
  expect(told).toEqual(['1 9 64', '2 9 63'])
  expect([...hv.datapath.flows()]).toHaveLength(1)
})
