import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  eui64,
  formatIp,
  formatIp4,
  formatIp6,
  formatMac,
  inPrefix,
  isLinkLocal6,
  isMulticastIp,
  isMulticastMac,
  linkLocal,
  mask4,
  mask6,
  multicastMac,
  parseIp,
  parseIp4,
  parseIp6,
  parseMac,
  solicitedNode,
} from './address.ts'

const ip6 = (text: string): bigint => {
  const ip = parseIp6(text)
  if (ip === undefined) throw new Error(`no address: ${text}`)
  return ip
}
const ip4 = (text: string): number => {
  const ip = parseIp4(text)
  if (ip === undefined) throw new Error(`no address: ${text}`)
  return ip
}

describe('MAC addresses', () => {
  test('are read with one or two digits and written with two', () => {
    expect(formatMac(parseMac('00:1b:2:ff:A:0') as number)).toBe('00:1b:02:ff:0a:00')
    for (const wrong of ['', '1:2:3:4:5', '1:2:3:4:5:6:7', '1:2:3:4:5:x', '1:2:3:4:5:', '001:2:3:4:5:6'])
      expect(parseMac(wrong)).toBeUndefined()
  })

  test('say whether they are for many', () => {
    expect(isMulticastMac(parseMac('01:00:5e:00:00:01') as number)).toBe(true)
    expect(isMulticastMac(parseMac('ff:ff:ff:ff:ff:ff') as number)).toBe(true)
    expect(isMulticastMac(parseMac('fe:ff:ff:ff:ff:ff') as number)).toBe(false)
  })
})

describe('IP addresses', () => {
  test('of four parts are read and written as Node judges them', () => {
    fc.assert(
      fc.property(fc.ipV4(), text => {
        expect(formatIp4(ip4(text))).toBe(text)
      }),
    )
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('0', '1', '255', '256', '01', '', 'a'), { minLength: 3, maxLength: 5 }),
        parts => {
          const text = parts.join('.')
          expect(parseIp4(text) !== undefined).toBe(isIPv4(text))
        },
      ),
    )
  })

  test('of eight groups are read as Node judges them and written by RFC 5952', () => {
    fc.assert(
      fc.property(fc.ipV6(), text => {
        const ip = ip6(text)
        expect(parseIp6(formatIp6(ip))).toBe(ip)
        // The address parser of the WHATWG URL standard writes the shortest form too, but never dots.
        if (!formatIp6(ip).includes('.')) expect(`[${formatIp6(ip)}]`).toBe(new URL(`http://[${text}]/`).hostname)
      }),
    )
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(':', '::', '0', 'f', '1.2.3.4', '12345'), maxLength: 12 }),
        text => {
          expect(parseIp6(text) !== undefined).toBe(isIPv6(text))
        },
      ),
    )
    const shown = [
      '::',
      '::1',
      'fe80::1',
      '1:0:0:2::',
      '1::2:0:0:3:4',
      '::ffff:10.0.0.1',
      '::1.2.3.4',
      '::1:2:3',
      '2001:db8::1:0:0:1',
    ]
    for (const text of shown) expect(formatIp6(ip6(text))).toBe(text)
    expect(formatIp6(ip6('2001:db8:0:1:1:1:1:1'))).toBe('2001:db8:0:1:1:1:1:1')
  })

  test('are told apart by type', () => {
    expect([typeof parseIp('10.0.0.1'), typeof parseIp('::1'), parseIp('x')]).toEqual(['number', 'bigint', undefined])
    expect([formatIp(0x0a000001), formatIp(1n)]).toEqual(['10.0.0.1', '::1'])
  })

  test('are in prefixes of their own family', () => {
    expect(inPrefix(ip4('10.1.2.3'), ip4('10.1.0.0'), 16)).toBe(true)
    expect(inPrefix(ip4('10.2.2.3'), ip4('10.1.0.0'), 16)).toBe(false)
    expect(inPrefix(ip4('200.2.2.3'), 0, 0)).toBe(true)
    expect(inPrefix(ip6('2001:db8::1'), ip6('2001:db8::'), 32)).toBe(true)
    expect(inPrefix(ip6('2001:db9::1'), ip6('2001:db8::'), 32)).toBe(false)
    expect(inPrefix(1n, 0, 0)).toBe(false)
    expect([mask4(0), mask4(24), mask4(32)]).toEqual([0, 0xffffff00, 0xffffffff])
    expect(formatIp6(mask6(48))).toBe('ffff:ffff:ffff::')
  })

  test('for many have MAC addresses for many', () => {
    expect(isMulticastIp(ip4('239.1.1.1')) && isMulticastIp(ip6('ff02::1'))).toBe(true)
    expect(isMulticastIp(ip4('10.0.0.1')) || isMulticastIp(ip6('fe80::1'))).toBe(false)
    expect(formatMac(multicastMac(ip4('239.129.2.3')))).toBe('01:00:5e:01:02:03')
    expect(formatMac(multicastMac(ip6('ff02::1:ff28:9c5a')))).toBe('33:33:ff:28:9c:5a')
  })

  test('of a link come from its MAC', () => {
    // RFC 2464 §4: the example of an interface identifier.
    const mac = parseMac('34:56:78:9a:bc:de') as number
    expect(eui64(mac).toString(16)).toBe('365678fffe9abcde')
    expect(formatIp6(linkLocal(mac))).toBe('fe80::3656:78ff:fe9a:bcde')
    expect(isLinkLocal6(linkLocal(mac)) && !isLinkLocal6(ip6('fec0::1'))).toBe(true)
    // RFC 4291 §2.7.1: the example of a solicited-node address.
    expect(formatIp6(solicitedNode(ip6('4037::01:800:200e:8c6c')))).toBe('ff02::1:ff0e:8c6c')
  })
})
