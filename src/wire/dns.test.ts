import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp4, parseIp6 } from './address.ts'
import { type Dns, DnsRcode, type DnsRecord, DnsType, dnsMessage, parseDns, writeDns } from './dns.ts'

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.replace(/\s/g, '').match(/../g) ?? [], pair => Number.parseInt(pair, 16))

const empty: Dns = {
  id: 0,
  response: false,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: DnsRcode.noError,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
}
const read = (bytes: Uint8Array): Dns => {
  const result = parseDns(bytes, 0, bytes.length)
  if (!result.ok) throw new Error(result.why)
  return result.value
}

describe('bytes by hand, after RFC 1035', () => {
  test('a question as resolvers send it', () => {
    const bytes = fromHex('1234 0100 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 0001 0001')
    const dns = {
      ...empty,
      id: 0x1234,
      recursionDesired: true,
      questions: [{ name: 'example.com.', type: 1, class: 1 }],
    }
    expect(read(bytes)).toEqual(dns)
    expect(dnsMessage(dns)).toEqual(bytes)
  })

  test('an answer with compressed names', () => {
    const bytes = fromHex(`abcd 8583 0001 0002 0000 0001
      03 777777 07 6578616d706c65 03 636f6d 00 0001 0001
      c00c 0005 0001 0000003c 0006 03 667470 c010
      c02d 0001 0001 00000e10 0004 c0000201
      00 0029 04d0 00000000 0000`)
    const dns: Dns = {
      ...empty,
      id: 0xabcd,
      response: true,
      authoritative: true,
      recursionDesired: true,
      recursionAvailable: true,
      rcode: DnsRcode.nameError,
      questions: [{ name: 'www.example.com.', type: 1, class: 1 }],
      answers: [
        { name: 'www.example.com.', type: 5, class: 1, ttl: 60, data: { kind: 'name', name: 'ftp.example.com.' } },
        {
          name: 'ftp.example.com.',
          type: 1,
          class: 1,
          ttl: 3600,
          data: { kind: 'a', address: parseIp4('192.0.2.1')! },
        },
      ],
      additionals: [
        { name: '.', type: DnsType.OPT, class: 1232, ttl: 0, data: { kind: 'other', bytes: new Uint8Array(0) } },
      ],
    }
    expect(read(bytes)).toEqual(dns)
    expect(dnsMessage(dns)).toEqual(bytes)
  })
})

describe('every kind of record', () => {
  const records: DnsRecord[] = [
    { name: 'a.test.', type: DnsType.A, class: 1, ttl: 1, data: { kind: 'a', address: 0x0a000001 } },
    {
      name: 'a.test.',
      type: DnsType.AAAA,
      class: 1,
      ttl: 1,
      data: { kind: 'aaaa', address: parseIp6('2001:db8::1')! },
    },
    { name: 'test.', type: DnsType.NS, class: 1, ttl: 1, data: { kind: 'name', name: 'ns.test.' } },
    { name: '1.0.0.10.in-addr.arpa.', type: DnsType.PTR, class: 1, ttl: 1, data: { kind: 'name', name: 'a.test.' } },
    { name: 'test.', type: DnsType.MX, class: 1, ttl: 1, data: { kind: 'mx', preference: 10, exchange: 'mx.test.' } },
    {
      name: 'test.',
      type: DnsType.TXT,
      class: 1,
      ttl: 1,
      data: { kind: 'txt', texts: [Uint8Array.of(1, 2), new Uint8Array(0)] },
    },
    {
      name: 'test.',
      type: DnsType.SOA,
      class: 1,
      ttl: 1,
      data: {
        kind: 'soa',
        mname: 'ns.test.',
        rname: 'me.test.',
        serial: 4_000_000_000,
        refresh: 1,
        retry: 2,
        expire: 3,
        minimum: 4,
      },
    },
    {
      name: '_http._tcp.test.',
      type: DnsType.SRV,
      class: 1,
      ttl: 1,
      data: { kind: 'srv', priority: 1, weight: 2, port: 80, target: 'a.test.' },
    },
    { name: 'test.', type: 65280, class: 1, ttl: 1, data: { kind: 'other', bytes: Uint8Array.of(1, 2, 3) } },
  ]
  const dns: Dns = { ...empty, response: true, answers: records, authorities: records, additionals: records }

  test('comes back', () => expect(read(dnsMessage(dns))).toEqual(dns))

  test('pointers count from where the message begins', () => {
    const bytes = new Uint8Array(2000).fill(0xee)
    const size = writeDns(bytes, 333, dns)
    const result = parseDns(bytes, 333, 333 + size)
    expect(result).toEqual({ ok: true, value: dns })
  })

  test('cut anywhere it is refused, and nothing behind the end is read', () => {
    const whole = dnsMessage(dns)
    for (let cut = 0; cut < whole.length; cut++) {
      const poisoned = new Uint8Array(cut + 300).fill(0x01)
      poisoned.set(whole.subarray(0, cut))
      const result = parseDns(poisoned, 0, cut)
      expect(result.ok).toBe(false)
      expect(result).toEqual(parseDns(whole.slice(0, cut), 0, cut))
    }
  })

  test('data of a wrong size is refused', () => {
    for (const [type, size] of [
      [1, 5],
      [28, 15],
      [15, 2],
      [33, 6],
      [6, 21],
    ]) {
      const bytes = fromHex(`0000 8000 0000 0001 0000 0000 00 00${type!.toString(16).padStart(2, '0')} 0001 00000000`)
      const all = Uint8Array.from([...bytes, 0, size!, ...new Array(size).fill(0)])
      expect(parseDns(all, 0, all.length)).toEqual({ ok: false, why: 'length' })
    }
  })
})

test('any answers come back', () => {
  const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/)
  const name = fc.array(label, { maxLength: 5 }).map(labels => `${labels.join('.')}.`)
  const record = fc.record({
    name,
    class: fc.nat(0xffff),
    ttl: fc.nat(0xffffffff),
    rest: fc.oneof(
      fc.record({ type: fc.constant(5), data: fc.record({ kind: fc.constant('name' as const), name }) }),
      fc.record({
        type: fc.constant(15),
        data: fc.record({ kind: fc.constant('mx' as const), preference: fc.nat(0xffff), exchange: name }),
      }),
      fc.record({
        type: fc.integer({ min: 300, max: 400 }),
        data: fc.record({ kind: fc.constant('other' as const), bytes: fc.uint8Array() }),
      }),
    ),
  })
  fc.assert(
    fc.property(fc.array(record), all => {
      const answers: DnsRecord[] = all.map(({ rest, ...common }) => ({ ...common, ...rest }))
      expect(read(dnsMessage({ ...empty, answers })).answers).toEqual(answers)
    }),
  )
})

test('random bytes have an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      const result = parseDns(bytes, 0, bytes.length)
      expect(typeof result.ok).toBe('boolean')
    }),
  )
})

test('a message that is all pointers ends soon', () => {
  const bytes = new Uint8Array(65535)
  for (let at = 12; at < bytes.length - 1; at += 2) {
    const back = Math.min(at - 2, 0x3ffe)
    bytes[at] = 0xc0 | (back >> 8)
    bytes[at + 1] = back & 255
  }
  bytes.set([0, 0, 0x80, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])
  expect(parseDns(bytes, 0, bytes.length)).toEqual({ ok: false, why: 'loop' })
})
