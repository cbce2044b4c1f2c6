/**
 * Bytes from strangers. `kernel-vxlan.pcap`: a ping and its ARP through the Linux kernel's `vxlan` device, over IPv4
 * without UDP checksums (VNI 42), on port 8472 with (VNI 77), over IPv6 without (VNI 2^24 - 1) and with (VNI 5); then with
 * group policy 7, and with an inner VLAN tag (VNI 100).
 * `openvswitch-vxlan.pcap`: what Open vSwitch 3.1's user-space tunnels sent from a fixed and a `flow` port, with inner
 * ECN CE and ECT(1).
 */
import { describe, expect, test } from 'vitest'
import { extract } from '../flow/extract.ts'
import { newKey, tunnelFlag, tunnelWords, word } from '../flow/layout.ts'
import { Frame } from '../wire/frame.ts'
import { u16 } from '../wire/header.ts'
import { captured, hexFrame, hexOf, ip, ip4, ip6, Kept, mac } from './bytes.testing.ts'
import { EthernetUnderlay } from './ethernet-underlay.ts'
import { parseTunnelOptions } from './options.ts'
import { egress } from './ports.ts'
import { type Outer, readRow, writeRow } from './row.ts'
import { VxlanVport, type VxlanVportOptions } from './vxlan-vport.ts'

const kernel = (): Frame[] => captured('kernel-vxlan.pcap')
const nowhere = { send: () => {} }

/** A port that keeps what it decapsulates, and what the outer headers said. */
const port = (options: Partial<VxlanVportOptions> = {}) => {
  const kept: { frame: Frame; outer: Outer }[] = []
  const receive: VxlanVportOptions['receive'] = (frame, row) => void kept.push({ frame, outer: readRow(row) })
  return { kept, vport: new VxlanVport({ underlay: nowhere, receive, ...options }) }
}

/** Hands over the UDP payload without a look at the checksum. */
const handOver = (vport: VxlanVport, frame: Frame): void => {
  const header = u16.get(frame.bytes, frame.start + 12) === 0x0800 ? 34 : 54
  const dstPort = u16.get(frame.bytes, frame.start + header + 2)
  frame.start += header + 8
  vport.receive(frame, writeRow({ dstPort }))
}

describe('frames of the Linux kernel', () => {
  test('come out of the tunnel, over IPv4', () => {
    const { kept, vport } = port()
    const underlay = new EthernetUnderlay({
      link: nowhere,
      mac: 0,
      ip: ip4('192.168.2.20'),
      receivers: new Map([[4789, vport]]),
    })
    for (const frame of kernel().slice(0, 3)) underlay.receive(frame)
    expect(underlay.counters.entries()).toEqual([['not_ours', 1]])
    expect(kept.map(({ outer }) => outer)).toMatchObject([
      { vni: 42, src: ip('192.168.2.10'), dst: ip('192.168.2.20'), ttl: 64, flags: tunnelFlag.key, dstPort: 4789 },
      { vni: 42 },
    ])
    const [arp, ping] = kept.map(({ frame }) => hexFrame(frame))
    expect(arp).toBe('ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a000002')
    expect(ping).toMatch(/^020000000002020000000001080045000024.*0a0000010a0000020800/)
  })

  test('come out over IPv6, on another port, with 24 bits of VNI', () => {
    const { kept, vport } = port()
    const underlay = new EthernetUnderlay({ link: nowhere, mac: 0, receivers: new Map([[4789, vport]]) })
    underlay.receive(kernel()[8]!)
    expect(kept[0]?.outer).toMatchObject({
      vni: 0xffffff,
      src: ip6('fd02::10'),
      dst: ip6('fd02::20'),
      flags: tunnelFlag.key,
    })
    const old = port({ port: 8472 })
    handOver(old.vport, kernel()[4]!)
    expect(old.kept[0]?.outer.vni).toBe(77)
    handOver(old.vport, kernel()[0]!)
    expect(old.vport.counters.entries()).toEqual([['vxlan_wrong_port', 1]])
  })

  test('with a checksum that is wrong are dropped', () => {
    const { kept, vport } = port({ port: 8472 })
    const underlay = new EthernetUnderlay({
      link: nowhere,
      mac: 0,
      ip: ip4('192.168.2.20'),
      receivers: new Map([[8472, vport]]),
    })
    underlay.receive(kernel()[4]!)
    expect(kept).toHaveLength(1)
    for (let i = 50; i < 92; i++) {
      const frame = kernel()[4]!
      frame.bytes[frame.start + i]! ^= 1
      underlay.receive(frame)
    }
    expect(kept).toHaveLength(1)
    expect(underlay.counters.entries()).toEqual([['udp_checksum', 42]])
  })

  test('carry group policy, for ports that speak it', () => {
    const frame = (): Frame => kernel()[16]!
    const gbp = port({ dialect: 'gbp' })
    handOver(gbp.vport, frame())
    expect(gbp.kept[0]?.outer).toMatchObject({ vni: 100, gbp: { id: 7, flags: 0 } })
    const plain = port()
    handOver(plain.vport, frame())
    expect(plain.kept[0]?.outer).toMatchObject({ vni: 100, gbp: { id: 0, flags: 0 } })
  })

  test('with an inner tag are kept or dropped, as the port says', () => {
    const keep = port()
    handOver(keep.vport, kernel()[17]!)
    expect(hexFrame(keep.kept[0]!.frame)).toContain('0200000000018100200508004500')
    const drop = port({ decapsulateTag: 'drop' })
    handOver(drop.vport, kernel()[17]!)
    expect(drop.vport.counters.entries()).toEqual([['vxlan_inner_vlan', 1]])
  })

  test('are what we make of the same inner frames', () => {
    for (const [i, vni] of [
      [0, 42],
      [2, 42],
      [8, 0xffffff],
      [10, 0xffffff],
    ] as const) {
      const theirs = kernel()[i]!
      const isIpv6 = u16.get(theirs.bytes, theirs.start + 12) === 0x86dd
      const header = isIpv6 ? 54 : 34
      const { bytes, start, end } = theirs
      const link = new Kept()
      const underlay = new EthernetUnderlay({
        link,
        mac: mac('02:00:00:00:02:10'),
        neighbours: new Map([[ip4('192.168.2.20'), mac('02:00:00:00:02:20')]]),
        neighbours6: new Map([[ip6('fd02::20'), mac('02:00:00:00:02:20')]]),
      })
      const vport = new VxlanVport({ underlay, receive: () => {} })
      const srcPort = u16.get(bytes, start + header)
      const ends = isIpv6
        ? { src: ip6('fd02::10'), dst: ip6('fd02::20') }
        : { src: ip('192.168.2.10'), dst: ip('192.168.2.20') }
      vport.send(
        Frame.from(bytes, start + header + 16, end),
        writeRow({ vni, srcPort, flags: tunnelFlag.key, ...ends }),
      )
      const ours = link.frames[0]!
      // The kernel picks an IPv4 identification and a flow label; and its own default port range.
      if (isIpv6) ours.bytes.set(bytes.subarray(start + 15, start + 18), ours.start + 15)
      else {
        ours.bytes.set(bytes.subarray(start + 18, start + 20), ours.start + 18)
        ours.bytes.set(bytes.subarray(start + 24, start + 26), ours.start + 24)
      }
      expect(hexFrame(ours)).toBe(hexOf(bytes.subarray(start, end)))
    }
  })
})

describe('frames of Open vSwitch', () => {
  test('are what our tunnel port options make of the same inner frames, to the byte', () => {
    const ports = [
      { remote_ip: '192.168.2.20', key: 'flow' },
      { remote_ip: '192.168.2.21', key: '7', tos: 'inherit', ttl: 'inherit', csum: 'true', df_default: 'false' },
    ]
    for (const [i, theirs] of captured('openvswitch-vxlan.pcap').entries()) {
      const { bytes, start, end } = theirs
      const content = Frame.from(bytes, start + 50, end)
      const key = newKey()
      extract(content, key)
      key[word.tunIdLow] = 100
      expect(egress(parseTunnelOptions('v', ports[i % 2]!).config!, key, newKey())).toBeUndefined()
      key[word.tunTransport]! |= u16.get(bytes, start + 34) << 16
      const link = new Kept()
      const underlay = new EthernetUnderlay({
        link,
        mac: mac('aa:55:aa:55:00:00'),
        ip: ip4('192.168.2.10'),
        neighbours: new Map([
          [ip4('192.168.2.20'), mac('02:00:00:00:02:20')],
          [ip4('192.168.2.21'), mac('02:00:00:00:02:21')],
        ]),
      })
      const vport = new VxlanVport({ underlay, receive: () => {} })
      vport.send(content, key.subarray(word.tunIdHigh, word.tunIdHigh + tunnelWords))
      expect(link.take()).toEqual([hexOf(bytes.subarray(start, end))])
    }
  })
})
