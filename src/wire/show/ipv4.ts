import { formatIp4 } from '../address.ts'
import { checksum } from '../checksum.ts'
import { u16, u32 } from '../header.ts'
import { IpProtocol } from '../ip-protocol.ts'
import { Ipv4Header } from '../ipv4.ts'
import { endpoints } from './endpoints.ts'
import { copyOf, flagNames, hex, type Line } from './line.ts'
import { protocolNames } from './names.ts'

/** IPv4, named unless the link layer is shown, which has named it. */
export const showIpv4 = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  const field = Ipv4Header.at
  if (!line.needs(at, 1, 'ip')) return
  if (field.version(bytes, at) !== 4) {
    line.put(`IP${field.version(bytes, at)} (invalid)`)
    return
  }
  if (!line.link) line.put('IP ')
  if (!line.needs(at, 20, 'ip')) return
  const headerSize = field.headerWords(bytes, at) * 4
  if (headerSize < 20) {
    line.put(`bad-hlen ${headerSize}`)
    return
  }
  const total = field.totalLength(bytes, at)
  if (size < total) line.put(`truncated-ip - ${total - size} bytes missing! `)
  if (total < headerSize) {
    line.put(`bad-len ${total}`)
    return
  }
  line.end = Math.min(line.end, at + total)
  line.ip = at
  line.fragmented = false
  line.incomplete = field.moreFragments(bytes, at)
  const offset = field.fragmentOffset(bytes, at) * 8
  const protocol = field.protocol(bytes, at)
  if (line.verbose) line.put(`(${header(line, at, headerSize, total)})\n    `)
  const print = line.tables.protocols.get(protocol)
  const transport = protocol === IpProtocol.udp || protocol === IpProtocol.tcp || protocol === IpProtocol.sctp
  if (offset > 0) line.put(`${endpoints(line)}: ip-proto-${protocol}`)
  else if (print === undefined) line.put(`${endpoints(line)}:  ip-proto-${protocol} ${total - headerSize}`)
  else {
    if (!transport) line.put(`${endpoints(line)}: `)
    line.into(print, at + headerSize, total - headerSize)
  }
}

const ecnNames = ['', ',ECT(1)', ',ECT(0)', ',CE']

const header = (line: Line, at: number, headerSize: number, total: number): string => {
  const { bytes } = line
  const field = Ipv4Header.at
  const tos = field.tos(bytes, at)
  const protocol = field.protocol(bytes, at)
  const ttl = field.ttl(bytes, at)
  const parts = [
    `tos 0x${hex(tos)}${ecnNames[tos & 3]}`,
    ...(ttl > 0 ? [`ttl ${ttl}`] : []),
    `id ${field.id(bytes, at)}`,
    `offset ${field.fragmentOffset(bytes, at) * 8}`,
    `flags [${flagNames(bytes[at + 6]! >> 5, ['+', 'DF', 'rsvd'])}]`,
    `proto ${protocolNames.get(protocol) ?? 'unknown'} (${protocol})`,
    `length ${total}`,
  ]
  if (headerSize > 20) parts.push(`options (${options(line, at + 20, at + headerSize)})`)
  if (at + headerSize <= line.end && checksum(bytes, at, at + headerSize) !== 0) {
    const found = field.checksum(bytes, at)
    const head = copyOf(bytes, at, at + headerSize)
    u16.set(head, 10, 0)
    parts.push(`bad cksum ${hex(found)} (->${hex(checksum(head, 0, headerSize))})!`)
  }
  return parts.join(', ')
}

const optionNames: ReadonlyMap<number, string> = new Map([
  [0, 'EOL'],
  [1, 'NOP'],
  [7, 'RR'],
  [68, 'timestamp'],
  [130, 'security'],
  [131, 'LSRR'],
  [137, 'SSRR'],
  [148, 'RA'],
])

const options = (line: Line, start: number, end: number): string => {
  const { bytes } = line
  const stop = Math.min(end, line.end)
  const shown: string[] = []
  for (let at = start; at < end; ) {
    if (at >= stop) return `${shown.join(',')} [|ip]`
    const kind = bytes[at]!
    const name = optionNames.get(kind) ?? `unknown ${kind}`
    if (kind === 0 || kind === 1) {
      shown.push(name)
      if (kind === 0) break
      at++
      continue
    }
    const size = at + 1 < stop ? bytes[at + 1]! : 0
    if (size < 2 || at + size > stop) return `${[...shown, name].join(',')} [bad length ${size}]`
    if (kind === 68) shown.push(`${name}${timestamps(bytes, at, size)}`)
    else if (kind === 7 || kind === 131 || kind === 137) shown.push(`${name}${route(bytes, at, size)}`)
    else shown.push(name)
    at += size
  }
  return shown.join(',')
}

/** Addresses of a record route or source route; the pointer separates those visited by commas. */
const route = (bytes: Uint8Array, at: number, size: number): string => {
  if (size < 3) return ` [bad length ${size}]`
  if ((size + 1) % 4 !== 0) return ` [bad length ${size}]`
  const pointer = bytes[at + 2]! - 1
  if (pointer < 3 || (pointer + 1) % 4 !== 0) return ` [bad ptr ${bytes[at + 2]}]`
  let text = ''
  for (let i = 3; i < size; i += 4) {
    text += ` ${formatIp4(u32.get(bytes, at + i))}`
    if (pointer > i) text += ','
  }
  return text
}

/** Internet timestamps (RFC 791): milliseconds, perhaps with addresses; `^` marks the next free place. */
const timestamps = (bytes: Uint8Array, at: number, size: number): string => {
  if (size < 4) return `[bad length ${size}]`
  const kind = bytes[at + 3]! & 15
  const step = kind === 0 ? 4 : 8
  const names = ['TSONLY', 'TS+ADDR', '', 'PRESPEC']
  const pointer = bytes[at + 2]! - 1
  let text = ` TS{${names[kind] ?? ''}`
  for (let i = 4; i + step <= size; i += step) {
    if (pointer === i) text += ' ^'
    text +=
      step === 4 ? ` ${u32.get(bytes, at + i)}` : ` ${u32.get(bytes, at + i + 4)}@${formatIp4(u32.get(bytes, at + i))}`
  }
  if (pointer === size) text += ' ^ '
  const missed = bytes[at + 3]! >> 4
  return missed > 0 ? `${text} [${missed} hops not recorded]} ` : `${text}}`
}
