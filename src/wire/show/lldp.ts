import { formatIp4, formatIp6, formatMac } from '../address.ts'
import { u16, u24, u32, u48, u128 } from '../header.ts'
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
  for (let at = start; at < start + size; ) {
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
  if (type === 127 && length >= 4) return `: OUI Unknown (0x${hex(u24.get(bytes, at), 6)})`
  return ''
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
