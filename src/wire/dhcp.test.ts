import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp4 } from './address.ts'
import {
  type Dhcp,
  DhcpMessage,
  DhcpOption,
  dhcpAddresses,
  dhcpMessage,
  dhcpNumber,
  dhcpSize,
  dhcpText,
  dhcpType,
  dhcpValue,
  parseDhcp,
  writeDhcp,
} from './dhcp.ts'

const write = (dhcp: Dhcp): Uint8Array => {
  const bytes = new Uint8Array(dhcpSize(dhcp))
  expect(writeDhcp(bytes, 0, dhcp)).toBe(bytes.length)
  return bytes
}
const read = (bytes: Uint8Array): Dhcp => {
  const result = parseDhcp(bytes, 0, bytes.length)
  if (!result.ok) throw new Error(result.why)
  return result.value
}
const offer = dhcpMessage(DhcpMessage.offer, {
  xid: 0x3903f326,
  chaddr: 0x00053c04_8d59,
  broadcast: true,
  yiaddr: parseIp4('192.168.1.100')!,
  siaddr: parseIp4('192.168.1.1')!,
  options: new Map([
    [DhcpOption.serverId, dhcpValue.u32(parseIp4('192.168.1.1')!)],
    [DhcpOption.leaseTime, dhcpValue.u32(86400)],
    [DhcpOption.dnsServer, dhcpValue.u32(0x09090909, 0x08080808)],
    [DhcpOption.mtu, dhcpValue.u16(1450)],
    [DhcpOption.domainName, dhcpValue.text('example.com')],
  ]),
})

describe('bytes by hand, after RFC 2131', () => {
  const bytes = write(offer)

  test('the fixed part', () => {
    expect([...bytes.subarray(0, 34)]).toEqual([
      ...[2, 1, 6, 0, 0x39, 0x03, 0xf3, 0x26, 0, 0, 0x80, 0],
      ...[0, 0, 0, 0, 192, 168, 1, 100, 192, 168, 1, 1, 0, 0, 0, 0],
      ...[0x00, 0x05, 0x3c, 0x04, 0x8d, 0x59],
    ])
    expect(bytes.subarray(34, 236).every(byte => byte === 0)).toBe(true)
    expect([...bytes.subarray(236, 249)]).toEqual([0x63, 0x82, 0x53, 0x63, 53, 1, 2, 54, 4, 192, 168, 1, 1])
  })

  test('a message has at least 300 bytes and ends its options', () => {
    expect(bytes.length).toBe(300)
    expect(bytes.indexOf(255, 240)).toBe(240 + 3 + 6 + 6 + 10 + 4 + 13)
  })

  test('options read as what they are', () => {
    const dhcp = read(bytes)
    expect(dhcpType(dhcp)).toBe(DhcpMessage.offer)
    expect(dhcpNumber(dhcp, DhcpOption.leaseTime)).toBe(86400)
    expect(dhcpNumber(dhcp, DhcpOption.mtu)).toBe(1450)
    expect(dhcpNumber(dhcp, DhcpOption.messageType)).toBe(2)
    expect(dhcpNumber(dhcp, DhcpOption.renewalTime)).toBeUndefined()
    expect(dhcpNumber(dhcp, DhcpOption.domainName)).toBeUndefined()
    expect(dhcpAddresses(dhcp, DhcpOption.dnsServer)).toEqual([0x09090909, 0x08080808])
    expect(dhcpAddresses(dhcp, DhcpOption.router)).toEqual([])
    expect(dhcpText(dhcp, DhcpOption.domainName)).toBe('example.com')
    expect(dhcpText(dhcp, DhcpOption.hostName)).toBeUndefined()
    expect(dhcp).toEqual(offer)
  })

  test('options continue in the file and the name of the server', () => {
    const overloaded = new Uint8Array(300)
    overloaded.set(bytes.subarray(0, 240))
    overloaded.set([12, 2, 0x61, 0x62, 52, 1, 3, 99, 1, 7, 255], 240)
    overloaded.set([12, 1, 0x63, 255, 12, 1, 0x7a], 108)
    overloaded.set([0, 12, 2, 0x64, 0x65, 255], 44)
    const dhcp = read(overloaded)
    expect(dhcpText(dhcp, DhcpOption.hostName)).toBe('abcde')
    expect([dhcp.sname, dhcp.file, [...dhcp.options.keys()]]).toEqual(['', '', [12, 99]])
    overloaded.set([52, 1, 1], 244)
    overloaded.set([0x73, 0x72, 0x76, 0], 44)
    expect(read(overloaded)).toMatchObject({ sname: 'srv', file: '' })
    overloaded.set([12, 200], 108)
    expect(parseDhcp(overloaded, 0, 300)).toEqual({ ok: false, why: 'length' })
  })

  test('what is refused', () => {
    expect(parseDhcp(bytes, 0, 239)).toEqual({ ok: false, why: 'short' })
    const changed = (at: number, ...values: number[]): Uint8Array => {
      const copy = bytes.slice()
      copy.set(values, at)
      return copy
    }
    expect(parseDhcp(changed(236, 0), 0, 300)).toEqual({ ok: false, why: 'version' })
    expect(parseDhcp(changed(2, 17), 0, 300)).toEqual({ ok: false, why: 'length' })
    expect(parseDhcp(changed(241, 59), 0, 300)).toEqual({ ok: false, why: 'length' })
  })

  test('nothing behind the end is read', () => {
    const poisoned = new Uint8Array(700).fill(1)
    poisoned.set(bytes)
    for (let cut = 240; cut <= 300; cut++) {
      expect(parseDhcp(poisoned, 0, cut)).toEqual(parseDhcp(bytes.slice(0, cut), 0, cut))
    }
  })
})

test('any message comes back, long options too', () => {
  const text = (size: number): fc.Arbitrary<string> =>
    fc.stringMatching(/^[a-z./]*$/).map(whole => whole.slice(0, size))
  const address = fc.nat(0xffffffff)
  const dhcp: fc.Arbitrary<Dhcp> = fc.record({
    op: fc.nat(255),
    htype: fc.nat(255),
    hops: fc.nat(255),
    xid: address,
    secs: fc.nat(0xffff),
    broadcast: fc.boolean(),
    ciaddr: address,
    yiaddr: address,
    siaddr: address,
    giaddr: address,
    chaddr: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    hlen: fc.nat(16),
    sname: text(64),
    file: text(128),
    options: fc
      .array(
        fc.tuple(
          fc.integer({ min: 1, max: 254 }).filter(code => code !== 52),
          fc.uint8Array({ maxLength: 600 }),
        ),
        { maxLength: 6 },
      )
      .map(all => new Map(all)),
  })
  fc.assert(
    fc.property(dhcp, wanted => {
      expect(read(write(wanted))).toEqual(wanted)
    }),
  )
  expect(() => write({ ...offer, sname: 'x'.repeat(65) })).toThrow('a text of 65 bytes')
})

test('random options have an answer', () => {
  const head = write(offer).subarray(0, 240)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
      const all = Uint8Array.from([...head, ...bytes])
      const result = parseDhcp(all, 0, all.length)
      expect(result.ok || result.why === 'length').toBe(true)
    }),
  )
})
