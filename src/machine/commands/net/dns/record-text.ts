import { formatIp } from '../../../../wire/address.ts'
import type { Dns, DnsData, DnsQuestion, DnsRecord } from '../../../../wire/dns.ts'
import { DnsType } from '../../../../wire/dns.ts'
import { className, rcodeName, typeName } from './type-names.ts'

/** What a record says, as master files have it (RFC 1035 §5). */
export const dataText = (data: DnsData): string => {
  switch (data.kind) {
    case 'a':
    case 'aaaa':
      return formatIp(data.address)
    case 'name':
      return data.name
    case 'mx':
      return `${data.preference} ${data.exchange}`
    case 'srv':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}`
    case 'soa':
      return `${data.mname} ${data.rname} ${data.serial} ${data.refresh} ${data.retry} ${data.expire} ${data.minimum}`
    case 'txt':
      return data.texts.map(quoted).join(' ')
    case 'other':
      // RFC 3597 §5.
      return `\\# ${data.bytes.length}${data.bytes.length === 0 ? '' : ` ${[...data.bytes].map(hex).join('')}`}`
  }
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0').toUpperCase()

const quoted = (text: Uint8Array): string => {
  const letter = (byte: number): string => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`
  }
  return `"${[...text].map(letter).join('')}"`
}

/** Columns begin at multiples of eight; a text that is too long for its column ends in a space. */
const padded = (line: string, column: number): string => {
  const width = [...line].reduce((at, letter) => (letter === '\t' ? (at | 7) + 1 : at + 1), 0)
  if (width >= column) return `${line} `
  return line + '\t'.repeat(Math.ceil((column - width) / 8))
}

/** A line of dig: name, time, class, type and value, each at its column. */
export const recordLine = ({ name, ttl, class: number, type, data }: DnsRecord): string => {
  let line = padded(name, 24)
  line = padded(line + ttl, 32)
  line = padded(line + className(number), 40)
  return `${padded(line + typeName(type), 48)}${dataText(data)}\n`
}

/** The question, which has no time. */
export const questionLine = ({ name, type, class: number }: DnsQuestion): string =>
  `${padded(padded(`;${name}`, 32) + className(number), 40)}${typeName(type)}\n`

/** The two lines that begin what dig and `host -v` show of a message. */
export const headerLines = (message: Dns): string => {
  const flags = [
    [message.response, 'qr'],
    [message.authoritative, 'aa'],
    [message.truncated, 'tc'],
    [message.recursionDesired, 'rd'],
    [message.recursionAvailable, 'ra'],
    [message.authenticData, 'ad'],
    [message.checkingDisabled, 'cd'],
  ].flatMap(([isSet, name]) => (isSet === true ? [` ${name as string}`] : []))
  const counts = [message.questions, message.answers, message.authorities, message.additionals].map(each => each.length)
  const names = ['QUERY', 'ANSWER', 'AUTHORITY', 'ADDITIONAL'].map((name, i) => `${name}: ${counts[i]}`)
  return `;; ->>HEADER<<- opcode: QUERY, status: ${rcodeName(message.rcode)}, id: ${message.id}
;; flags:${flags.join('')}; ${names.join(', ')}
`
}

/** The records of a section below its title, without the one that EDNS is. */
export const sectionText = (title: string, records: readonly DnsRecord[]): string => {
  const shown = records.filter(({ type }) => type !== DnsType.OPT)
  return shown.length === 0 ? '' : `;; ${title} SECTION:\n${shown.map(recordLine).join('')}\n`
}
