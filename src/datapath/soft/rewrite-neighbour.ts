/** `set` on ARP's hardware addresses and on neighbour discovery, which share words of the key. */
import { word } from '../../flow/layout.ts'
import type { Frame } from '../../wire/frame.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import type { Places } from './locate.ts'
import { masked16, masked32, mendTransport } from './rewrite-words.ts'

const solicitation = 135
const advertisement = 136
const sourceLinkAddress = 1
const targetLinkAddress = 2

/** Writes one of the words from `arpSha` to `ndOptionsType`. */
export const neighbour = (frame: Frame, at: Places, place: number, value: number, mask: number): void => {
  const { bytes, end } = frame
  if (at.arp >= 0) {
    if (place < word.ndTarget) addresses(bytes, at.arp + 8, at.arp + 18, place, value, mask)
    return
  }
  const { transport } = at
  if (at.ipv6 < 0 || at.protocol !== IpProtocol.icmp6 || transport < 0 || transport + 24 > end) return
  const type = bytes[transport]!
  if (type !== solicitation && type !== advertisement) return
  if (place === word.ndReserved) mendTransport(frame, at, masked32(bytes, transport + 4, value, mask))
  else if (place === word.ndOptionsType) {
    if (transport + 32 <= end)
      mendTransport(frame, at, masked16(bytes, transport + 24, optionType(value), optionType(mask)))
  } else if (place >= word.ndTarget)
    mendTransport(frame, at, masked32(bytes, transport + 8 + 4 * (place - word.ndTarget), value, mask))
  else {
    const first = linkAddress(bytes, transport + 24, end)
    const source = first >= 0 && bytes[first] === sourceLinkAddress ? first + 2 : -1
    const target = first >= 0 && bytes[first] === targetLinkAddress ? first + 2 : -1
    mendTransport(frame, at, addresses(bytes, source, target, place, value, mask))
  }
}

/** nd_options_type is the low byte of its word, the first byte of the option in the frame. */
const optionType = (value: number): number => (value & 255) << 8

/** Writes a word of two packed MAC addresses; one that is not there (-1) is left out. Gives the checksum's change. */
const addresses = (
  bytes: Uint8Array,
  first: number,
  second: number,
  place: number,
  value: number,
  mask: number,
): number => {
  const high = value >>> 16
  const highMask = mask >>> 16
  if (place === word.arpSha) return first < 0 ? 0 : masked32(bytes, first, value, mask)
  if (place === word.arpSha + 2) return second < 0 ? 0 : masked32(bytes, second + 2, value, mask)
  const end = first < 0 ? 0 : masked16(bytes, first + 4, high, highMask)
  return second < 0 ? end : end + masked16(bytes, second, value & 0xffff, mask & 0xffff)
}

/** Where the first option with a link-layer address is, which is the only one by right; -1 if there is none. */
const linkAddress = (bytes: Uint8Array, start: number, end: number): number => {
  let at = start
  while (at + 8 <= end) {
    const type = bytes[at]!
    const size = bytes[at + 1]! * 8
    if (size === 0 || at + size > end) return -1
    if (size === 8 && (type === sourceLinkAddress || type === targetLinkAddress)) return at
    at += size
  }
  return -1
}
