/** Random packets, whole and damaged, through `ovs-ofctl parse-pcap` and through `extract`: the same flow. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { extract } from '../../src/flow/extract.ts'
import { newKey, word } from '../../src/flow/layout.ts'
import { formatMatch } from '../../src/flow/match-text.ts'
import { packetMask } from '../../src/flow/packet-mask.ts'
import { below, type Random, seeded } from '../../src/runtime/random.ts'
import { Frame } from '../../src/wire/frame.ts'

const hasOvs = spawnSync('which', ['ovs-ofctl']).status === 0

const of16 = (value: number): number[] => [(value >> 8) & 255, value & 255]

/** Packets that are mostly right: each layer chooses the next, lengths fit unless a dice says otherwise. */
const packets = (random: Random) => {
  const chance = (one: number): boolean => below(random, one) === 0
  const noise = (size: number): number[] => Array.from({ length: size }, () => below(random, 256))
  const pick = <T>(...of: T[]): T => of[below(random, of.length)] as T
  const l4 = (proto: number): number[] => {
    if (proto === 6) return [...noise(12), pick(0x50, 0x5f, 0x80), ...noise(7 + below(random, 30))]
    if (proto === 58) {
      const kind = pick(128, 135, 136, 135, 136)
      const options = Array.from({ length: below(random, 4) }, () => [
        pick(1, 2, 3, 1, 2),
        chance(10) ? 0 : pick(1, 1, 1, 2),
        ...noise(6),
      ]).flat()
      return [kind, chance(6) ? 1 : 0, ...noise(6), ...noise(16), ...options]
    }
    return noise(8 + below(random, 20))
  }
  const ipv4 = (): number[] => {
    const proto = pick(1, 2, 6, 17, 132, 47, 6, 17, 58)
    const options = chance(5) ? 4 * below(random, 11) : 0
    const body = l4(proto)
    const fragment = chance(4) ? pick(0x2000, 0x2010, 0x0010, 0x4000, 0x6000, 0x8000) : 0
    const size = chance(12) ? below(random, 100) : 20 + options + body.length
    const first = chance(20) ? below(random, 256) : 0x45 + options / 4
    return [
      first,
      ...noise(1),
      ...of16(size),
      ...noise(2),
      ...of16(fragment),
      ...noise(1),
      proto,
      ...noise(10),
      ...noise(options),
      ...body,
    ]
  }
  const ipv6 = (): number[] => {
    let proto = pick(6, 17, 58, 58, 58, 132, 59, 1, 2)
    let body = l4(proto)
    for (let i = below(random, 4); i > 0; i--) {
      const kind = pick(0, 43, 44, 51, 60, 135)
      const length = kind === 44 ? 0 : below(random, 3)
      const size = kind === 51 ? (length + 2) * 4 : (length + 1) * 8
      const head = [
        proto,
        chance(15) ? 200 : length,
        ...(kind === 44 ? of16(pick(0, 0, 1, 8, 9, 6, 0x100)) : noise(2)),
        ...noise(4),
      ]
      body = [...[...head, ...noise(16)].slice(0, size), ...body]
      proto = kind
    }
    const size = chance(12) ? below(random, 100) : body.length
    return [0x60 | below(random, 16), ...noise(3), ...of16(size), proto, ...noise(33), ...body]
  }
  const arp = (): number[] => {
    const head = chance(6) ? [0, 1, 8, 0, 6, 5] : [0, 1, 8, 0, 6, 4]
    return [...head, ...of16(pick(1, 2, 3, 255, 256, 300)), ...noise(20)]
  }
  const nsh = (): number[] => {
    const mdType = pick(1, 1, 2, 3)
    const words = mdType === 1 ? 6 : below(random, 8)
    return [
      pick(0, 0x10, 0x20, 0x40, 0) | below(random, 16),
      (below(random, 4) << 6) | words,
      mdType,
      pick(1, 2, 3, 4),
      ...noise(28),
    ]
  }
  const mpls = (): number[] =>
    Array.from({ length: 1 + below(random, 4) }, () => [...noise(2), pick(0x10, 0x11), ...noise(1)]).flat()
  const payload = (): number[] => {
    switch (below(random, 9)) {
      case 0:
      case 1:
        return [8, 0, ...ipv4()]
      case 2:
      case 3:
        return [0x86, 0xdd, ...ipv6()]
      case 4:
        return [...pick([8, 6], [0x80, 0x35]), ...arp()]
      case 5:
        return [...pick([0x88, 0x47], [0x88, 0x48]), ...mpls()]
      case 6:
        return [0x89, 0x4f, ...nsh()]
      case 7:
        return [
          ...of16(below(random, 0x700)),
          ...pick([0xaa, 0xaa, 3], [0x42, 0x42, 3]),
          0,
          0,
          chance(5) ? 1 : 0,
          ...pick([8, 0, ...ipv4()], [0, 9, 1, 1]),
        ]
      default:
        return [...pick([0x81, 0], [0x12, 0x34], [0x88, 0xa8]), ...noise(below(random, 8))]
    }
  }
  return (): Uint8Array => {
    const tags = Array.from({ length: chance(3) ? 1 + below(random, 3) : 0 }, () => [
      ...pick([0x81, 0], [0x88, 0xa8]),
      ...noise(2),
    ]).flat()
    let frame = [...noise(12), ...tags, ...payload()]
    if (chance(5)) frame = [...frame, ...noise(chance(10) ? 256 + below(random, 2) : below(random, 30))]
    if (chance(6)) frame = frame.slice(0, below(random, frame.length + 1))
    return Uint8Array.from(frame.length > 0 ? frame : [0])
  }
}

const pcap = (frames: Uint8Array[]): Uint8Array => {
  const size = frames.reduce((sum, frame) => sum + 16 + frame.length, 24)
  const out = Buffer.alloc(size)
  out.writeUInt32LE(0xa1b2c3d4, 0)
  out.writeUInt16LE(2, 4)
  out.writeUInt16LE(4, 6)
  out.writeUInt32LE(65535, 16)
  out.writeUInt32LE(1, 20)
  let at = 24
  for (const frame of frames) {
    out.writeUInt32LE(frame.length, at + 8)
    out.writeUInt32LE(frame.length, at + 12)
    out.set(frame, at + 16)
    at += 16 + frame.length
  }
  return out
}

describe.skipIf(!hasOvs)('extract against ovs-ofctl parse-pcap', () => {
  test.each([1, 2, 3, 4])('seed %i', seed => {
    const next = packets(seeded(seed))
    const frames = Array.from({ length: 5000 }, next)
    const directory = mkdtempSync(join(tmpdir(), 'weft-flow-key-'))
    try {
      writeFileSync(join(directory, 'a.pcap'), pcap(frames))
      const lines = execFileSync('ovs-ofctl', ['parse-pcap', join(directory, 'a.pcap')], {
        encoding: 'utf8',
        maxBuffer: 1e9,
      })
      const want = lines.trimEnd().split('\n')
      expect(want.length).toBe(frames.length)
      const key = newKey()
      const wrong: string[] = []
      for (const [i, bytes] of frames.entries()) {
        extract(Frame.from(bytes), key)
        key[word.inPort] = 0xffff
        const got = formatMatch({ key, mask: packetMask(key) })
        if (got !== want[i]) wrong.push(`${Buffer.from(bytes).toString('hex')}\n  ovs  ${want[i]}\n  weft ${got}`)
      }
      expect(wrong.slice(0, 5).join('\n')).toBe('')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
