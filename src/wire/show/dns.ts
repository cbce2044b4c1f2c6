import { formatIp4, formatIp6 } from '../address.ts'
import { DnsHeader, DnsType } from '../dns.ts'
import { readName } from '../dns-name.ts'
import { u16, u32, u128 } from '../header.ts'
import { type Line, printable } from './line.ts'
import { dnsTypeNames } from './names.ts'

const opcodes = [
  '',
  ' inv_q',
  ' stat',
  ' op3',
  ' notify',
  ' update',
  ' op6',
  ' op7',
  ' op8',
  ' updateA',
  ' updateD',
  ' updateDA',
  ' updateM',
  ' updateMA',
  ' zoneInit',
  ' zoneRef',
]

const rcodes = [
  '',
  ' FormErr',
  ' ServFail',
  ' NXDomain',
  ' NotImp',
  ' Refused',
  ' YXDomain',
  ' YXRRSet',
  ' NXRRSet',
  ' NotAuth',
  ' NotZone',
  ' Resp11',
  ' Resp12',
  ' Resp13',
  ' Resp14',
  ' NoChange',
]

/** A question with its flags (`+` recursion desired), or an answer (`*` authoritative, `-` no recursion, `|` cut, `$` authentic). */
export const showDns = (line: Line, at: number, size: number): void => {
  if (size < 12) {
    line.put(`domain [length ${size} < 12] (invalid)`)
    return
  }
  if (!line.needs(at, 12, 'domain')) return
  const head = DnsHeader.read(line.bytes, at)!
  line.put(`${head.id}${opcodes[head.opcode]}`)
  const done = head.response ? showAnswer(line, at, head) : showQuestion(line, at, head)
  line.put(done ? ` (${size})` : ' [|domain]')
}

type Head = NonNullable<ReturnType<typeof DnsHeader.read>>

const showQuestion = (line: Line, start: number, head: Head): boolean => {
  const { bytes, end } = line
  line.put(`${head.recursionDesired ? '+' : ''}${head.checkingDisabled ? '%' : ''}`)
  const inverse = head.opcode === 1
  if (head.questions !== (inverse ? 0 : 1)) line.put(` [${head.questions}q]`)
  if (head.answers !== (inverse ? 1 : 0)) line.put(` [${head.answers}a]`)
  if (head.authorities > 0) line.put(` [${head.authorities}n]`)
  if (head.additionals > 0) line.put(` [${head.additionals}au]`)
  let at = start + 12
  for (let i = 0; i < head.questions; i++) {
    const name = nameAt(line, start, at)
    const next = name?.next ?? skipPointer(bytes, at, end)
    if (next === undefined || next + 4 > end) return false
    const type = u16.get(bytes, next)
    const kind = u16.get(bytes, next + 2)
    // The highest bit of a class is multicast DNS's: an answer by unicast would do.
    const unicast = (kind & 0x8000) !== 0 ? ' (QU)' : ''
    line.put(` ${typeName(type)}${classText(kind & 0x7fff)}${unicast}? ${name?.name ?? '<BAD PTR>'}`)
    if (name === undefined) return false
    at = next + 4
  }
  return true
}

const showAnswer = (line: Line, start: number, head: Head): boolean => {
  const { bytes, end } = line
  line.put(
    `${rcodes[head.rcode]}${head.authoritative ? '*' : ''}${head.recursionAvailable ? '' : '-'}` +
      `${head.truncated ? '|' : ''}${head.authenticData ? '$' : ''}`,
  )
  if (head.questions !== 1) line.put(` [${head.questions}q]`)
  line.put(` ${head.answers}/${head.authorities}/${head.additionals}`)
  let at = start + 12
  for (let i = 0; i < head.questions; i++) {
    const name = nameAt(line, start, at)
    if (name === undefined) return false
    at = name.next + 4
  }
  for (let i = 0; i < head.answers; i++) {
    if (i > 0) {
      if (at >= end) return false
      line.put(',')
    }
    const name = nameAt(line, start, at)
    if (name === undefined || name.next + 10 > end) return false
    const from = name.next + 10
    const type = u16.get(bytes, name.next)
    const kind = u16.get(bytes, name.next + 2)
    const size = u16.get(bytes, name.next + 8)
    if (line.verbose) line.put(` ${name.name}`)
    const flush = (kind & 0x8000) !== 0 && type !== DnsType.OPT
    if (flush) line.put(' (Cache flush)')
    line.put(`${type === DnsType.OPT ? '' : classText(kind & 0x7fff)} ${typeName(type)}`)
    if (from + size > end) return false
    const data = dataText(line, start, type, kind, from, size)
    if (data === undefined) return false
    line.put(data)
    at = from + size
  }
  return true
}

const typeName = (type: number): string => dnsTypeNames.get(type) ?? `Type${type}`
const classNames: ReadonlyMap<number, string> = new Map([
  [1, ''],
  [2, ' CSNET'],
  [3, ' CHAOS'],
  [4, ' HS'],
  [255, ' ANY'],
])
const classText = (kind: number): string => classNames.get(kind) ?? ` Class${kind}`

const nameAt = (line: Line, message: number, at: number): { name: string; next: number } | undefined => {
  const found = readName(line.bytes, message, at, line.end)
  return found.ok ? { name: unescaped(found.value.name), next: found.value.next } : undefined
}

/** tcpdump writes bytes as they are, or with `^` and `M-`. */
const unescaped = (name: string): string =>
  name.replace(/\\([0-9]{3}|.)/g, (_, code: string) => {
    if (code.length === 1) return code
    return printable(Uint8Array.of(Number(code)), 0, 1)
  })

const skipPointer = (bytes: Uint8Array, at: number, end: number): number | undefined =>
  at + 2 <= end && bytes[at]! >= 0xc0 ? at + 2 : undefined

/** What a record holds; undefined if it cannot be read. */
const dataText = (
  line: Line,
  message: number,
  type: number,
  kind: number,
  at: number,
  size: number,
): string | undefined => {
  const { bytes } = line
  const name = (from: number): string | undefined => {
    const found = nameAt(line, message, from)
    return found === undefined ? undefined : ` ${found.name}`
  }
  switch (type) {
    case DnsType.A:
      return size === 4 ? ` ${formatIp4(u32.get(bytes, at))}` : undefined
    case DnsType.AAAA:
      return size === 16 ? ` ${formatIp6(u128.get(bytes, at))}` : undefined
    case DnsType.NS:
    case DnsType.CNAME:
    case DnsType.PTR:
      return name(at)
    case DnsType.MX: {
      const exchange = size > 2 ? name(at + 2) : undefined
      return exchange === undefined ? undefined : `${exchange} ${u16.get(bytes, at)}`
    }
    case DnsType.SRV: {
      const target = size > 6 ? name(at + 6) : undefined
      if (target === undefined) return undefined
      return `${target}:${u16.get(bytes, at + 4)} ${u16.get(bytes, at)} ${u16.get(bytes, at + 2)}`
    }
    case DnsType.TXT:
      return texts(bytes, at, size)
    case DnsType.SOA:
      return line.verbose ? soa(line, message, at, at + size) : ''
    case DnsType.OPT:
      return ` UDPsize=${kind}`
    default:
      return ''
  }
}

const texts = (bytes: Uint8Array, start: number, size: number): string | undefined => {
  let text = ''
  for (let at = start; at < start + size; ) {
    const next = at + 1 + bytes[at]!
    if (next > start + size) return undefined
    text += ` "${printable(bytes, at + 1, next)}"`
    at = next
  }
  return text
}

const soa = (line: Line, message: number, at: number, end: number): string | undefined => {
  const first = nameAt(line, message, at)
  const second = first === undefined ? undefined : nameAt(line, message, first.next)
  if (first === undefined || second === undefined || second.next + 20 > end) return undefined
  const numbers = [0, 4, 8, 12, 16].map(i => u32.get(line.bytes, second.next + i))
  return ` ${first.name} ${second.name} ${numbers.join(' ')}`
}
