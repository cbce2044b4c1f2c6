import type { Frame } from './frame.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

/** Types of the options in hop-by-hop and destination headers: RFC 8200 §4.2, RFC 2711 (router alert), RFC 2675 (jumbo). */
export const Ipv6OptionType = { pad1: 0, padN: 1, routerAlert: 5, jumbo: 0xc2 } as const

/** `data` is what the option holds behind its type and length. */
export type Ipv6Option = { type: number; data: Uint8Array }

/** RFC 2711 with value 0: every router on the way looks at this packet, for it is MLD. */
export const routerAlertMld: Ipv6Option = { type: Ipv6OptionType.routerAlert, data: new Uint8Array(2) }

/** The options of a hop-by-hop or destination header of `size` bytes at `at`, padding left out. Refuses `short`. */
export const parseIpv6Options = (bytes: Uint8Array, at: number, size: number): Parsed<Ipv6Option[]> => {
  const options: Ipv6Option[] = []
  const end = at + size
  for (let i = at + 2; i < end; ) {
    const type = bytes[i]!
    if (type === Ipv6OptionType.pad1) {
      i++
      continue
    }
    if (i + 2 > end || i + 2 + bytes[i + 1]! > end) return refused('short')
    const next = i + 2 + bytes[i + 1]!
    if (type !== Ipv6OptionType.padN) options.push({ type, data: bytes.subarray(i + 2, next) })
    i = next
  }
  return parsed(options)
}

/** Puts a hop-by-hop or destination header with these options in front of what the frame holds, padded to 8 bytes. */
export const pushIpv6Options = (frame: Frame, nextHeader: number, options: readonly Ipv6Option[]): Frame => {
  const used = options.reduce((size, option) => size + 2 + option.data.length, 2)
  const size = (used + 7) & ~7
  frame.prepend(size)
  const { bytes, start } = frame
  bytes.fill(0, start, start + size)
  bytes[start] = nextHeader
  bytes[start + 1] = size / 8 - 1
  let at = start + 2
  for (const { type, data } of options) {
    bytes[at] = type
    bytes[at + 1] = data.length
    bytes.set(data, at + 2)
    at += 2 + data.length
  }
  const padding = size - used
  // One byte of padding is Pad1, which is the zero that stands there.
  if (padding > 1) {
    bytes[at] = Ipv6OptionType.padN
    bytes[at + 1] = padding - 2
  }
  return frame
}
