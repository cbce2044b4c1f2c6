import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FlowKey, newKey, tunnelFlag, word } from '../flow/layout.ts'
import { ip, ip4, ip6 } from './bytes.testing.ts'
import { parseTunnelOptions, type TunnelConfig } from './options.ts'
import { congestion, egress, TunnelPorts } from './ports.ts'
import { keyAddress, setAddress } from './row.ts'

const config = (options: Record<string, string>): TunnelConfig => {
  const parsed = parseTunnelOptions('v', { remote_ip: '10.0.0.2', ...options })
  if (parsed.config === undefined) throw new Error(parsed.error)
  return parsed.config
}

/** A frame that came in: VNI, outer source, outer destination. */
const arrived = (vni: number, src: string, dst: string): FlowKey => {
  const key = newKey()
  key[word.tunIdLow] = vni
  setAddress(key, word.tunSrc, word.tunIpv6Src, ip(src))
  setAddress(key, word.tunDst, word.tunIpv6Dst, ip(dst))
  return key
}

/** Key, remote and local in the order in which Open vSwitch 3.1 gave up one after the other as they were deleted. */
const preference: Record<string, string>[] = [
  { key: '5', local_ip: '10.0.0.1' },
  { key: '5' },
  { key: '5', remote_ip: 'flow', local_ip: '10.0.0.1' },
  { key: '5', remote_ip: 'flow' },
  { key: '5', remote_ip: 'flow', local_ip: 'flow' },
  { key: 'flow', local_ip: '10.0.0.1' },
  { key: 'flow' },
  { key: 'flow', remote_ip: 'flow', local_ip: '10.0.0.1' },
  { key: 'flow', remote_ip: 'flow' },
  { key: 'flow', remote_ip: 'flow', local_ip: 'flow' },
]

describe('the port of an incoming frame', () => {
  test('is the most exact one, in the order of Open vSwitch', () => {
    const ports = new TunnelPorts<number>()
    for (const [i, options] of preference.entries()) expect(ports.add(i, config(options))).toBeUndefined()
    for (const [i, options] of preference.entries()) {
      expect(ports.find(arrived(5, '10.0.0.2', '10.0.0.1'), 4789)).toBe(i)
      ports.remove(config(options))
    }
    expect(ports.find(arrived(5, '10.0.0.2', '10.0.0.1'), 4789)).toBeUndefined()
  })

  test('agrees in what is exact', () => {
    const ports = new TunnelPorts<string>()
    ports.add('five', config({ key: '5' }))
    ports.add('none', config({}))
    ports.add('old', config({ key: '5', dst_port: '8472' }))
    ports.add('six', config({ remote_ip: 'fd00::2', key: '5' }))
    const find = (vni: number, src: string, port = 4789) => ports.find(arrived(vni, src, '9.9.9.9'), port)
    expect(find(5, '10.0.0.2')).toBe('five')
    expect(find(0, '10.0.0.2')).toBe('none')
    expect(find(6, '10.0.0.2')).toBeUndefined()
    expect(find(5, '10.0.0.3')).toBeUndefined()
    expect(find(5, '10.0.0.2', 8472)).toBe('old')
    expect(ports.find(arrived(5, 'fd00::2', 'fd00::1'), 4789)).toBe('six')
  })

  test('is taken once', () => {
    const ports = new TunnelPorts<string>()
    ports.add('first', config({ key: 'flow' }))
    expect(ports.add('second', config({ key: 'flow', ttl: '3' }))).toBe('first')
  })

  test('un-wildcards what decides: Megaflow of ofproto/trace', () => {
    const mask = newKey()
    new TunnelPorts<string>().find(arrived(5, '10.0.0.2', '10.0.0.1'), 4789, mask)
    const flags = tunnelFlag.dontFragment | tunnelFlag.csum | tunnelFlag.key
    expect(mask[word.tunIdLow]).toBe(0xffffffff)
    expect(mask[word.tunSrc]).toBe(0xffffffff)
    expect(mask[word.tunDst]).toBe(0xffffffff)
    expect(mask[word.tunFlags]).toBe((flags << 16) | 0xff00)
    expect(mask[word.tunIpv6Src]).toBe(0)
    const mask6 = newKey()
    new TunnelPorts<string>().find(arrived(5, 'fd00::2', 'fd00::1'), 4789, mask6)
    expect(mask6[word.tunIpv6Src]).toBe(0xffffffff)
  })

  test('is the same as in a plain search', () => {
    const some = fc.record({
      vni: fc.constantFrom('0', '1', 'flow'),
      remote: fc.constantFrom('10.0.0.1', '10.0.0.2', 'flow'),
      local: fc.constantFrom('10.0.0.8', '10.0.0.9', undefined),
    })
    const frame = fc.tuple(
      fc.nat({ max: 2 }),
      fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'),
      fc.constantFrom('10.0.0.8', '10.0.0.7'),
    )
    fc.assert(
      fc.property(fc.uniqueArray(some, { selector: each => JSON.stringify(each) }), frame, (all, [vni, src, dst]) => {
        const ports = new TunnelPorts<(typeof all)[number]>()
        for (const port of all)
          ports.add(
            port,
            config({ key: port.vni, remote_ip: port.remote, ...(port.local ? { local_ip: port.local } : {}) }),
          )
        const score = (port: (typeof all)[number]): number =>
          (port.vni === 'flow' ? 0 : 4) + (port.remote === 'flow' ? 0 : 2) + (port.local === undefined ? 0 : 1)
        const best = all
          .filter(
            port =>
              (port.vni === 'flow' || Number(port.vni) === vni) &&
              (port.remote === 'flow' || port.remote === src) &&
              (port.local === undefined || port.local === dst),
          )
          .sort((a, b) => score(b) - score(a))[0]
        expect(ports.find(arrived(vni, src, dst), 4789)).toEqual(best)
      }),
    )
  })
})

describe('the outer headers of an outgoing frame', () => {
  const ipFrame = (tos = 0, ttl = 64): FlowKey => {
    const key = newKey()
    key[word.ethType] = 0x0800 << 16
    key[word.ip] = (tos << 16) | (ttl << 8) | 17
    return key
  }
  const out = (options: Record<string, string>, key = ipFrame()) => {
    const mask = newKey()
    const why = egress(config(options), key, mask)
    const flags = key[word.tunFlags]!
    return {
      why,
      vni: key[word.tunIdLow],
      dst: keyAddress(key, word.tunDst, word.tunIpv6Dst),
      src: keyAddress(key, word.tunSrc, word.tunIpv6Src),
      flags: flags >>> 16,
      tos: (flags >>> 8) & 255,
      ttl: flags & 255,
      port: key[word.tunTransport],
      mask: mask[word.ip],
    }
  }

  test('the usual', () => {
    expect(out({ key: '7' })).toEqual({
      why: undefined,
      vni: 7,
      dst: ip('10.0.0.2'),
      src: 0,
      flags: tunnelFlag.dontFragment | tunnelFlag.key,
      tos: 0,
      ttl: 64,
      port: 4789,
      mask: 0x030000,
    })
  })

  test('no key is VNI 0 and says so', () => {
    const key = ipFrame()
    key[word.tunIdLow] = 9
    expect(out({}, key)).toMatchObject({ vni: 0, flags: tunnelFlag.dontFragment })
  })

  test('what flows choose', () => {
    const key = ipFrame()
    key[word.tunIdLow] = 100
    key[word.tunSrc] = ip4('10.0.0.7')
    setAddress(key, word.tunDst, word.tunIpv6Dst, ip6('fd00::9'))
    expect(out({ key: 'flow', remote_ip: 'flow', local_ip: 'flow' }, key)).toMatchObject({
      vni: 100,
      src: ip('10.0.0.7'),
      dst: ip('fd00::9'),
    })
    expect(out({ key: 'flow', remote_ip: 'flow' })).toMatchObject({ vni: 0, dst: 0 })
    expect(out({ in_key: '4', out_key: '6', local_ip: '10.0.0.1' })).toMatchObject({ vni: 6, src: ip('10.0.0.1') })
  })

  test('TOS and TTL, fixed and inherited; ECN always is', () => {
    expect(out({ tos: '0x28', ttl: '9' }, ipFrame(0xb8))).toMatchObject({ tos: 0x28, ttl: 9, mask: 0x030000 })
    expect(out({ tos: 'inherit', ttl: 'inherit' }, ipFrame(0xb9, 33))).toMatchObject({
      tos: 0xb9,
      ttl: 33,
      mask: 0xffff00,
    })
    expect(out({}, ipFrame(3))).toMatchObject({ tos: 2 })
    expect(out({ tos: 'inherit', ttl: 'inherit' }, newKey())).toMatchObject({ tos: 0, ttl: 64, mask: 0 })
  })

  test('flags', () => {
    expect(out({ csum: 'true', df_default: 'false' }).flags).toBe(tunnelFlag.csum)
  })
})

describe('congestion on the way', () => {
  const seen = (outer: number, inner: number, type = 0x0800) => {
    const key = newKey()
    key[word.ethType] = type << 16
    key[word.ip] = inner << 16
    key[word.tunFlags] = outer << 8
    return congestion(key, newKey())
  }
  test('RFC 3168 §9.1.1', () => {
    expect([0, 1, 2].map(outer => seen(outer, 0))).toEqual(['none', 'none', 'none'])
    expect([0, 1, 2, 3].map(inner => seen(3, inner))).toEqual(['drop', 'mark', 'mark', 'none'])
    expect(seen(3, 0, 0x0806)).toBe('none')
  })
  test('of a packet whose packet type alone says that it is IP', () => {
    const key = newKey()
    key[word.packetType] = 0x10800
    key[word.tunFlags] = 3 << 8
    expect(congestion(key, newKey())).toBe('drop')
  })
})
