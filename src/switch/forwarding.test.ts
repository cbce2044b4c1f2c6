/** Frames in, frames out, by flows, groups and meters as ovs-ofctl writes them. */
import { describe, expect, test } from 'vitest'
import { OfPort } from '../openflow/action.ts'
import { parseFlow } from '../openflow/flow-text.ts'
import { parseGroup } from '../openflow/group-parse.ts'
import { parseMeter } from '../openflow/meter-parse.ts'
import { second } from '../runtime/clock.ts'
import { Frame } from '../wire/frame.ts'
import type { PacketIn } from './packet-in.ts'
import { Bed, hex, packet } from './switch.testing.ts'

/** A bridge with ports 1 to 4. */
const bench = (...lines: string[]) => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const ports = [1, 2, 3, 4].map(i => bed.port(bridge, `p${i}`, {}, i))
  const refused = (read: { ok: true } | { ok: false; error: string }): never => {
    throw new Error(read.ok ? 'refused' : read.error)
  }
  for (const line of lines) {
    if (line.startsWith('group_id')) {
      const read = parseGroup(line, 'add')
      if (!read.ok || bridge.groups.apply(read.mod) !== undefined) refused(read)
    } else if (line.startsWith('meter=')) {
      const read = parseMeter(line, 'add')
      if (!read.ok || bridge.meters.apply(read.mod) !== undefined) refused(read)
    } else {
      const read = parseFlow(line, 'add')
      if (!read.ok || bridge.flows.apply(read.flow) !== undefined) refused(read)
    }
  }
  /** What one frame into port 1 becomes: `p2 0102…`. */
  const send = (bytes: Uint8Array, port = 1): string[] =>
    bed.send(ports[port - 1]!, bytes).map(sent => `${sent.port} ${sent.bytes}`)
  /** The same, twice: decided by the tables, and by the cache. */
  const both = (bytes: Uint8Array, port = 1): string[] => {
    const first = send(bytes, port)
    expect(send(bytes, port)).toEqual(first)
    return first
  }
  return { bed, bridge, ports, send, both }
}
const plain = packet({})
const text = hex(plain)
const [macs, rest] = [text.slice(0, 24), text.slice(28)]

describe('groups', () => {
  test('all: a copy for each bucket, apart from each other', () => {
    const { both } = bench(
      'group_id=1,type=all,bucket=push_vlan:0x8100,output:2,bucket=push_mpls:0x8847,output:3,bucket=output:4',
      'actions=group:1,output:2',
    )
    expect(both(plain)).toEqual([
      `p2 ${macs}810000000800${rest}`,
      `p3 ${macs}884700000140${rest}`,
      `p4 ${text}`,
      `p2 ${text}`,
    ])
  })

  test.each(['', 'selection_method=dp_hash,', 'selection_method=hash,fields(ip_src,ip_dst,nw_proto,udp_src,udp_dst),'])(
    'select by weight, %s',
    method => {
      const { bed, send } = bench(
        `group_id=1,type=select,${method}bucket=weight:1,output:2,bucket=weight:2,output:3,bucket=weight:5,output:4`,
        'udp,actions=group:1',
      )
      const counts: Record<string, number> = { p2: 0, p3: 0, p4: 0 }
      const count = 2000
      for (let i = 0; i < count; i++) {
        const frame = packet({ from: i % 200, to: i % 7, sport: 1 + i, dport: 1 + (i % 13) })
        const [first = ''] = send(frame)
        counts[first.slice(0, 2)]!++
        // One connection stays where it is.
        if (i % 50 === 0) expect(send(frame)).toEqual([first])
      }
      // By a hash of the ports a weight of 1 in 8 is two seats of sixteen; without UDP's ports flows are fewer.
      expect(counts.p2! + counts.p3! + counts.p4!).toBe(count)
      for (const [port, weight] of [
        ['p2', 1],
        ['p3', 2],
        ['p4', 5],
      ] as const)
        if (method !== 'selection_method=hash,fields(ip_src,ip_dst,nw_proto,udp_src,udp_dst),') {
          expect(counts[port]! / count).toBeGreaterThan((weight / 8) * 0.6)
          expect(counts[port]! / count).toBeLessThan((weight / 8) * 1.6)
        } else expect(counts[port]).toBeGreaterThan(0)
      expect(bed.datapath.stats().lost).toBe(0)
    },
  )

  test('fast failover: the first bucket whose port is up', () => {
    const { bed, bridge, ports, both } = bench(
      'group_id=1,type=ff,bucket=watch_port:2,output:2,bucket=watch_port:3,output:3',
      'actions=group:1',
    )
    expect(both(plain)).toEqual([`p2 ${text}`])
    bed.switch.removePort(bridge, ports[1]!)
    expect(both(plain)).toEqual([`p3 ${text}`])
  })
})

describe('headers', () => {
  test('MPLS: put on, changed, and taken off with what is below known again', () => {
    const { both } = bench(
      'in_port=1,ip,actions=push_mpls:0x8847,set_mpls_label:77,output:2',
      'in_port=2,mpls,actions=dec_mpls_ttl,output:3,pop_mpls:0x0800,dec_ttl,output:4',
    )
    const [labelled = ''] = both(plain)
    expect(labelled).toBe(`p2 ${macs}88470004d140${rest}`)
    const [outer, inner] = both(
      Uint8Array.from(labelled.slice(3).match(/../g)!, byte => Number.parseInt(byte, 16)),
      2,
    )
    expect(outer).toBe(`p3 ${macs}88470004d13f${rest}`)
    expect(inner).toBe(`p4 ${hex(packet({ ttl: 63 }))}`)
  })

  test('NSH: around a frame, and off it', () => {
    const { both } = bench(
      'in_port=1,actions=encap(nsh(md_type=1)),set_field:5->nsh_spi,set_field:7->nsh_c4,encap(ethernet),set_field:00:00:00:00:00:02->eth_dst,output:2',
      'in_port=2,dl_type=0x894f,actions=decap(),decap(),output:3',
    )
    const [wrapped = ''] = both(plain)
    expect(wrapped).toBe(`p2 000000000002000000000000894f0fc60103000005ff${'0'.repeat(24)}00000007${text}`)
    const bytes = Uint8Array.from(wrapped.slice(3).match(/../g)!, byte => Number.parseInt(byte, 16))
    expect(both(bytes, 2)).toEqual([`p3 ${text}`])
  })

  test('clone forgets, max_len cuts', () => {
    const { both } = bench(
      'in_port=1,actions=clone(push_vlan:0x8100,output:2),output:4',
      'in_port=2,actions=output(port=3,max_len=20),output:4',
    )
    expect(both(plain)).toEqual([`p2 ${macs}810000000800${rest}`, `p4 ${text}`])
    expect(both(plain, 2)).toEqual([`p3 ${text.slice(0, 40)}`, `p4 ${text}`])
  })
})

describe('meters', () => {
  test('let through what their rate allows, and count', () => {
    const { bed, bridge, send } = bench(
      'meter=1,pktps,burst,stats,bands=type=drop,rate=10,burst_size=3',
      'actions=meter:1,output:2',
    )
    const sent = (): number => Array.from({ length: 6 }, () => send(plain)).flat().length
    expect(sent()).toBe(3)
    bed.clock.runUntil(second / 5)
    expect(sent()).toBe(2)
    expect(bridge.meters.counts(bridge.meters.get(1)!)).toEqual({
      packets: 12,
      bytes: 12 * plain.length,
      bands: [{ packets: 7, bytes: 7 * plain.length }],
    })
    bridge.meters.apply({
      command: 'delete',
      meter: 1,
      flags: { kbps: false, pktps: true, burst: false, stats: false },
      bands: [],
    })
    expect(sent()).toBe(0)
  })

  test('limit what goes up to controllers, not what goes on', () => {
    const { bridge, send } = bench(
      'meter=9,pktps,burst,bands=type=drop,rate=1,burst_size=2',
      'actions=controller(meter_id=9),output:2',
    )
    const told: PacketIn[] = []
    bridge.setController({ packetIn: event => void told.push(event), flowRemoved() {} })
    for (let i = 0; i < 5; i++) expect(send(plain)).toEqual([`p2 ${text}`])
    expect(told).toHaveLength(2)
  })
})

describe('flows that frames make and end', () => {
  test('learn, timeouts, fin_timeout', () => {
    const { bed, bridge, send } = bench(
      'table=0,priority=1,actions=learn(table=1,idle_timeout=10,fin_idle_timeout=2,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),resubmit(,1)',
      'table=1,priority=0,actions=FLOOD',
    )
    const there = packet({ src: 1, dst: 2, proto: 6 })
    const back = packet({ src: 2, dst: 1, proto: 6 })
    expect(send(there).map(each => each.slice(0, 2))).toEqual(['p4', 'br', 'p2', 'p3'])
    expect(send(back, 2)).toEqual([`p1 ${hex(back)}`])
    expect(send(there)).toEqual([`p2 ${text.slice(0, 0)}${hex(there)}`])
    bed.clock.runUntil(5 * second)
    expect(bridge.flows.dump()).toHaveLength(4)
    bed.clock.runUntil(20 * second)
    expect(bridge.flows.dump()).toHaveLength(2)
  })

  test('conjunctions', () => {
    const { both } = bench(
      'priority=5,ip,nw_src=10.0.0.1,actions=conjunction(7,1/2)',
      'priority=5,ip,nw_src=10.0.0.3,actions=conjunction(7,1/2)',
      'priority=5,ip,nw_dst=10.0.0.2,actions=conjunction(7,2/2)',
      'priority=5,ip,nw_dst=10.0.0.4,actions=conjunction(7,2/2)',
      'priority=5,conj_id=7,ip,actions=output:2',
      'priority=1,actions=output:3',
    )
    const ports = [1, 2, 3].flatMap(from => [2, 3, 4].map(to => both(packet({ from, to }))[0]!.slice(0, 2)))
    expect(ports).toEqual(['p2', 'p3', 'p2', 'p3', 'p3', 'p3', 'p2', 'p3', 'p2'])
  })

  test('a pipeline waits for its controller and goes on', () => {
    const { bed, bridge, send } = bench(
      'actions=set_field:00:00:00:00:00:09->eth_dst,controller(pause),output:2,set_field:00:00:00:00:00:08->eth_dst,output:3',
    )
    const told: PacketIn[] = []
    bridge.setController({ packetIn: event => void told.push(event), flowRemoved() {} })
    expect(send(plain)).toEqual([])
    const [event] = told
    bed.sent = []
    bed.switch.resume(event!.paused!.frozen, event!.frame, event!.key)
    const tail = text.slice(12)
    expect(bed.sent.map(({ port, bytes }) => `${port} ${bytes}`)).toEqual([
      `p2 000000000009${tail}`,
      `p3 000000000008${tail}`,
    ])
  })

  test('NORMAL takes what a controller sends itself, in any VLAN, and learns nothing of it', () => {
    const bed = new Bed()
    const bridge = bed.bridge('br0')
    bed.port(bridge, 'p1', { tag: 7 })
    bed.port(bridge, 'p2', { trunks: [7] })
    bed.port(bridge, 'p3', { tag: 8 })
    for (const inPort of [OfPort.none, OfPort.controller, 99]) {
      bed.sent = []
      bridge.packetOut(Frame.from(packet({ tci: 7 })), inPort, [{ type: 'output', port: OfPort.normal }])
      expect(bed.sent.map(({ port, bytes }) => `${port} ${bytes.slice(24, 32)}`).sort()).toEqual(
        inPort === 99 ? [] : ['br0 81000007', 'p1 08004500', 'p2 81000007'],
      )
    }
    expect(bridge.macs.size).toBe(0)
  })
})
