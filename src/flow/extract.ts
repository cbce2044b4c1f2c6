/**
 * From a frame's bytes to the words of its flow key. What a frame does not have is zero, and so is what a truncated or
 * contradictory header would have said: a frame is cut where its headers stop making sense, and never refused.
 * Where RFCs leave room, this does as Open vSwitch: a later fragment has no ports, a header that is not all there counts as
 * not there, what follows the end of an IP packet is padding.
 */
import type { Frame } from '../wire/frame.ts'
import { type FlowKey, fragment, frameWords, word } from './layout.ts'

// A property of another module is looked up each time; a constant of this one costs nothing.
const {
  ethernet,
  ethernet1,
  ethernet2,
  vlan,
  vlan1,
  ethType,
  ip,
  ipv4Src,
  ipv4Dst,
  transport,
  tcpFlags,
  ipv6Src,
  ipv6Dst,
  ipv6Label,
  arpSha,
  ndTarget,
  ndReserved,
  ndOptionsType,
  igmpGroup,
  mpls,
  nsh,
  nshPath,
  nshContext,
  packetType,
} = word

/** How far a frame is read: up to and with which layer. */
export const Depth = { metadata: 0, l2: 1, l3: 2, l4: 3 } as const
export type Depth = (typeof Depth)[keyof typeof Depth]

/** How far frames must be read for keys to be told apart under this mask. */
export const depthOf = (mask: FlowKey): Depth => {
  let depth: Depth = Depth.metadata
  for (let i = ethernet; i < frameWords; i++) {
    if (mask[i] === 0) continue
    const of = i <= ethType ? Depth.l2 : isL3(i) ? Depth.l3 : Depth.l4
    if (of > depth) depth = of
  }
  return depth
}

const isL3 = (i: number): boolean => i <= ipv4Dst || (i >= ipv6Src && i <= ipv6Label) || (i >= mpls && i < nsh)

/** Writes all words that come from the frame itself (1 to `frameWords` - 1, and `packetType`). Of more VLAN tags than `vlanLimit` the rest is payload. */
export const extract = (frame: Frame, key: FlowKey, vlanLimit = 2): void =>
  extractWords(frame, key, Depth.l4, vlanLimit)

/** Writes only the words up to a depth; those beyond keep what they had. */
export const extractWords = (frame: Frame, key: FlowKey, depth: Depth, vlanLimit = 2): void => {
  const { bytes, start, end } = frame
  if (depth >= Depth.l4) clearL4(key)
  if (depth >= Depth.l3) clearL3(key)
  key[vlan] = 0
  key[vlan1] = 0
  const { packetType: kind } = frame
  key[packetType] = kind
  if (kind !== 0 || end - start < 14) {
    key[ethernet] = 0
    key[ethernet1] = 0
    key[ethernet2] = 0
    // The other namespace is that of EtherTypes.
    key[ethType] = kind >>> 16 === 1 ? kind << 16 : 0
    if (kind !== 0 && depth >= Depth.l3) readNetwork(kind & 0xffff, bytes, start, end, key, depth)
    return
  }
  key[ethernet] = load32(bytes, start)
  key[ethernet1] = load32(bytes, start + 4)
  key[ethernet2] = load32(bytes, start + 8)
  let at = start + 12
  let type = load16(bytes, at)
  if ((type === 0x8100 || type === 0x88a8) && vlanLimit > 0 && end - at >= 6) {
    key[vlan] = load32(bytes, at) | 0x1000
    at += 4
    type = load16(bytes, at)
    if ((type === 0x8100 || type === 0x88a8) && vlanLimit > 1 && end - at >= 6) {
      key[vlan1] = load32(bytes, at) | 0x1000
      at += 4
      type = load16(bytes, at)
    }
  }
  at += 2
  if (type < 0x600) {
    type = snapType(bytes, at, end)
    if (type !== 0x5ff) at += 8
  }
  key[ethType] = type << 16
  if (depth >= Depth.l3) readNetwork(type, bytes, at, end, key, depth)
}

const readNetwork = (type: number, bytes: Uint8Array, at: number, end: number, key: FlowKey, depth: Depth): void => {
  if (type === 0x0800) readIpv4(bytes, at, end, key, depth)
  else if (type === 0x86dd) readIpv6(bytes, at, end, key, depth)
  else if (type === 0x0806 || type === 0x8035) readArp(bytes, at, end, key, depth)
  else if (type === 0x8847 || type === 0x8848) readMpls(bytes, at, end, key)
  else if (type === 0x894f && depth >= Depth.l4) readNsh(bytes, at, end, key)
}

const load16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
const load32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

// Written out, the last word first, so that one bounds check serves all: a fifth of the time of `fill` or a loop.
const clearL4 = (key: FlowKey): void => {
  key[nshContext + 3] = 0
  key[nshContext + 2] = 0
  key[nshContext + 1] = 0
  key[nshContext] = 0
  key[nshPath] = 0
  key[nsh] = 0
  key[igmpGroup] = 0
  key[ndOptionsType] = 0
  key[ndReserved] = 0
  key[ndTarget + 3] = 0
  key[ndTarget + 2] = 0
  key[ndTarget + 1] = 0
  key[ndTarget] = 0
  key[arpSha + 2] = 0
  key[arpSha + 1] = 0
  key[arpSha] = 0
  key[tcpFlags] = 0
  key[transport] = 0
}

const clearL3 = (key: FlowKey): void => {
  key[mpls + 2] = 0
  key[mpls + 1] = 0
  key[mpls] = 0
  key[ipv6Label] = 0
  key[ipv6Dst + 3] = 0
  key[ipv6Dst + 2] = 0
  key[ipv6Dst + 1] = 0
  key[ipv6Dst] = 0
  key[ipv6Src + 3] = 0
  key[ipv6Src + 2] = 0
  key[ipv6Src + 1] = 0
  key[ipv6Src] = 0
  key[ipv4Dst] = 0
  key[ipv4Src] = 0
  key[ip] = 0
}

/** IEEE 802.3 with LLC and SNAP carries an EtherType; other LLC is 0x05ff (ovs-fields(7), eth_type). */
const snapType = (bytes: Uint8Array, at: number, end: number): number => {
  if (end - at < 8) return 0x5ff
  if ((load32(bytes, at) & 0xffffff00) !== (0xaaaa0300 | 0) || load16(bytes, at + 3) !== 0 || bytes[at + 5] !== 0)
    return 0x5ff
  const type = load16(bytes, at + 6)
  return type < 0x600 ? 0x5ff : type
}

const readIpv4 = (bytes: Uint8Array, at: number, end: number, key: FlowKey, depth: Depth): void => {
  const size = end - at
  if (size < 20) return
  const headerSize = (bytes[at]! & 15) * 4
  const total = load16(bytes, at + 2)
  if (headerSize < 20 || headerSize > size || total > size || headerSize > total) return
  const fragmentField = load16(bytes, at + 6)
  const frag =
    (fragmentField & 0x1fff) !== 0 ? fragment.any | fragment.later : (fragmentField & 0x2000) !== 0 ? fragment.any : 0
  const proto = bytes[at + 9]!
  key[ip] = (frag << 24) | (bytes[at + 1]! << 16) | (bytes[at + 8]! << 8) | proto
  key[ipv4Src] = load32(bytes, at + 12)
  key[ipv4Dst] = load32(bytes, at + 16)
  if (depth < Depth.l4 || (frag & fragment.later) !== 0) return
  const l4 = at + headerSize
  const l4End = at + total
  readTransport(bytes, l4, l4End, key, proto)
}

const readTransport = (bytes: Uint8Array, at: number, end: number, key: FlowKey, proto: number): void => {
  const size = end - at
  if (proto === 6) {
    if (size < 20) return
    const headerSize = (bytes[at + 12]! >>> 4) * 4
    if (headerSize < 20 || headerSize > size) return
    key[tcpFlags] = (load16(bytes, at + 12) & 0xfff) << 16
  } else if (proto === 17) {
    if (size < 8) return
  } else if (proto === 132) {
    if (size < 12) return
  } else {
    // Open vSwitch goes by the protocol number alone, whichever IP carries it.
    if (proto === 58) readIcmpv6(bytes, at, end, key)
    else if ((proto === 1 || proto === 2) && size >= 8) {
      readIcmp(bytes, at, key)
      if (proto === 2) key[igmpGroup] = load32(bytes, at + 4)
    }
    return
  }
  key[transport] = load32(bytes, at)
}

const readIcmp = (bytes: Uint8Array, at: number, key: FlowKey): void => {
  key[transport] = (bytes[at]! << 16) | bytes[at + 1]!
}

const readIpv6 = (bytes: Uint8Array, start: number, frameEnd: number, key: FlowKey, depth: Depth): void => {
  const size = frameEnd - start - 40
  if (size < 0) return
  const payload = load16(bytes, start + 4)
  if (payload > size) return
  const head = load32(bytes, start)
  for (let i = 0; i < 4; i++) {
    key[ipv6Src + i] = load32(bytes, start + 8 + i * 4)
    key[ipv6Dst + i] = load32(bytes, start + 24 + i * 4)
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
  key[ipv6Label] = head & 0xfffff
  key[ip] = (frag << 24) | (((head >>> 20) & 0xff) << 16) | (bytes[start + 7]! << 8) | proto
  if (depth < Depth.l4 || (frag & fragment.later) !== 0) return
  readTransport(bytes, at, end, key, proto)
}

const readIcmpv6 = (bytes: Uint8Array, at: number, end: number, key: FlowKey): void => {
  if (end - at < 8) return
  readIcmp(bytes, at, key)
  const type = bytes[at]!
  if ((type !== 135 && type !== 136) || bytes[at + 1] !== 0) return
  key[ndReserved] = load32(bytes, at + 4)
  if (end - at < 24) return
  for (let i = 0; i < 4; i++) key[ndTarget + i] = load32(bytes, at + 8 + i * 4)
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
      key[ndOptionsType] = kind
      const high = load32(bytes, at + 2)
      if (kind === 1) {
        key[arpSha] = high
        key[arpSha + 1] = (key[arpSha + 1]! & 0xffff) | (load16(bytes, at + 6) << 16)
      } else {
        key[arpSha + 1] = (key[arpSha + 1]! & 0xffff0000) | (high >>> 16)
        key[arpSha + 2] = (high << 16) | load16(bytes, at + 6)
      }
    }
    at += size
  }
}

const meaningless = (key: FlowKey): void => {
  for (let i: number = arpSha; i <= ndOptionsType; i++) key[i] = 0
}

const readArp = (bytes: Uint8Array, at: number, end: number, key: FlowKey, depth: Depth): void => {
  if (end - at < 28) return
  if (load32(bytes, at) !== 0x00010800 || load16(bytes, at + 4) !== 0x0604) return
  const op = load16(bytes, at + 6)
  key[ip] = op <= 0xff ? op : 0
  key[ipv4Src] = load32(bytes, at + 14)
  key[ipv4Dst] = load32(bytes, at + 24)
  if (depth < Depth.l4) return
  key[arpSha] = load32(bytes, at + 8)
  key[arpSha + 1] = (load16(bytes, at + 12) << 16) | load16(bytes, at + 18)
  key[arpSha + 2] = load32(bytes, at + 20)
}

const readMpls = (bytes: Uint8Array, start: number, end: number, key: FlowKey): void => {
  for (let i = 0, at = start; i < 3 && end - at >= 4; i++, at += 4) {
    key[mpls + i] = load32(bytes, at)
    if ((bytes[at + 2]! & 1) !== 0) return
  }
}

/** RFC 8300 §2: version 0, metadata type 1 has four context words, what others have is not looked at. */
const readNsh = (bytes: Uint8Array, at: number, end: number, key: FlowKey): void => {
  if (end - at < 8) return
  const head = load16(bytes, at)
  const size = (head & 0x3f) * 4
  if (head >>> 14 !== 0 || size > end - at) return
  const mdType = bytes[at + 2]! & 0xf
  if (mdType === 1 ? size !== 24 : mdType === 2 && size < 8) return
  key[nsh] = (((head >>> 12) & 3) << 24) | (((head >>> 6) & 0x3f) << 16) | (mdType << 8) | bytes[at + 3]!
  key[nshPath] = load32(bytes, at + 4)
  if (mdType === 1) for (let i = 0; i < 4; i++) key[nshContext + i] = load32(bytes, at + 8 + i * 4)
}
