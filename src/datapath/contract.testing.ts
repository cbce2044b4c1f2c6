/** What every datapath does, whatever it is made of. `make` gives a new one without ports. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type FlowKey, newKey, tunnelWords, word } from '../flow/layout.ts'
import type { Action } from './action.ts'
import type { Datapath, Decision, Upcall } from './datapath.ts'
import { hexOf, mac, maskOf, portMask, setOf, Taker, udp } from './frames.testing.ts'

export const datapathContract = (name: string, make: () => Datapath): void => {
  describe(`${name} is a datapath`, () => {
    let datapath: Datapath
    let ports: Taker[]
    let upcalls: { reason: string; port: number; key: FlowKey; bytes: string; cookie: unknown }[]

    /** Answers every miss with these actions for all frames of the mask. */
    const answer = (actions: readonly Action[], mask: FlowKey = portMask(), install = true): void =>
      datapath.onMiss(upcall => {
        note(upcall)
        return { mask, actions, install }
      })
    const note = ({ reason, port, key, frame, cookie }: Upcall): void => {
      upcalls.push({ reason, port, key: key.slice(), bytes: hexOf(frame.content()), cookie })
    }
    const out = (port: number): Action => ({ type: 'output', port })
    const counter = (name: string): number => new Map(datapath.counters()).get(name) ?? 0
    const flow = () => [...datapath.flows()][0]!

    beforeEach(() => {
      datapath = make()
      upcalls = []
      ports = [0, 1, 2, 3].map(i => new Taker(`p${i}`))
      for (const [i, port] of ports.entries()) datapath.addPort(port, i)
    })

    describe('ports', () => {
      test('take the wanted number, or the lowest free one', () => {
        expect(datapath.addPort(new Taker(), 9)).toBe(9)
        expect(datapath.addPort(new Taker(), 9)).toBe(4)
        datapath.removePort(2)
        expect(datapath.addPort(new Taker())).toBe(2)
        expect([...datapath.ports().keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 9])
      })

      test('count what passes', () => {
        answer([out(2)])
        datapath.receive(1, udp())
        datapath.receive(1, udp({ payload: 100 }))
        expect(datapath.portStats(1)).toMatchObject({ rxPackets: 2, rxBytes: 60 + 142, txPackets: 0 })
        expect(datapath.portStats(2)).toMatchObject({ txPackets: 2, txBytes: 60 + 142, rxPackets: 0 })
        expect(datapath.portStats(77)).toBeUndefined()
      })

      test('that are gone get nothing and give nothing', () => {
        answer([out(2)])
        datapath.receive(1, udp())
        datapath.removePort(2)
        datapath.receive(1, udp())
        expect(ports[2]?.frames).toHaveLength(1)
        datapath.removePort(1)
        datapath.receive(1, udp())
        expect(counter('datapath_drop_invalid_port')).toBe(2)
      })
    })

    describe('megaflows', () => {
      test('a miss goes up once with the whole key, and hits thereafter', () => {
        answer([out(2)])
        for (let i = 0; i < 3; i++) datapath.receive(1, udp({ ports: [1000 + i, 2000] }))
        expect(upcalls).toHaveLength(1)
        expect(upcalls[0]).toMatchObject({ reason: 'miss', port: 1, bytes: hexOf(udp().content()) })
        const { key } = upcalls[0]!
        expect(key[word.inPort]).toBe(1)
        expect(key[word.transport]).toBe((1000 << 16) | 2000)
        expect(key[word.ipv4Dst]).toBe(0x0a000002)
        expect(ports[2]?.frames).toHaveLength(3)
        expect(datapath.stats()).toMatchObject({ hit: 2, missed: 1, lost: 0, flows: 1, masks: 1 })
      })

      test('only the bits of the mask count', () => {
        const mask = maskOf(word.inPort, word.recircId, [word.ipv4Dst, 0xffffff00])
        datapath.onMiss(({ key }) => ({ mask, actions: [out(key[word.ipv4Dst]! & 0x100 ? 3 : 2)], install: true }))
        for (const dst of ['10.0.0.2', '10.0.0.200', '10.0.1.2', '10.0.1.9']) datapath.receive(1, udp({ dst }))
        expect(ports[2]?.frames).toHaveLength(2)
        expect(ports[3]?.frames).toHaveLength(2)
        expect(datapath.stats()).toMatchObject({ missed: 2, hit: 2, flows: 2, masks: 1 })
        expect(flow().flow.key[word.ipv4Dst]).toBe(0x0a000000)
      })

      test('of several masks live side by side', () => {
        datapath.onMiss(({ key }) => {
          const mask = portMask()
          const deep = key[word.ipv4Dst] === 0x0a000002
          mask[word.ipv4Dst] = deep ? 0xffffffff : 0xff
          if (deep) mask[word.transport] = 0xffff
          return { mask, actions: [out(deep ? 2 : 3)], install: true }
        })
        for (let round = 0; round < 2; round++)
          for (let i = 1; i < 6; i++) datapath.receive(1, udp({ dst: `10.0.0.${i}`, ports: [1, i] }))
        expect(ports[2]?.frames).toHaveLength(2)
        expect(ports[3]?.frames).toHaveLength(8)
        expect(datapath.stats()).toMatchObject({ masks: 2, flows: 5, missed: 5, hit: 5 })
      })

      test('count packets, bytes, last use and TCP flags; the frame that missed is not among them', () => {
        answer([out(2)])
        for (let i = 0; i < 3; i++) datapath.receive(1, udp())
        const { stats } = flow()
        expect(stats).toMatchObject({ packets: 2, bytes: 120 })
        expect(stats.used).toBeTypeOf('number')
        answer([out(2)])
        datapath.receive(3, udp())
        expect([...datapath.flows()][1]?.stats.used).toBeUndefined()
      })

      test('that are not to be kept decide one frame', () => {
        answer([out(2)], portMask(), false)
        for (let i = 0; i < 3; i++) datapath.receive(1, udp())
        expect(ports[2]?.frames).toHaveLength(3)
        expect(datapath.stats()).toMatchObject({ flows: 0, missed: 3 })
      })

      test('take new actions and keep their counts', () => {
        answer([out(2)])
        datapath.receive(1, udp())
        datapath.receive(1, udp())
        const { id } = flow()
        expect(datapath.replaceActions(id, [out(3)])).toBe(true)
        datapath.receive(1, udp())
        expect(ports[3]?.frames).toHaveLength(1)
        expect(flow()).toMatchObject({ id, stats: { packets: 2 }, flow: { actions: [out(3)] } })
      })

      test('go, and give their last counts', () => {
        answer([out(2)])
        datapath.receive(1, udp())
        datapath.receive(1, udp())
        const { id } = flow()
        expect(datapath.removeFlow(id)).toMatchObject({ packets: 1, bytes: 60 })
        expect(datapath.removeFlow(id)).toBeUndefined()
        expect(datapath.replaceActions(id, [])).toBe(false)
        answer([out(3)])
        datapath.receive(1, udp())
        expect(ports[3]?.frames).toHaveLength(1)
        expect(upcalls).toHaveLength(2)
        expect(flow().id).not.toBe(id)
        datapath.clear()
        expect(datapath.stats()).toMatchObject({ flows: 0, masks: 0 })
      })

      test('keep their own rows: what the switch does to its own later changes nothing', () => {
        const mask = portMask()
        answer([out(2)], mask)
        datapath.receive(1, udp())
        mask.fill(0xffffffff)
        datapath.receive(1, udp({ dst: '10.9.9.9' }))
        expect(datapath.stats()).toMatchObject({ missed: 1, hit: 1 })
        expect(flow().flow.mask[word.ipv4Dst]).toBe(0)
      })
    })

    describe('upcalls', () => {
      test('without anyone to answer are drops', () => {
        datapath.receive(1, udp())
        expect(counter('datapath_drop_upcall_error')).toBe(1)
        answer([{ type: 'userspace', reason: 'controller', cookie: 1 }])
        datapath.receive(1, udp())
        expect(counter('datapath_drop_userspace_action_error')).toBe(1)
      })

      test('with no decision are drops', () => {
        datapath.onMiss(() => undefined)
        datapath.receive(1, udp())
        expect(counter('datapath_drop_upcall_error')).toBe(1)
        expect(datapath.stats().flows).toBe(0)
      })

      test('of an action bring the frame as it is then, the key of it, and the cookie', () => {
        const cookie = { any: 'thing' }
        datapath.onUserspace(note)
        answer([setOf([word.ipv4Dst, 0x01020304]), { type: 'userspace', reason: 'controller', cookie }, out(2)])
        datapath.receive(1, udp())
        expect(upcalls[1]).toMatchObject({ reason: 'controller', port: 1, cookie })
        expect(upcalls[1]?.cookie).toBe(cookie)
        expect(upcalls[1]?.key[word.ipv4Dst]).toBe(0x01020304)
        expect(upcalls[1]?.bytes).toBe(hexOf(ports[2]!.frames[0]!.content()))
      })

      test('beyond the bound are lost', () => {
        let taken = 0
        datapath.onUserspace(() => taken++)
        answer(Array.from({ length: 5000 }, () => ({ type: 'userspace', reason: 'action', cookie: 0 })))
        datapath.receive(1, udp())
        expect(taken).toBeGreaterThan(0)
        expect(taken + datapath.stats().lost).toBe(5000)
      })

      test('may change flows while frames are under way', () => {
        datapath.onUserspace(() => datapath.clear())
        answer([{ type: 'userspace', reason: 'action', cookie: 0 }, out(2)])
        for (let i = 0; i < 3; i++) datapath.receive(1, udp())
        expect(ports[2]?.frames).toHaveLength(3)
        expect(datapath.stats()).toMatchObject({ missed: 3, flows: 0 })
      })
    })

    describe('actions', () => {
      /** What one frame becomes at port 2. */
      const changed = (...actions: Action[]): string => {
        answer([...actions, out(2)], portMask(), false)
        datapath.receive(1, udp())
        return ports[2]!.take()[0]!
      }
      const before = hexOf(udp().content())

      test('none, or drop, is a drop with a reason', () => {
        answer([], portMask(), false)
        datapath.receive(1, udp())
        expect(counter('drop_action_of_pipeline')).toBe(1)
        answer([{ type: 'drop', reason: 'because' }, out(2)], portMask(), false)
        datapath.receive(1, udp())
        expect(counter('because')).toBe(1)
        expect(ports[2]?.frames).toHaveLength(0)
      })

      test('output to several ports gives each a frame of its own', () => {
        answer([out(2), out(3), out(1)])
        const frame = udp()
        datapath.receive(1, frame)
        const got = [ports[2], ports[3], ports[1]].map(port => port!.frames[0]!)
        expect(got.map(each => hexOf(each.content()))).toEqual([before, before, before])
        expect(new Set(got.map(each => each.bytes)).size).toBe(3)
        // No copy for the last: the frame itself.
        expect(got[2]).toBe(frame)
      })

      test('run in order: an output sees what was set before it, and not what comes after', () => {
        answer([out(2), setOf([word.ethernet, 0xaabbccdd]), out(3), setOf([word.ethernet, 0])])
        datapath.receive(1, udp())
        expect(ports[2]!.take()[0]).toBe(before)
        expect(ports[3]!.take()[0]!.slice(0, 8)).toBe('aabbccdd')
      })

      test('push and pop of tags and labels', () => {
        expect(changed({ type: 'push_vlan', tpid: 0x8100, tci: 0x3005 })).toBe(
          `${before.slice(0, 24)}81002005${before.slice(24)}`,
        )
        expect(changed({ type: 'push_vlan', tpid: 0x88a8, tci: 0x1005 }, { type: 'pop_vlan' })).toBe(before)
        expect(changed({ type: 'pop_vlan' })).toBe(before)
        const label = (100 << 12) | 0x100 | 64
        expect(changed({ type: 'push_mpls', label, ethType: 0x8847 })).toBe(
          `${before.slice(0, 24)}884700064140${before.slice(28)}`,
        )
        expect(changed({ type: 'push_mpls', label, ethType: 0x8847 }, { type: 'pop_mpls', ethType: 0x0800 })).toBe(
          before,
        )
        expect(changed({ type: 'pop_mpls', ethType: 0x0800 })).toBe(before)
      })

      test('a label goes behind a tag', () => {
        const push: Action[] = [
          { type: 'push_vlan', tpid: 0x8100, tci: 5 },
          { type: 'push_mpls', label: 0x100, ethType: 0x8847 },
        ]
        expect(changed(...push)).toBe(`${before.slice(0, 24)}81000005884700000100${before.slice(28)}`)
        expect(changed(...push, { type: 'pop_mpls', ethType: 0x0800 }, { type: 'pop_vlan' })).toBe(before)
      })

      test('trunc cuts the next output only', () => {
        answer([{ type: 'trunc', size: 20 }, out(2), out(3)], portMask(), false)
        datapath.receive(1, udp())
        expect(ports[2]!.take()[0]).toBe(before.slice(0, 40))
        expect(ports[3]!.take()[0]).toBe(before)
        expect(changed({ type: 'trunc', size: 2000 })).toBe(before)
      })

      test('check_pkt_len chooses by the size, and what it changes does not outlive it', () => {
        const inner: Action[] = [{ type: 'push_vlan', tpid: 0x8100, tci: 5 }, out(3)]
        answer([{ type: 'check_pkt_len', size: 100, greater: inner, lessEqual: [] }, out(2)])
        for (const payload of [10, 58, 59]) datapath.receive(1, udp({ payload }))
        datapath.receive(1, udp({ payload: 100 }))
        expect(ports[2]?.frames.map(frame => frame.size)).toEqual([52, 100, 101, 142])
        expect(ports[3]?.frames.map(frame => frame.size)).toEqual([105, 146])
      })

      test('sample takes none, all, or about its part of the frames', () => {
        for (const [probability, least, most] of [
          [0, 0, 0],
          [0xffffffff, 400, 400],
          [0x40000000, 60, 140],
        ] as const) {
          datapath.clear()
          const before = ports[3]!.frames.length
          answer([{ type: 'sample', probability, actions: [out(3)] }, out(2)])
          for (let i = 0; i < 400; i++) datapath.receive(1, udp())
          const taken = ports[3]!.frames.length - before
          expect(taken).toBeGreaterThanOrEqual(least)
          expect(taken).toBeLessThanOrEqual(most)
        }
        expect(ports[2]?.frames).toHaveLength(1200)
      })

      test('ct without a connection tracker drops the frame and counts it, apart from what was done before', () => {
        const ct: Action = {
          type: 'ct',
          commit: true,
          force: false,
          zone: 0,
          mark: undefined,
          label: undefined,
          helper: undefined,
          nat: undefined,
        }
        answer([out(2), ct, out(3)])
        datapath.receive(1, udp())
        datapath.receive(1, udp())
        expect(ports[2]?.frames).toHaveLength(2)
        expect(ports[3]?.frames).toHaveLength(0)
        expect(counter('ct_not_there')).toBe(2)
        datapath.clear()
        answer([{ type: 'clone', actions: [ct, out(3)] }, { type: 'ct_clear' }, out(2)])
        datapath.receive(1, udp())
        expect(ports[2]?.frames).toHaveLength(3)
        expect(ports[3]?.frames).toHaveLength(0)
      })

      test('clone leaves frame, tunnel and metadata as they were', () => {
        const row = new Uint32Array(tunnelWords).fill(7)
        const inner: Action[] = [setOf([word.ethernet, 0xaabbccdd]), { type: 'tunnel', row }, out(3)]
        expect(changed({ type: 'clone', actions: inner })).toBe(before)
        expect(ports[3]!.tunnels[0]).toEqual(row)
        expect(ports[3]!.take()[0]!.slice(0, 8)).toBe('aabbccdd')
      })

      test('a tunnel row reaches the outputs after it', () => {
        const row = Uint32Array.from({ length: tunnelWords }, (_, i) => i)
        answer([out(2), { type: 'tunnel', row }, out(3), out(0)])
        datapath.receive(1, udp())
        expect(ports[2]!.tunnels[0]).toEqual(new Uint32Array(tunnelWords))
        expect(ports[3]!.tunnels[0]).toEqual(row)
        expect(ports[0]!.tunnels[0]).toEqual(row)
      })

      test('execute runs them without a lookup', () => {
        datapath.execute(udp(), 1, [out(3)])
        expect(ports[3]!.take()).toEqual([before])
        expect(datapath.stats()).toMatchObject({ hit: 0, missed: 0 })
      })
    })

    describe('recirculation', () => {
      const byId = (decide: (id: number, key: FlowKey) => Action[]) =>
        datapath.onMiss(
          ({ key }): Decision => ({ mask: portMask(), actions: decide(key[word.recircId]!, key), install: true }),
        )

      test('looks the frame up again, as it is now', () => {
        const seen: number[] = []
        byId((id, key) => {
          seen.push(key[word.ethernet]!)
          return id === 0 ? [setOf([word.ethernet, 5]), { type: 'recirc', id: 9 }] : [out(2)]
        })
        for (let i = 0; i < 2; i++) datapath.receive(1, udp())
        expect(seen).toEqual([0x02000000, 5])
        expect(ports[2]?.frames).toHaveLength(2)
        expect(datapath.stats()).toMatchObject({ flows: 2, missed: 2, hit: 2 })
      })

      test('leaves the frame to the actions after it', () => {
        byId(id => (id === 0 ? [{ type: 'recirc', id: 9 }, out(3)] : [setOf([word.ethernet, 5]), out(2)]))
        for (let i = 0; i < 2; i++) datapath.receive(1, udp())
        expect(ports[3]!.take()).toEqual([hexOf(udp().content()), hexOf(udp().content())])
        expect(ports[2]?.frames).toHaveLength(2)
      })

      test('ends', () => {
        byId(id => [{ type: 'recirc', id: id + 1 }])
        for (let i = 0; i < 3; i++) datapath.receive(1, udp())
        expect(counter('datapath_drop_recirc_error')).toBe(3)
      })

      test('carries the mark', () => {
        datapath.onMiss(({ key }) => ({
          mask: maskOf(word.inPort, word.recircId, word.pktMark),
          actions:
            key[word.recircId] === 0
              ? [setOf([word.pktMark, 6]), { type: 'recirc', id: 1 }]
              : [out(key[word.pktMark] === 6 ? 2 : 3)],
          install: true,
        }))
        for (let i = 0; i < 2; i++) datapath.receive(1, udp())
        expect(ports[2]?.frames).toHaveLength(2)
        expect(datapath.stats().missed).toBe(2)
      })
    })

    describe('tunnels', () => {
      test('what a frame arrived by is in its key, and in no other frame', () => {
        const mask = portMask()
        mask[word.tunIdLow] = 0xffffffff
        mask[word.tunSrc] = 0xffffffff
        datapath.onMiss(({ key }) => ({ mask, actions: [out(key[word.tunIdLow] === 100 ? 2 : 3)], install: true }))
        const row = new Uint32Array(tunnelWords)
        row[word.tunIdLow - word.tunIdHigh] = 100
        for (let i = 0; i < 2; i++) {
          datapath.receive(1, udp(), row)
          datapath.receive(1, udp())
        }
        expect(ports[2]?.frames).toHaveLength(2)
        expect(ports[3]?.frames).toHaveLength(2)
        expect(datapath.stats()).toMatchObject({ missed: 2, hit: 2 })
      })
    })

    describe('being called back', () => {
      test('a frame that comes back while another is handled waits its turn', () => {
        const order: string[] = []
        datapath.removePort(2)
        datapath.addPort(
          {
            name: 'back',
            type: 'dummy',
            send: frame => {
              order.push('in')
              datapath.receive(3, frame)
              order.push('out')
            },
          },
          2,
        )
        datapath.removePort(0)
        datapath.addPort({ name: 'end', type: 'dummy', send: () => void order.push('end') }, 0)
        datapath.onMiss(({ port }) => ({ mask: portMask(), actions: [out(port === 1 ? 2 : 0)], install: true }))
        datapath.receive(1, udp())
        datapath.receive(1, udp())
        expect(order).toEqual(['in', 'out', 'end', 'in', 'out', 'end'])
      })

      test('a loop without delay ends and is counted', () => {
        datapath.removePort(2)
        datapath.addPort({ name: 'loop', type: 'dummy', send: frame => datapath.receive(1, frame) }, 2)
        answer([out(2)])
        datapath.receive(1, udp())
        expect(counter('datapath_drop_loop')).toBeGreaterThan(0)
        datapath.removePort(2)
        datapath.addPort(ports[2]!, 2)
        datapath.receive(1, udp())
        expect(ports[2]?.frames).toHaveLength(1)
      })

      test('a storm is bounded', () => {
        for (const i of [2, 3]) {
          datapath.removePort(i)
          datapath.addPort({ name: `storm${i}`, type: 'dummy', send: frame => datapath.receive(1, frame) }, i)
        }
        answer([out(2), out(3)])
        datapath.receive(1, udp())
        expect(counter('datapath_drop_loop')).toBeGreaterThan(0)
      })
    })

    describe('hostile frames', () => {
      test('shorter than an Ethernet header are dropped', () => {
        answer([out(2)])
        const frame = udp()
        frame.end = frame.start + 13
        datapath.receive(1, frame)
        expect(counter('datapath_drop_rx_invalid_packet')).toBe(1)
        expect(datapath.portStats(1)).toMatchObject({ rxDropped: 1 })
      })

      test('cut anywhere pass through every action', () => {
        const actions: Action[] = [
          setOf([word.ethernet, mac('02:00:00:00:00:09')], [word.ipv4Src, 1], [word.ip, 0x00010200, 0x00ffff00]),
          setOf([word.transport, 0x00010002], [word.ipv6Src, 1], [word.arpSha, 1], [word.ndTarget, 1], [word.mpls, 1]),
          { type: 'push_mpls', label: 0x100, ethType: 0x8847 },
          { type: 'push_vlan', tpid: 0x8100, tci: 5 },
          { type: 'pop_vlan' },
          { type: 'pop_mpls', ethType: 0x0800 },
          out(2),
        ]
        answer(actions)
        const whole = [udp(), udp({ src: 'fd00::1', dst: 'fd00::2' })]
        for (const { content, size } of whole.map(frame => ({ content: frame, size: frame.size })))
          for (let cut = 14; cut <= size; cut++) {
            const frame = content.copy()
            frame.end = frame.start + cut
            datapath.receive(1, frame)
            expect(ports[2]!.frames.pop()?.size).toBe(cut)
          }
        expect(newKey()).toHaveLength(168)
      })
    })
  })
}
