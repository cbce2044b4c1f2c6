import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp } from './address.ts'
import { pushEthernet } from './ethernet.ts'
import { Frame } from './frame.ts'
import { Ipv4Header, isIpv4ChecksumRight, pushIpv4 } from './ipv4.ts'
import { pushIpv6 } from './ipv6.ts'
import { isTcpChecksumRight, parseTcp, pushTcp, TcpFlag } from './tcp.ts'
import { segmentCount, segmentSize, segmentsOf, wireSize } from './tcp-segments.ts'
import { pushVlan } from './vlan.ts'

const four = { src: parseIp('10.0.0.1') as number, dst: parseIp('10.0.0.2') as number }
const six = { src: parseIp('fd00::1') as bigint, dst: parseIp('fd00::2') as bigint }

/** A run of `size` bytes in packets of `unit`. */
const run = (size: number, unit: number, flags: number, isSix: boolean, tagged: boolean): Frame => {
  const frame = Frame.of(size)
  for (let i = 0; i < size; i++) frame.bytes[frame.start + i] = i * 7
  const ends = isSix ? six : four
  const options = [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value: 1, echo: 2 }] as const
  const tcp = { src: 1, dst: 2, seq: 0xffffff00, ack: 9, flags, window: 500, urgent: 0, options: [...options] }
  pushTcp(frame, tcp, ends)
  if (isSix) pushIpv6(frame, { ...six, nextHeader: 6 })
  else pushIpv4(frame, { ...four, protocol: 6, id: 0xfffe })
  pushEthernet(frame, { dst: 2, src: 1, type: isSix ? 0x86dd : 0x0800 })
  if (tagged) pushVlan(frame, 0x8100, 7)
  frame.gso = unit
  return frame
}

describe('a run of segments', () => {
  test('is cut into packets that are right each by itself, and together the same', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 100, max: 1448 }),
        fc.boolean(),
        fc.boolean(),
        (size, unit, isSix, tagged) => {
          const whole = run(size, unit, TcpFlag.ack | TcpFlag.psh | TcpFlag.fin | TcpFlag.cwr, isSix, tagged)
          const data = whole.bytes.slice(whole.end - size, whole.end)
          const [count, wire, largest] = [segmentCount(whole), wireSize(whole), segmentSize(whole)]
          const packets = segmentsOf(whole)
          expect(packets).toHaveLength(Math.ceil(size / unit))
          expect(count).toBe(packets.length)
          expect(wire).toBe(packets.reduce((sum, packet) => sum + packet.size, 0))
          expect(largest).toBe(Math.max(...packets.map(packet => packet.size)))
          const got: number[] = []
          for (const [i, packet] of packets.entries()) {
            const { bytes, start, end } = packet
            const ip = start + 14 + (tagged ? 4 : 0)
            const tcp = parseTcp(bytes, ip + (isSix ? 40 : 20), end)
            if (!tcp.ok) throw new Error(tcp.why)
            expect(tcp.value.seq).toBe((0xffffff00 + i * unit) >>> 0)
            const isLast = i === packets.length - 1
            expect(tcp.value.flags).toBe(
              TcpFlag.ack | (isLast ? TcpFlag.psh | TcpFlag.fin : 0) | (i === 0 ? TcpFlag.cwr : 0),
            )
            expect(isTcpChecksumRight(bytes, ip, ip + (isSix ? 40 : 20), end)).toBe(true)
            if (isSix) expect(((bytes[ip + 4] as number) << 8) | (bytes[ip + 5] as number)).toBe(end - ip - 40)
            else {
              expect(isIpv4ChecksumRight(bytes, ip)).toBe(true)
              expect(Ipv4Header.at.totalLength(bytes, ip)).toBe(end - ip)
              expect(Ipv4Header.at.id(bytes, ip)).toBe((0xfffe + i) & 0xffff)
            }
            expect(packet.gso).toBe(0)
            got.push(...bytes.subarray(tcp.value.payload, end))
          }
          expect(Buffer.from(got).equals(Buffer.from(data))).toBe(true)
        },
      ),
    )
  })

  test('that is one packet, or no run, is that', () => {
    const one = run(100, 0, TcpFlag.ack, false, false)
    expect([segmentCount(one), wireSize(one), segmentSize(one)]).toEqual([1, one.size, one.size])
    expect(segmentsOf(one)).toEqual([one])
    const noTcp = Frame.from(new Uint8Array(3000))
    noTcp.gso = 100
    expect([segmentCount(noTcp), wireSize(noTcp), segmentSize(noTcp)]).toEqual([1, 3000, 3000])
    expect(segmentsOf(noTcp)).toEqual([noTcp])
  })

  test('is measured from its IP header on too, and a copy is a run', () => {
    const frame = run(5000, 1000, TcpFlag.ack, false, false)
    frame.start += 14
    expect(segmentSize(frame, frame.start)).toBe(1052)
    expect(frame.copy().gso).toBe(1000)
  })

  test('of hostile bytes never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 14, maxLength: 300 }), fc.integer({ min: 1, max: 200 }), (bytes, gso) => {
        const frame = Frame.from(bytes)
        frame.gso = gso
        for (const packet of segmentsOf(frame)) expect(packet.gso).toBe(0)
      }),
    )
  })
})
