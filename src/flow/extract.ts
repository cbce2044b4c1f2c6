/**
 * From a frame's bytes to the words of its flow key. What a frame does not have is zero, and so is what a truncated or
 * contradictory header would have said: a frame is cut where its headers stop making sense, and never refused.
 * Where RFCs leave room, this does as Open vSwitch: a later fragment has no ports, a header that is not all there counts as
 * not there, what follows the end of an IP packet is padding.
 */
import type { Frame } from '../wire/frame.ts'
import { type FlowKey, fragment, frameWords, word } from './layout.ts'

/** How far a frame is read: up to and with which layer. */
export const Depth = { metadata: 0, l2: 1, l3: 2, l4: 3 } as const
export type Depth = (typeof Depth)[keyof typeof Depth]

/** How far frames must be read for keys to be told apart under this mask. */
export const depthOf = (mask: FlowKey): Depth => {
  let depth: Depth = Depth.metadata
  for (let i = word.ethernet; i < frameWords; i++) {
    if (mask[i] === 0) continue
    const of = i <= word.ethType ? Depth.l2 : isL3(i) ? Depth.l3 : Depth.l4
    if (of > depth) depth = of
  }
  return depth
}

const isL3 = (i: number): boolean =>
  i <= word.ipv4Dst || (i >= word.ipv6Src && i <= word.ipv6Label) || (i >= word.mpls && i < word.nsh)

/** Writes all words that come from the frame itself (1 to `frameWords` - 1). Of more VLAN tags than `vlanLimit` the rest is payload. */
export const extract = (frame: Frame, key: FlowKey, vlanLimit = 2): void =>
  extractWords(frame, key, Depth.l4, vlanLimit)

/** Writes only the words up to a depth; those beyond keep what they had. */
export const extractWords = (frame: Frame, key: FlowKey, depth: Depth, vlanLimit = 2): void => {
  const { bytes, start, end } = frame
  if (depth >= Depth.l4) clearL4(key)
  if (depth >= Depth.l3) clearL3(key)
  key[word.vlan] = 0
  key[word.vlan1] = 0
  if (end - start < 14) {
    key[word.ethernet] = 0
    key[word.ethernet1] = 0
    key[word.ethernet2] = 0
    key[word.ethType] = 0
    return
  }
  key[word.ethernet] = load32(bytes, start)
  key[word.ethernet1] = load32(bytes, start + 4)
  key[word.ethernet2] = load32(bytes, start + 8)
  let at = start + 12
  let type = load16(bytes, at)
  if ((type === 0x8100 || type === 0x88a8) && vlanLimit > 0 && end - at >= 6) {
    key[word.vlan] = load32(bytes, at) | 0x1000
    at += 4
    type = load16(bytes, at)
    if ((type === 0x8100 || type === 0x88a8) && vlanLimit > 1 && end - at >= 6) {
      key[word.vlan1] = load32(bytes, at) | 0x1000
      at += 4
      type = load16(bytes, at)
    }
  }
  at += 2
  if (type < 0x600) {
    type = snapType(bytes, at, end)
    if (type !== 0x5ff) at += 8
  }
  key[word.ethType] = type << 16
  if (depth < Depth.l3) return
  if (type === 0x0800) ipv4(bytes, at, end, key, depth)
  else if (type === 0x86dd) ipv6(bytes, at, end, key, depth)
  else if (type === 0x0806 || type === 0x8035) arp(bytes, at, end, key, depth)
  else if (type === 0x8847 || type === 0x8848) mpls(bytes, at, end, key)
  else if (type === 0x894f && depth >= Depth.l4) nsh(bytes, at, end, key)
}

const load16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
const load32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

// Written out, the last word first, so that one bounds check serves all: a fifth of the time of `fill` or a loop.
const clearL4 = (key: FlowKey): void => {
  key[word.nshContext + 3] = 0
  key[word.nshContext + 2] = 0
  key[word.nshContext + 1] = 0
  key[word.nshContext] = 0
  key[word.nshPath] = 0
  key[word.nsh] = 0
  key[word.igmpGroup] = 0
  key[word.ndOptionsType] = 0
  key[word.ndReserved] = 0
  key[word.ndTarget + 3] = 0
  key[word.ndTarget + 2] = 0
  key[word.ndTarget + 1] = 0
  key[word.ndTarget] = 0
  key[word.arpSha + 2] = 0
  key[word.arpSha + 1] = 0
  key[word.arpSha] = 0
  key[word.tcpFlags] = 0
  key[word.transport] = 0
}

const clearL3 = (key: FlowKey): void => {
  key[word.mpls + 2] = 0
  key[word.mpls + 1] = 0
  key[word.mpls] = 0
  key[word.ipv6Label] = 0
  key[word.ipv6Dst + 3] = 0
  key[word.ipv6Dst + 2] = 0
  key[word.ipv6Dst + 1] = 0
  key[word.ipv6Dst] = 0
  key[word.ipv6Src + 3] = 0
  key[word.ipv6Src + 2] = 0
  key[word.ipv6Src + 1] = 0
  key[word.ipv6Src] = 0
  key[word.ipv4Dst] = 0
  key[word.ipv4Src] = 0
  key[word.ip] = 0
}

/** IEEE 802.3 with LLC and SNAP carries an EtherType; other LLC is 0x05ff (ovs-fields(7), eth_type). */
const snapType = (bytes: Uint8Array, at: number, end: number): number => {
  if (end - at < 8) return 0x5ff
  if ((load32(bytes, at) & 0xffffff00) !== (0xaaaa0300 | 0) || load16(bytes, at + 3) !== 0 || bytes[at + 5] !== 0)
    return 0x5ff
  const type = load16(bytes, at + 6)
  return type < 0x600 ? 0x5ff : type
}

const ipv4 = (bytes: Uint8Array, at: number, end: number, key: FlowKey, depth: Depth): void => {
  const size = end - at
  if (size < 20) return
  const headerSize = (bytes[at]! & 15) * 4
  const total = load16(bytes, at + 2)
  if (headerSize < 20 || headerSize > size || total > size || headerSize > total) return
  const fragmentField = load16(bytes, at + 6)
  const frag =
    (fragmentField & 0x1fff) !== 0 ? fragment.any | fragment.later : (fragmentField & 0x2000) !== 0 ? fragment.any : 0
  const proto = bytes[at + 9]!
  key[word.ip] = (frag << 24) | (bytes[at + 1]! << 16) | (bytes[at + 8]! << 8) | proto
  key[word.ipv4Src] = load32(bytes, at + 12)
  key[word.ipv4Dst] = load32(bytes, at + 16)
  if (depth < Depth.l4 || (frag & fragment.later) !== 0) return
  const l4 = at + headerSize
  const l4End = at + total
  transport(bytes, l4, l4End, key, proto)
}

const transport = (bytes: Uint8Array, at: number, end: number, key: FlowKey, proto: number): void => {
  const size = end - at
  if (proto === 6) {
    if (size < 20) return
    const headerSize = (bytes[at + 12]! >>> 4) * 4
    if (headerSize < 20 || headerSize > size) return
    key[word.tcpFlags] = (load16(bytes, at + 12) & 0xfff) << 16
  } else if (proto === 17) {
    if (size < 8) return
  } else if (proto === 132) {
    if (size < 12) return
  } else {
    // Open vSwitch goes by the protocol number alone, whichever IP carries it.
    if (proto === 58) icmpv6(bytes, at, end, key)
    else if ((proto === 1 || proto === 2) && size >= 8) {
      icmp(bytes, at, key)
      if (proto === 2) key[word.igmpGroup] = load32(bytes, at + 4)
    }
    return
  }
  key[word.transport] = load32(bytes, at)
}

const icmp = (bytes: Uint8Array, at: number, key: FlowKey): void => {
  key[word.transport] = (bytes[at]! << 16) | bytes[at + 1]!
}

const ipv6 = (bytes: Uint8Array, start: number, frameEnd: number, key: FlowKey, depth: Depth): void => {
  const size = frameEnd - start - 40
  if (size < 0) return
  const payload = load16(bytes, start + 4)
  if (payload > size) return
  const head = load32(bytes, start)
  for (let i = 0; i < 4; i++) {
    key[word.ipv6Src + i] = load32(bytes, start + 8 + i * 4)
    key[word.ipv6Dst + i] = load32(bytes, start + 24 + i * 4)
  }
  const end = start + 40 + payload
  let at = start + 40
  let proto = bytes[start + 6]!
  let frag = 0
  // RFC 8200 §4: each header tells the next one's kind; every turn moves on by 8 bytes or more, so the size bounds it.
  while (proto === 0 || proto === 43 || proto === 44 || proto === 51 || proto === 60) {
    if (end - at < 8) return
    const next = bytes[at]!
    if (proto === 44) {
      const field = load16(bytes, at + 2)
      at += 8
      if (field !== 0) frag = fragment.any
      if ((field & 0xfff8) !== 0) {
        frag |= fragment.later
        break
      }
    } else at += proto === 51 ? (bytes[at + 1]! + 2) * 4 : (bytes[at + 1]! + 1) * 8
    if (at > end) return
    proto = next
  }
  key[word.ipv6Label] = head & 0xfffff
  key[word.ip] = (frag << 24) | (((head >>> 20) & 0xff) << 16) | (bytes[start + 7]! << 8) | proto
  if (depth < Depth.l4 || (frag & fragment.later) !== 0) return
  transport(bytes, at, end, key, proto)
}

const icmpv6 = (bytes: Uint8Array, at: number, end: number, key: FlowKey): void => {
  if (end - at < 8) return
  icmp(bytes, at, key)
  const type = bytes[at]!
  if ((type !== 135 && type !== 136) || bytes[at + 1] !== 0) return
  key[word.ndReserved] = load32(bytes, at + 4)
  if (end - at < 24) return
  for (let i = 0; i < 4; i++) key[word.ndTarget + i] = load32(bytes, at + 8 + i * 4)
  ndOptions(bytes, at + 24, end, key)
}

/** RFC 4861 §4.6. What follows an option of no length is lost; a second address of one kind makes the message meaningless. */
const ndOptions = (bytes: Uint8Array, start: number, end: number, key: FlowKey): void => {
  let seen = 0
  for (let at = start; end - at >= 8; ) {
    const kind = bytes[at]!
    const size = bytes[at + 1]! * 8
    if (size === 0 || size > end - at) return
    if (size === 8 && (kind === 1 || kind === 2)) {
      if ((seen & kind) !== 0) {
        meaningless(key)
        return
      }
      seen |= kind
      key[word.ndOptionsType] = kind
      const high = load32(bytes, at + 2)
      if (kind === 1) {
        key[word.arpSha] = high
        key[word.arpSha + 1] = (key[word.arpSha + 1]! & 0xffff) | (load16(bytes, at + 6) << 16)
      } else {
        key[word.arpSha + 1] = (key[word.arpSha + 1]! & 0xffff0000) | (high >>> 16)
        key[word.arpSha + 2] = (high << 16) | load16(bytes, at + 6)
      }
    }
    at += size
  }
}

const meaningless = (key: FlowKey): void => {
  for (let i: number = word.arpSha; i <= word.ndOptionsType; i++) key[i] = 0
}

const arp = (bytes: Uint8Array, at: number, end: number, key: FlowKey, depth: Depth): void => {
  if (end - at < 28) return
  if (load32(bytes, at) !== 0x00010800 || load16(bytes, at + 4) !== 0x0604) return
  const op = load16(bytes, at + 6)
  key[word.ip] = op <= 0xff ? op : 0
  key[word.ipv4Src] = load32(bytes, at + 14)
  key[word.ipv4Dst] = load32(bytes, at + 24)
  if (depth < Depth.l4) return
  key[word.arpSha] = load32(bytes, at + 8)
  key[word.arpSha + 1] = (load16(bytes, at + 12) << 16) | load16(bytes, at + 18)
  key[word.arpSha + 2] = load32(bytes, at + 20)
}

const mpls = (bytes: Uint8Array, start: number, end: number, key: FlowKey): void => {
  for (let i = 0, at = start; i < 3 && end - at >= 4; i++, at += 4) {
    key[word.mpls + i] = load32(bytes, at)
    if ((bytes[at + 2]! & 1) !== 0) return
  }
}

/** RFC 8300 §2: version 0, metadata type 1 has four context words, what others have is not looked at. */
const nsh = (bytes: Uint8Array, at: number, end: number, key: FlowKey): void => {
  if (end - at < 8) return
  const head = load16(bytes, at)
  const size = (head & 0x3f) * 4
  if (head >>> 14 !== 0 || size > end - at) return
  const mdType = bytes[at + 2]! & 0xf
  if (mdType === 1 ? size !== 24 : mdType === 2 && size < 8) return
  key[word.nsh] = (((head >>> 12) & 3) << 24) | (((head >>> 6) & 0x3f) << 16) | (mdType << 8) | bytes[at + 3]!
  key[word.nshPath] = load32(bytes, at + 4)
  if (mdType === 1) for (let i = 0; i < 4; i++) key[word.nshContext + i] = load32(bytes, at + 8 + i * 4)
}
