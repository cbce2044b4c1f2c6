/** Every capture of real VXLAN traffic (`test/captures/make.mjs`), taken apart and put together again. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readCapture } from '../wire/capture.ts'
import { Frame } from '../wire/frame.ts'
import type { Layer } from '../wire/layer.ts'
import { dissect } from '../wire/layers.ts'
import { reencode } from '../wire/reencode.testing.ts'
import { showLine } from '../wire/show.ts'
import { showLayers } from '../wire/show-layers.ts'
import { type VxlanDialect, VxlanPort } from '../wire/vxlan.ts'
import { hexFrame, hexOf } from './bytes.testing.ts'
import { readRow, writeRow } from './row.ts'
import { VxlanVport } from './vxlan-vport.ts'

/** What the inner hosts were asked to send, and its answers; how many group reports go with it is the kernel's affair. */
const files: Record<string, { [protocol: string]: number }> = {
  'kernel-vxlan.pcap': { arp: 8, icmp: 9, udp: 1 },
  'kernel-vxlan6.pcap': { arp: 2, icmp: 2, icmp6: 6 },
  'kernel-vxlan-gpe.pcap': { icmp: 2 },
  'openvswitch-vxlan.pcap': { udp: 4 },
  'ovs-kernel-vxlan.pcap': { arp: 2, icmp: 4, icmp6: 4 },
}

type Part = { [P in Layer['protocol']]?: Layer<P> }

/** The outermost layer of each protocol. */
const outermost = (layers: readonly Layer[]): Part =>
  Object.fromEntries([...layers].reverse().map(each => [each.protocol, each]))

describe.each(Object.keys(files))('%s', name => {
  const { packets, bad } = readCapture(readFileSync(new URL(`../../test/captures/${name}`, import.meta.url)))
  const frames = packets.map(({ bytes }) => ({ bytes, layers: dissect(bytes) }))

  test('is a whole file', () => {
    expect(bad).toBeUndefined()
    expect(packets.length).toBeGreaterThan(1)
  })

  test('is understood to the last byte, checksums too', () => {
    const inside: Record<string, number> = {}
    for (const { bytes, layers } of frames) {
      expect(layers.filter(layer => layer.bad !== undefined)).toEqual([])
      const tunnel = layers.findIndex(({ protocol }) => protocol === 'vxlan')
      expect(tunnel).toBe(3)
      const last = layers.filter(({ protocol }) => protocol !== 'data' && protocol !== 'padding').at(-1) as Layer
      inside[last.protocol] = (inside[last.protocol] ?? 0) + 1
      expect(hexOf(reencode(bytes, layers))).toBe(hexOf(bytes))
    }
    expect(inside).toMatchObject(files[name] as object)
  })

  test('is shown, in a line and layer by layer', () => {
    for (const { bytes, layers } of frames) {
      const { vxlan, udp } = outermost(layers)
      const line = showLine(bytes, 0, bytes.length, { link: true })
      // tcpdump knows the kernel's old port as another protocol's, whose header is the same.
      if (udp?.value?.dst === VxlanPort.iana) expect(line).toMatch(new RegExp(`VXLAN.*, vni ${vxlan?.value?.vni}\n`))
      if (udp?.value?.dst === VxlanPort.linux) expect(line).toContain(`instance ${vxlan?.value?.vni}`)
      expect(showLayers(layers, bytes)).toContain(`${vxlan?.value?.vni}`)
    }
  })

  test('comes out of a tunnel port, and the same bytes go in again', () => {
    for (const { bytes, layers } of frames) {
      const { vxlan, udp } = outermost(layers)
      const [srcPort, dstPort] = [udp?.value?.src ?? 0, udp?.value?.dst ?? 0]
      const dialect: VxlanDialect = vxlan?.value?.gpe ? 'gpe' : vxlan?.value?.gbp ? 'gbp' : 'plain'
      const again: string[] = []
      const vport: VxlanVport = new VxlanVport({
        underlay: { send: frame => again.push(hexFrame(frame)) },
        receive: (frame, row) => {
          expect(hexFrame(frame)).toBe(hexOf(bytes.subarray(vxlan?.end, vxlan?.limit)))
          const { vni, flags, gbp } = readRow(row)
          expect(vni).toBe(vxlan?.value?.vni)
          vport.send(frame, writeRow({ vni, flags, gbp, srcPort, dst: 1 }))
        },
        port: dstPort,
        dialect,
      })
      vport.receive(Frame.from(bytes, vxlan?.start, vxlan?.limit), writeRow({ srcPort, dstPort }))
      if (vxlan?.value?.gpe) expect(vport.counters.entries()).toEqual([['vxlan_protocol', 1]])
      else expect(again).toEqual([hexOf(bytes.subarray(vxlan?.start, vxlan?.limit))])
    }
  })
})
