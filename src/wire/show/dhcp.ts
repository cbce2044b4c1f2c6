import { formatIp4, formatMac } from '../address.ts'
import { DhcpHeader, DhcpOption, dhcpAreas } from '../dhcp.ts'
import { u16, u32 } from '../header.ts'
import { type DhcpShape, dhcpOptionNames } from './dhcp-names.ts'
import { flagNames, hex, type Line, printable } from './line.ts'

const cookie = 0x63825363

/** DHCP: who asks or answers, with `-v` all fields that say something and all options. */
export const showDhcp = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  line.put('BOOTP/DHCP, ')
  if (!line.needs(at, 8, 'bootp')) return
  const field = DhcpHeader.at
  const op = field.op(bytes, at)
  line.put(op === 1 ? 'Request' : op === 2 ? 'Reply' : `unknown (0x${hex(op, 2)})`)
  const ethernet = field.htype(bytes, at) === 1 && field.hlen(bytes, at) === 6
  if (!line.needs(at, 34, 'bootp')) return
  const mac = formatMac(field.chaddr(bytes, at))
  if (ethernet && op === 1) line.put(` from ${mac}`)
  line.put(`, length ${size}`)
  if (!line.verbose) return
  if (field.htype(bytes, at) !== 1) line.put(`, htype ${field.htype(bytes, at)}`)
  if (!ethernet) line.put(`, hlen ${field.hlen(bytes, at)}`)
  if (field.hops(bytes, at) > 0) line.put(`, hops ${field.hops(bytes, at)}`)
  line.put(`, xid 0x${hex(field.xid(bytes, at))}`)
  if (field.secs(bytes, at) > 0) line.put(`, secs ${field.secs(bytes, at)}`)
  line.put(`, Flags [${field.broadcast(bytes, at) ? 'Broadcast' : 'none'}]`)
  for (const [name, ip] of [
    ['Client-IP', field.ciaddr(bytes, at)],
    ['Your-IP', field.yiaddr(bytes, at)],
    ['Server-IP', field.siaddr(bytes, at)],
    ['Gateway-IP', field.giaddr(bytes, at)],
  ] as const) {
    if (ip !== 0) line.put(`\n\t  ${name} ${formatIp4(ip)}`)
  }
  if (ethernet) line.put(`\n\t  Client-Ethernet-Address ${mac}`)
  for (const name of ['sname', 'file'] as const) {
    const [from, to] = dhcpAreas[name]
    if (!line.needs(at, to, 'bootp')) return
    let end = at + from
    while (end < at + to && bytes[end] !== 0) end++
    if (end > at + from) line.put(`\n\t  ${name} "${printable(bytes, at + from, end)}"`)
  }
  if (size <= 236) return
  if (!line.needs(at, 240, 'bootp')) return
  const vendor = u32.get(bytes, at + 236)
  if (vendor !== cookie) {
    if (vendor !== 0) line.put(`\n\t  Vendor-#0x${hex(vendor, 8).replace(/^0/, '')}`)
    return
  }
  line.put(`\n\t  Vendor-rfc1048 Extensions\n\t    Magic Cookie 0x${hex(cookie, 8)}`)
  showOptions(line, at + 240, Math.min(at + size, line.end))
}

const showOptions = (line: Line, start: number, end: number): void => {
  const { bytes } = line
  for (let at = start; at < end; ) {
    const code = bytes[at]!
    if (code === DhcpOption.end) return
    if (code === DhcpOption.pad) {
      at++
      continue
    }
    if (at + 2 > end) {
      line.put(' [|bootp]')
      return
    }
    const size = bytes[at + 1]!
    const [name, shape] = dhcpOptionNames.get(code) ?? ['Unknown', undefined]
    line.put(`\n\t    ${name} (${code}), length ${size}: `)
    if (at + 2 + size > end) {
      line.put(' [|bootp]')
      return
    }
    line.put(
      code === DhcpOption.messageType && size === 1 ? messageName(bytes[at + 2]!) : value(bytes, at + 2, size, shape),
    )
    at += 2 + size
  }
}

const messageNames = ['', 'Discover', 'Offer', 'Request', 'Decline', 'ACK', 'NACK', 'Release', 'Inform']
const messageName = (type: number): string => messageNames[type] || `Unknown (${type})`

/** The numbers or addresses of an option, and what is left over if its size is no multiple of theirs. */
const list = (at: number, size: number, step: number, one: (at: number) => string, separator = ','): string => {
  const shown: string[] = []
  let from = 0
  for (; from + step <= size; from += step) shown.push(one(at + from))
  const left = size - from
  return shown.join(separator) + (left > 0 ? `\n\t  trailing data length ${left}` : '')
}

const value = (bytes: Uint8Array, at: number, size: number, shape: DhcpShape | undefined): string => {
  switch (shape) {
    case 'addresses':
      return list(at, size, 4, i => formatIp4(u32.get(bytes, i)))
    case 'pairs':
      return list(at, size, 8, i => `(${formatIp4(u32.get(bytes, i))}:${formatIp4(u32.get(bytes, i + 4))})`)
    case 'longs':
      return list(at, size, 4, i => String(u32.get(bytes, i)))
    case 'shorts':
      return list(at, size, 2, i => String(u16.get(bytes, i)))
    case 'flags':
      return list(at, size, 1, i => ['N', 'Y'][bytes[i]!] ?? `${bytes[i]}?`)
    case 'text':
      return `"${printable(bytes, at, at + size)}"`
    case 'bytes':
      return list(at, size, 1, i => String(bytes[i]), '.')
    case 'parameters':
      return parameters(bytes, at, size)
    case 'client':
      return client(bytes, at, size)
    case 'routes':
      return routes(bytes, at, size)
    case 'overload':
      return code(bytes, at, size, overloads)
    case 'node':
      return code(bytes, at, size, nodes)
    case 'domain':
      return domain(bytes, at, size)
    default:
      // Of an option without a name the size decides.
      if (size === 1) return String(bytes[at])
      if (size === 2) return String(u16.get(bytes, at))
      return size % 4 === 0
        ? value(bytes, at, size, 'longs')
        : size % 2 === 0
          ? value(bytes, at, size, 'shorts')
          : value(bytes, at, size, 'bytes')
  }
}

const overloads: ReadonlyMap<number, string> = new Map([
  [1, 'file'],
  [2, 'sname'],
  [3, 'file+sname'],
])
const nodes: ReadonlyMap<number, string> = new Map([
  [1, 'b-node'],
  [2, 'p-node'],
  [4, 'm-node'],
  [8, 'h-node'],
])

/** A number with a name, and a word about what should not be behind it. */
const code = (bytes: Uint8Array, at: number, size: number, names: ReadonlyMap<number, string>): string =>
  size === 0
    ? ''
    : (names.get(bytes[at]!) ?? `#${bytes[at]}`) + (size > 1 ? `\n\t  trailing data length ${size - 1}` : '')

/** RFC 4702: flags, two codes that are obsolete, the client's name. */
const domain = (bytes: Uint8Array, at: number, size: number): string => {
  if (size < 3) return '[ERROR: length < 3 bytes]'
  const flags = bytes[at]!
  const zero = flags >> 4 === 0 ? '' : `[ERROR: MBZ nibble 0x${hex(flags >> 4)} != 0] `
  const set = (flags & 15) === 0 ? '' : `[${flagNames(flags, ['S', 'O', 'E', 'N'], '')}] `
  const codes = bytes[at + 1] === 0 && bytes[at + 2] === 0 ? '' : `${bytes[at + 1]}/${bytes[at + 2]} `
  return `${zero}${set}${codes}"${printable(bytes, at + 3, at + size)}"`
}

/** Four names a row. */
const parameters = (bytes: Uint8Array, at: number, size: number): string => {
  let text = ''
  for (let i = 0; i < size; i++) {
    const code = bytes[at + i]!
    text += i % 4 === 0 ? '\n\t      ' : ', '
    text += `${dhcpOptionNames.get(code)?.[0] ?? 'Unknown'} (${code})`
  }
  return text
}

const client = (bytes: Uint8Array, at: number, size: number): string => {
  if (size < 1) return ''
  const type = bytes[at]!
  if (type === 0) return `"${printable(bytes, at + 1, at + size)}"`
  const digits = [...bytes.subarray(at + 1, at + size)].map(byte => hex(byte, 2)).join(':')
  return type === 1 ? `ether ${digits}` : `hardware-type ${type}, ${digits}`
}

/** RFC 3442: prefix length, as many bytes of the prefix as it needs, router. */
const routes = (bytes: Uint8Array, start: number, size: number): string => {
  if (size < 5) return `[ERROR: length < 5 bytes]`
  const shown: string[] = []
  for (let at = start; at < start + size; ) {
    const length = bytes[at]!
    const used = Math.ceil(length / 8)
    if (length > 32 || at + 1 + used + 4 > start + size) {
      shown.push('[ERROR: invalid option]')
      break
    }
    const prefix = [0, 1, 2, 3].map(i => (i < used ? bytes[at + 1 + i] : 0)).join('.')
    const router = formatIp4(u32.get(bytes, at + 1 + used))
    shown.push(length === 0 ? `(default:${router})` : `(${prefix}/${length}:${router})`)
    at += 5 + used
  }
  return shown.join(',')
}
