import { formatIp6, formatMac } from '../address.ts'
import { readName } from '../dns-name.ts'
import { u32, u48, u128 } from '../header.ts'
import { hexdump } from '../hexdump.ts'
import { Icmp6Type } from '../icmp6.ts'
import { NdHeader, NdRouterHeader } from '../nd.ts'
import type { Line } from './line.ts'

/** Router and neighbour solicitation, advertisement and redirect. With `-v` the length comes first, the options last. */
export const showNd = (line: Line, at: number, size: number): void => {
  const { bytes, verbose } = line
  const type = bytes[at]!
  const [name, need] = kinds.get(type)!
  line.put(`ICMP6, ${name}`)
  if (verbose) line.put(`, length ${size}`)
  if (!line.needs(at, need, 'icmp6')) return
  const target = (): string => formatIp6(NdHeader.at.target(bytes, at))
  if (type === Icmp6Type.neighborSolicitation) line.put(`, who has ${target()}`)
  else if (type === Icmp6Type.neighborAdvertisement) {
    line.put(`, tgt is ${target()}`)
    if (verbose) line.put(`, Flags [${topFlags(bytes[at + 4]!, ['router', 'solicited', 'override'])}]`)
  } else if (type === Icmp6Type.redirect) line.put(`, ${formatIp6(u128.get(bytes, at + 24))} to ${target()}`)
  if (!verbose) {
    line.put(`, length ${size}`)
    return
  }
  if (type === Icmp6Type.routerAdvertisement) line.put(router(bytes, at))
  showOptions(line, at + need)
}

const kinds: ReadonlyMap<number, readonly [string, number]> = new Map([
  [Icmp6Type.routerSolicitation, ['router solicitation', 8]],
  [Icmp6Type.routerAdvertisement, ['router advertisement', 16]],
  [Icmp6Type.neighborSolicitation, ['neighbor solicitation', 24]],
  [Icmp6Type.neighborAdvertisement, ['neighbor advertisement', 24]],
  [Icmp6Type.redirect, ['redirect', 40]],
])

/** Flags counted from the most significant bit. */
const topFlags = (flags: number, names: readonly string[]): string =>
  names.filter((_, i) => (flags & (0x80 >> i)) !== 0).join(', ') || 'none'

const preferences = ['medium', 'high', 'unknown (2)', 'low']

const router = (bytes: Uint8Array, at: number): string => {
  const field = NdRouterHeader.at
  const flags = bytes[at + 5]!
  const named = topFlags(flags, ['managed', 'other stateful', 'home agent'])
  return (
    `\n\thop limit ${field.hopLimit(bytes, at)}, Flags [${named}], pref ${preferences[(flags >> 3) & 3]}` +
    `, router lifetime ${field.lifetime(bytes, at)}s, reachable time ${field.reachableTime(bytes, at)}ms` +
    `, retrans timer ${field.retransTimer(bytes, at)}ms`
  )
}

const optionNames: ReadonlyMap<number, string> = new Map([
  [1, 'source link-address'],
  [2, 'destination link-address'],
  [3, 'prefix info'],
  [4, 'redirected header'],
  [5, 'mtu'],
  [7, 'advertisement interval'],
  [8, 'homeagent information'],
  [24, 'route info'],
  [25, 'rdnss'],
  [31, 'dnssl'],
])

const showOptions = (line: Line, start: number): void => {
  const { bytes } = line
  for (let at = start; at < line.end; ) {
    if (!line.needs(at, 2, 'icmp6')) return
    const type = bytes[at]!
    const size = bytes[at + 1]! * 8
    if (size === 0 || at + size > line.end) {
      line.put(' [|icmp6]')
      return
    }
    line.put(`\n\t  ${optionNames.get(type) ?? 'unknown'} option (${type}), length ${size} (${bytes[at + 1]}): `)
    line.put(option(bytes, at, type, size))
    at += size
  }
}

const seconds = (value: number): string => (value === 0xffffffff ? 'infinity' : `${value}s`)

const option = (bytes: Uint8Array, at: number, type: number, size: number): string => {
  switch (type) {
    case 1:
    case 2:
      return size === 8 ? formatMac(u48.get(bytes, at + 2)) : ''
    case 3: {
      if (size < 32) return ''
      const flags = topFlags(bytes[at + 3]!, ['onlink', 'auto', 'router'])
      const prefix = `${formatIp6(u128.get(bytes, at + 16))}/${bytes[at + 2]}`
      const times = `valid time ${seconds(u32.get(bytes, at + 4))}, pref. time ${seconds(u32.get(bytes, at + 8))}`
      return `${prefix}, Flags [${flags}], ${times}`
    }
    case 5:
      return ` ${u32.get(bytes, at + 4)}`
    case 25: {
      let text = ` lifetime ${u32.get(bytes, at + 4)}s,`
      for (let i = at + 8; i + 16 <= at + size; i += 16) text += ` addr: ${formatIp6(u128.get(bytes, i))}`
      return text
    }
    case 31: {
      let text = ` lifetime ${u32.get(bytes, at + 4)}s, domain(s):`
      for (let i = at + 8; i < at + size && bytes[i] !== 0; ) {
        const name = readName(bytes, at, i, at + size)
        if (!name.ok) break
        text += ` ${name.value.name}`
        i = name.value.next
      }
      return text
    }
    default:
      return hexdump(bytes, at + 2, at + size).replaceAll('\n\t0x', '\n\t  0x')
  }
}
