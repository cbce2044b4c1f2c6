import { formatIp4, formatIp6, formatMac } from '../address.ts'
import { u16, u24, u32, u48, u128 } from '../header.ts'
import { hexdump } from '../hexdump.ts'
import { flagNames, hex, type Line, printable } from './line.ts'

const names = [
  'End',
  'Chassis ID',
  'Port ID',
  'Time to Live',
  'Port Description',
  'System Name',
  'System Description',
  'System Capabilities',
  'Management Address',
]

const chassisNames = [
  'Unknown',
  'Chassis component',
  'Interface alias',
  'Port component',
  'MAC address',
  'Network address',
  'Interface name',
  'Local',
]
const portNames = [
  'Unknown',
  'Interface alias',
  'Port component',
  'MAC address',
  'Network Address',
  'Interface Name',
  'Agent circuit ID',
  'Local',
]
const capabilityNames = ['Other', 'Repeater', 'Bridge', 'WLAN AP', 'Router', 'Telephone', 'Docsis', 'Station Only']

/** LLDP: its length and the system's name, with `-v` each value on a line of its own. */
export const showLldp = (line: Line, start: number, size: number): void => {
  const { bytes, verbose } = line
  line.put(`LLDP, length ${size}`)
  for (let at = start; at + 2 <= start + size; ) {
    if (!line.needs(at, 2, 'lldp')) return
    const type = bytes[at]! >> 1
    const length = u16.get(bytes, at) & 0x1ff
    if (verbose) {
      const name = names[type] ?? (type === 127 ? 'Organization specific' : 'Unknown')
      line.put(`\n\t${name} TLV (${type}), length ${length}`)
    }
    at += 2
    if (!line.needs(at, length, 'lldp')) return
    if (type === 0) return
    if (verbose) line.put(value(bytes, at, type, length))
    else if (type === 5) line.put(`: ${printable(bytes, at, at + length)}`)
    at += length
  }
}

const value = (bytes: Uint8Array, at: number, type: number, length: number): string => {
  const text = (): string => printable(bytes, at, at + length)
  if (type === 1 && length >= 2) return id(bytes, at, length, chassisNames, [4, 5])
  if (type === 2 && length >= 2) return id(bytes, at, length, portNames, [3, 4])
  if (type === 3 && length >= 2) return `: TTL ${u16.get(bytes, at)}s`
  if (type === 4 || type === 5) return `: ${text()}`
  if (type === 6) return `\n\t  ${text()}`
  if (type === 7 && length >= 4) {
    const [system, enabled] = [u16.get(bytes, at), u16.get(bytes, at + 2)]
    return (
      `\n\t  System  Capabilities [${flagNames(system, capabilityNames)}] (0x${hex(system, 4)})` +
      `\n\t  Enabled Capabilities [${flagNames(enabled, capabilityNames)}] (0x${hex(enabled, 4)})`
    )
  }
  if (type === 8 && length >= 7) return management(bytes, at, length)
  if (type === 127 && length >= 4) return organization(bytes, at, length)
  return inset(bytes, at, length)
}

const id = (
  bytes: Uint8Array,
  at: number,
  length: number,
  subtypes: readonly string[],
  [mac, network]: readonly [number, number],
): string => {
  const subtype = bytes[at]!
  const opening = `\n\t  Subtype ${subtypes[subtype] ?? 'Unknown'} (${subtype}): `
  if (subtype === mac && length >= 7) return opening + formatMac(u48.get(bytes, at + 1))
  if (subtype === network) {
    if (bytes[at + 1] === 1 && length >= 6) return `${opening}AFI IPv4 (1): ${formatIp4(u32.get(bytes, at + 2))}`
    if (bytes[at + 1] === 2 && length >= 18) return `${opening}AFI IPv6 (2): ${formatIp6(u128.get(bytes, at + 2))}`
    return opening
  }
  return opening + printable(bytes, at + 1, at + length)
}

const inset = (bytes: Uint8Array, at: number, length: number): string =>
  hexdump(bytes, at, at + length).replaceAll('\n\t', '\n\t  ')

/** An address with its family; undefined for families and sizes that do not fit. */
const address = (bytes: Uint8Array, at: number, size: number): string | undefined => {
  const family = bytes[at]
  if (family === 1 && size === 5) return `AFI IPv4 (1): ${formatIp4(u32.get(bytes, at + 1))}`
  if (family === 2 && size === 17) return `AFI IPv6 (2): ${formatIp6(u128.get(bytes, at + 1))}`
  if (family === 6 && size === 7) return `AFI 802 (6): ${formatMac(u48.get(bytes, at + 1))}`
  return undefined
}

/** IEEE 802.1AB §8.5.9. */
const management = (bytes: Uint8Array, at: number, length: number): string => {
  const size = bytes[at]!
  const shown = size + 7 <= length ? address(bytes, at + 1, size) : undefined
  if (shown === undefined) return inset(bytes, at, length)
  const numbering = bytes[at + 1 + size]!
  const name = numbering === 2 ? 'Interface Index' : numbering === 3 ? 'System Port Number' : 'Unknown'
  const opening = `\n\t  Management Address length ${size}, ${shown}`
  return `${opening}\n\t  ${name} Interface Numbering (${numbering}): ${u32.get(bytes, at + 2 + size)}`
}

/** IEEE 802.1AB §8.6, with the values of 802.1 (annex E) and 802.3 (annex F) that bridges send most. */
const organization = (bytes: Uint8Array, at: number, length: number): string => {
  const oui = u24.get(bytes, at)
  const subtype = bytes[at + 3]!
  const named = (name: string): string => `: OUI ${name} (0x${hex(oui, 6)})`
  if (oui === 0x0080c2) {
    if (subtype === 1 && length >= 6) {
      const pvid = u16.get(bytes, at + 4)
      return `${named('Ethernet bridged')}\n\t  Port VLAN Id Subtype (1)\n\t    port vlan id (PVID): ${pvid}`
    }
    if (subtype === 3 && length >= 7 && 7 + bytes[at + 6]! <= length) {
      const name = printable(bytes, at + 7, at + 7 + bytes[at + 6]!)
      const vid = `\n\t    vlan id (VID): ${u16.get(bytes, at + 4)}`
      return `${named('Ethernet bridged')}\n\t  VLAN name Subtype (3)${vid}\n\t    vlan name: ${name}`
    }
    return `${named('Ethernet bridged')}\n\t  unknown Subtype (${subtype})${inset(bytes, at, length)}`
  }
  if (oui === 0x00120f) {
    const name = named('IEEE 802.3 Private')
    if (subtype === 3 && length >= 9) {
      const status = flagNames(bytes[at + 4]!, ['supported', 'enabled'])
      const port = u32.get(bytes, at + 5)
      return `${name}\n\t  Link aggregation Subtype (3)\n\t    aggregation status [${status}], aggregation port ID ${port}`
    }
    if (subtype === 4 && length >= 6) {
      return `${name}\n\t  Max frame size Subtype (4)\n\t    MTU size ${u16.get(bytes, at + 4)}`
    }
    return `${name}\n\t  unknown Subtype (${subtype})${inset(bytes, at, length)}`
  }
  return named('Unknown') + inset(bytes, at, length)
}
