/**
 * DNS messages (RFC 1035 §4). Records whose data has names in it are understood, because those names may be compressed
 * against the whole message; of the others (and of types newer than this file) the bytes are carried.
 */
import type { Ip4, Ip6 } from './address.ts'
import { type NameWriter, nameWriter, readName } from './dns-name.ts'
import { bit, bits, header, u8, u16, u32, u128 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

export const DnsHeader = header('DNS', 12, {
  id: [0, u16],
  response: [2, bit(0)],
  opcode: [2, bits(3, 4)],
  authoritative: [2, bit(5)],
  truncated: [2, bit(6)],
  recursionDesired: [2, bit(7)],
  recursionAvailable: [3, bit(0)],
  authenticData: [3, bit(2)],
  checkingDisabled: [3, bit(3)],
  rcode: [3, bits(0, 4)],
  questions: [4, u16],
  answers: [6, u16],
  authorities: [8, u16],
  additionals: [10, u16],
})

export const DnsPort = 53

export const DnsType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  ANY: 255,
} as const

export const DnsClass = { IN: 1, CH: 3, ANY: 255 } as const
export const DnsRcode = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
} as const

/** What a record says. `other` holds the bytes of every type without a shape of its own here, OPT's too. */
export type DnsData =
  | { kind: 'a'; address: Ip4 }
  | { kind: 'aaaa'; address: Ip6 }
  /** NS, CNAME and PTR. */
  | { kind: 'name'; name: string }
  | { kind: 'mx'; preference: number; exchange: string }
  | { kind: 'txt'; texts: Uint8Array[] }
  | {
      kind: 'soa'
      mname: string
      rname: string
      serial: number
      refresh: number
      retry: number
      expire: number
      minimum: number
    }
  | { kind: 'srv'; priority: number; weight: number; port: number; target: string }
  | { kind: 'other'; bytes: Uint8Array }

/** Names are absolute and end in a dot, the root is `.`; see dns-name.ts for bytes that are not letters. */
export type DnsQuestion = { name: string; type: number; class: number }
/** `ttl` is seconds. In an OPT record (RFC 6891) `class` is the UDP size and `ttl` holds flags. */
export type DnsRecord = { name: string; type: number; class: number; ttl: number; data: DnsData }

export type Dns = {
  id: number
  response: boolean
  opcode: number
  authoritative: boolean
  truncated: boolean
  recursionDesired: boolean
  recursionAvailable: boolean
  authenticData: boolean
  checkingDisabled: boolean
  rcode: number
  questions: DnsQuestion[]
  answers: DnsRecord[]
  authorities: DnsRecord[]
  additionals: DnsRecord[]
}

/** Reads a message that begins at `start`, where compression pointers count from. */
export const parseDns = (bytes: Uint8Array, start: number, end: number): Parsed<Dns> => {
  const head = DnsHeader.read(bytes, start, end)
  if (head === undefined) return refused('short')
  const questions: DnsQuestion[] = []
  let at = start + DnsHeader.size
  for (let i = 0; i < head.questions; i++) {
    const name = readName(bytes, start, at, end)
    if (!name.ok) return name
    at = name.value.next
    if (at + 4 > end) return refused('short')
    questions.push({ name: name.value.name, type: u16.get(bytes, at), class: u16.get(bytes, at + 2) })
    at += 4
  }
  const sections: DnsRecord[][] = []
  for (const count of [head.answers, head.authorities, head.additionals]) {
    const records: DnsRecord[] = []
    for (let i = 0; i < count; i++) {
      const name = readName(bytes, start, at, end)
      if (!name.ok) return name
      at = name.value.next
      if (at + 10 > end) return refused('short')
      const type = u16.get(bytes, at)
      const from = at + 10
      const to = from + u16.get(bytes, at + 8)
      if (to > end) return refused('short')
      const data = parseData(bytes, start, type, from, to)
      if (!data.ok) return data
      const common = { name: name.value.name, type, class: u16.get(bytes, at + 2), ttl: u32.get(bytes, at + 4) }
      records.push({ ...common, data: data.value })
      at = to
    }
    sections.push(records)
  }
  const [answers, authorities, additionals] = sections as [DnsRecord[], DnsRecord[], DnsRecord[]]
  return parsed({ ...head, questions, answers, authorities, additionals })
}

const parseData = (bytes: Uint8Array, message: number, type: number, from: number, to: number): Parsed<DnsData> => {
  const size = to - from
  switch (type) {
    case DnsType.A:
      return size === 4 ? parsed({ kind: 'a', address: u32.get(bytes, from) }) : refused('length')
    case DnsType.AAAA:
      return size === 16 ? parsed({ kind: 'aaaa', address: u128.get(bytes, from) }) : refused('length')
    case DnsType.NS:
    case DnsType.CNAME:
    case DnsType.PTR: {
      const name = nameThatFills(bytes, message, from, to)
      return name.ok ? parsed({ kind: 'name', name: name.value }) : name
    }
    case DnsType.MX: {
      if (size < 3) return refused('length')
      const exchange = nameThatFills(bytes, message, from + 2, to)
      return exchange.ok ? parsed({ kind: 'mx', preference: u16.get(bytes, from), exchange: exchange.value }) : exchange
    }
    case DnsType.SRV: {
      if (size < 7) return refused('length')
      const target = nameThatFills(bytes, message, from + 6, to)
      if (!target.ok) return target
      const [priority, weight, port] = [0, 2, 4].map(i => u16.get(bytes, from + i)) as [number, number, number]
      return parsed({ kind: 'srv', priority, weight, port, target: target.value })
    }
    case DnsType.TXT:
      return parseTexts(bytes, from, to)
    case DnsType.SOA:
      return parseSoa(bytes, message, from, to)
    default:
      return parsed({ kind: 'other', bytes: new Uint8Array(bytes.subarray(from, to)) })
  }
}

/** A name that must end where its record's data ends. */
const nameThatFills = (bytes: Uint8Array, message: number, from: number, to: number): Parsed<string> => {
  const name = readName(bytes, message, from, to)
  if (!name.ok) return name
  return name.value.next === to ? parsed(name.value.name) : refused('length')
}

const parseTexts = (bytes: Uint8Array, from: number, to: number): Parsed<DnsData> => {
  const texts: Uint8Array[] = []
  for (let at = from; at < to; ) {
    const next = at + 1 + bytes[at]!
    if (next > to) return refused('length')
    texts.push(new Uint8Array(bytes.subarray(at + 1, next)))
    at = next
  }
  return parsed({ kind: 'txt', texts })
}

const parseSoa = (bytes: Uint8Array, message: number, from: number, to: number): Parsed<DnsData> => {
  const mname = readName(bytes, message, from, to)
  if (!mname.ok) return mname
  const rname = readName(bytes, message, mname.value.next, to)
  if (!rname.ok) return rname
  const at = rname.value.next
  if (to - at !== 20) return refused('length')
  const [serial, refresh, retry, expire, minimum] = [0, 4, 8, 12, 16].map(i => u32.get(bytes, at + i)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const names = { mname: mname.value.name, rname: rname.value.name }
  return parsed({ kind: 'soa', ...names, serial, refresh, retry, expire, minimum })
}

/** The message as bytes, its names compressed. Names that are not domain names are our mistake. */
export const dnsMessage = (dns: Dns): Uint8Array => {
  const out: number[] = []
  const names = nameWriter(out)
  const head = new Uint8Array(DnsHeader.size)
  DnsHeader.write(head, 0, {
    ...dns,
    questions: dns.questions.length,
    answers: dns.answers.length,
    authorities: dns.authorities.length,
    additionals: dns.additionals.length,
  })
  out.push(...head)
  for (const question of dns.questions) {
    names.write(question.name)
    push(out, u16, question.type)
    push(out, u16, question.class)
  }
  for (const record of [...dns.answers, ...dns.authorities, ...dns.additionals]) {
    names.write(record.name)
    push(out, u16, record.type)
    push(out, u16, record.class)
    push(out, u32, record.ttl)
    const length = out.length
    push(out, u16, 0)
    writeData(out, names, record.data)
    const size = out.length - length - 2
    if (size > 0xffff) throw new RangeError(`a DNS record of ${size} bytes`)
    out[length] = size >>> 8
    out[length + 1] = size & 255
  }
  return Uint8Array.from(out)
}

/** Writes a message at `at`; returns its size. The caller has made room. */
export const writeDns = (bytes: Uint8Array, at: number, dns: Dns): number => {
  const message = dnsMessage(dns)
  bytes.set(message, at)
  return message.length
}

const writeData = (out: number[], names: NameWriter, data: DnsData): void => {
  switch (data.kind) {
    case 'a':
      push(out, u32, data.address)
      break
    case 'aaaa':
      push(out, u128, data.address)
      break
    case 'name':
      names.write(data.name)
      break
    case 'mx':
      push(out, u16, data.preference)
      names.write(data.exchange)
      break
    case 'srv':
      for (const value of [data.priority, data.weight, data.port]) push(out, u16, value)
      // RFC 2782: the target is not compressed.
      names.writeWhole(data.target)
      break
    case 'txt':
      for (const text of data.texts) {
        push(out, u8, text.length)
        out.push(...text)
      }
      break
    case 'soa':
      names.write(data.mname)
      names.write(data.rname)
      for (const value of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) push(out, u32, value)
      break
    case 'other':
      out.push(...data.bytes)
  }
}

const push = <T>(out: number[], codec: { size: number; set(b: Uint8Array, i: number, v: T): void }, value: T): void => {
  const bytes = new Uint8Array(codec.size)
  codec.set(bytes, 0, value)
  out.push(...bytes)
}
