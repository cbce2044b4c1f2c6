/**
 * DHCP (RFC 2131, options RFC 2132) and the BOOTP message it lives in (RFC 951).
 *
 * Options are a map from code to bytes, in the order of the packet. What the wire does to squeeze them in is undone on
 * reading: options that continue in the `file` and `sname` fields (option 52, overload) and an option split over several of
 * the same code (RFC 3396) are joined. Codes that we do not know are carried like the others.
 */
import { fromUtf8, utf8 } from '../runtime/index.ts'
import type { Ip4, Mac } from './address.ts'
import { bit, header, u8, u16, u32, u48 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

export const DhcpHeader = header('DHCP', 240, {
  op: [0, u8],
  htype: [1, u8],
  hlen: [2, u8],
  hops: [3, u8],
  xid: [4, u32],
  secs: [8, u16],
  broadcast: [10, bit(0)],
  ciaddr: [12, u32],
  yiaddr: [16, u32],
  siaddr: [20, u32],
  giaddr: [24, u32],
  chaddr: [28, u48],
  cookie: [236, u32],
})

/** Where the fields lie that are texts or options. */
export const dhcpAreas = { chaddr: [28, 44], sname: [44, 108], file: [108, 236] } as const

const cookie = 0x63825363
/** RFC 1542 §2.1: relays may drop a message of fewer bytes. */
const smallest = 300

export const DhcpPort = { server: 67, client: 68 } as const
export const DhcpOp = { request: 1, reply: 2 } as const

/** RFC 2132 §9.6: values of option 53. */
export const DhcpMessage = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const

/** RFC 2132, and a few that dhclient asks for (RFC 3442, RFC 3397, RFC 2563). */
export const DhcpOption = {
  pad: 0,
  subnetMask: 1,
  timeOffset: 2,
  router: 3,
  dnsServer: 6,
  hostName: 12,
  domainName: 15,
  mtu: 26,
  broadcastAddress: 28,
  ntpServer: 42,
  vendorInformation: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverId: 54,
  parameterList: 55,
  message: 56,
  maximumSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientId: 61,
  clientName: 81,
  domainSearch: 119,
  classlessRoutes: 121,
  end: 255,
} as const

export type Dhcp = {
  op: number
  htype: number
  hops: number
  /** Chosen by the client; ties answers to questions. */
  xid: number
  secs: number
  /** The client cannot receive unicast yet. */
  broadcast: boolean
  ciaddr: Ip4
  yiaddr: Ip4
  siaddr: Ip4
  giaddr: Ip4
  /** Of hardware addresses other than Ethernet's, which have `hlen` 6, the first six bytes. */
  chaddr: Mac
  hlen: number
  sname: string
  file: string
  options: Map<number, Uint8Array>
}

export const parseDhcp = (bytes: Uint8Array, start: number, end: number): Parsed<Dhcp> => {
  const head = DhcpHeader.read(bytes, start, end)
  if (head === undefined) return refused('short')
  if (head.cookie !== cookie) return refused('version')
  if (head.hlen > 16) return refused('length')
  const options = new Map<number, Uint8Array>()
  if (!takeOptions(bytes, start + DhcpHeader.size, end, options)) return refused('length')
  const overload = options.get(DhcpOption.overload)?.[0] ?? 0
  options.delete(DhcpOption.overload)
  const { file, sname } = dhcpAreas
  // RFC 2131 §4.1: `file` first, then `sname`.
  if ((overload & 1) !== 0 && !takeOptions(bytes, start + file[0], start + file[1], options)) return refused('length')
  if ((overload & 2) !== 0 && !takeOptions(bytes, start + sname[0], start + sname[1], options)) return refused('length')
  options.delete(DhcpOption.overload)
  const { cookie: _, ...fixed } = head
  return parsed({
    ...fixed,
    sname: (overload & 2) === 0 ? textOf(bytes, start + sname[0], start + sname[1]) : '',
    file: (overload & 1) === 0 ? textOf(bytes, start + file[0], start + file[1]) : '',
    options,
  })
}

/** Adds the options of an area; false if one is longer than the area. An end mark may be missing. */
const takeOptions = (bytes: Uint8Array, start: number, end: number, into: Map<number, Uint8Array>): boolean => {
  let at = start
  while (at < end) {
    const code = bytes[at]!
    if (code === DhcpOption.end) return true
    if (code === DhcpOption.pad) {
      at++
      continue
    }
    if (at + 2 > end) return false
    const size = bytes[at + 1]!
    if (size > end - at - 2) return false
    const value = new Uint8Array(bytes.subarray(at + 2, at + 2 + size))
    const before = into.get(code)
    into.set(code, before === undefined ? value : Uint8Array.from([...before, ...value]))
    at += 2 + size
  }
  return true
}

/** How many bytes `writeDhcp` will write. */
export const dhcpSize = (dhcp: Dhcp): number => {
  let size = DhcpHeader.size + 1
  for (const value of dhcp.options.values()) size += value.length + 2 * Math.max(1, Math.ceil(value.length / 255))
  return Math.max(size, smallest)
}

/** Writes a message; returns its bytes. Names longer than their fields are our mistake. */
export const writeDhcp = (bytes: Uint8Array, at: number, dhcp: Dhcp): number => {
  const size = dhcpSize(dhcp)
  bytes.fill(0, at, at + size)
  DhcpHeader.write(bytes, at, { ...dhcp, cookie })
  putText(bytes, at, dhcpAreas.sname, dhcp.sname)
  putText(bytes, at, dhcpAreas.file, dhcp.file)
  let to = at + DhcpHeader.size
  for (const [code, value] of dhcp.options) {
    let from = 0
    do {
      const part = value.subarray(from, from + 255)
      bytes[to] = code
      bytes[to + 1] = part.length
      bytes.set(part, to + 2)
      to += 2 + part.length
      from += 255
    } while (from < value.length)
  }
  bytes[to] = DhcpOption.end
  return size
}

/** A message as a client begins it; the rest is zero. */
export const dhcpMessage = (type: number, fields: Partial<Dhcp> & { xid: number; chaddr: Mac }): Dhcp => ({
  op:
    type === DhcpMessage.offer || type === DhcpMessage.ack || type === DhcpMessage.nak ? DhcpOp.reply : DhcpOp.request,
  htype: 1,
  hlen: 6,
  hops: 0,
  secs: 0,
  broadcast: false,
  ciaddr: 0,
  yiaddr: 0,
  siaddr: 0,
  giaddr: 0,
  sname: '',
  file: '',
  ...fields,
  options: new Map([[DhcpOption.messageType, Uint8Array.of(type)], ...(fields.options ?? [])]),
})

/** The message type, or 0 for plain BOOTP. */
export const dhcpType = (dhcp: Dhcp): number => dhcp.options.get(DhcpOption.messageType)?.[0] ?? 0

/** A number of one, two or four bytes; undefined if the option is missing or of another size. */
export const dhcpNumber = (dhcp: Dhcp, code: number): number | undefined => {
  const value = dhcp.options.get(code)
  if (value === undefined) return undefined
  if (value.length === 1) return value[0]!
  return value.length === 2 ? u16.get(value, 0) : value.length === 4 ? u32.get(value, 0) : undefined
}

/** Addresses, one after the other; none if the option is missing. A torn last one is left out. */
export const dhcpAddresses = (dhcp: Dhcp, code: number): Ip4[] => {
  const value = dhcp.options.get(code) ?? new Uint8Array(0)
  return Array.from({ length: value.length >> 2 }, (_, i) => u32.get(value, i * 4))
}

export const dhcpText = (dhcp: Dhcp, code: number): string | undefined => {
  const value = dhcp.options.get(code)
  return value === undefined ? undefined : textOf(value, 0, value.length)
}

/** Values for `options`: addresses or 32-bit numbers, 16-bit numbers, text. */
export const dhcpValue = {
  u32: (...numbers: number[]): Uint8Array => {
    const value = new Uint8Array(numbers.length * 4)
    for (const [i, number] of numbers.entries()) u32.set(value, i * 4, number)
    return value
  },
  u16: (number: number): Uint8Array => Uint8Array.of(number >>> 8, number),
  text: utf8,
} as const

/** Text up to the first zero. */
const textOf = (bytes: Uint8Array, start: number, end: number): string => {
  let to = start
  while (to < end && bytes[to] !== 0) to++
  return fromUtf8(bytes, start, to)
}

const putText = (bytes: Uint8Array, at: number, [from, to]: readonly [number, number], text: string): void => {
  const value = utf8(text)
  if (value.length > to - from) throw new RangeError(`a text of ${value.length} bytes in a field of ${to - from}`)
  bytes.set(value, at + from)
}
