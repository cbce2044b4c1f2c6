import { type FlowKey, word } from '../../flow/layout.ts'
import { typeOf as packetTypeOf } from '../../flow/match.ts'
import { EtherType } from '../../wire/ethernet.ts'

/** Label stack entries that a key has room for. */
export const maxLabels = 3
/** The bit of the innermost. */
export const bottom = 0x100

export const isMpls = (type: number): boolean => type === EtherType.mpls || type === EtherType.mplsMulticast
export const typeOf = (key: FlowKey): number => key[word.ethType]! >>> 16
const isIp = (type: number): boolean => type === EtherType.ipv4 || type === EtherType.ipv6
const setType = (key: FlowKey, type: number): void => {
  key[word.ethType] = (key[word.ethType]! & 0xffff) | (type << 16)
}

/** How many labels there are, as far as the key tells; bits that said so are set in `mask`. */
export const countLabels = (key: FlowKey, mask?: FlowKey): number => {
  if (!isMpls(typeOf(key))) return 0
  for (let i = 0; i < maxLabels; i++) {
    if (mask !== undefined) mask[word.mpls + i] = mask[word.mpls + i]! | bottom
    if ((key[word.mpls + i]! & bottom) !== 0) return i + 1
  }
  // The innermost is not among them: those that are zero are none, wherever they stand.
  let count = 0
  for (let i = 0; i < maxLabels; i++) if (key[word.mpls + i] !== 0) count++
  return count
}

/** Puts a label outside `count` others. */
export const pushLabel = (key: FlowKey, count: number, ethType: number, mask?: FlowKey): void => {
  if (count > 0) {
    if (mask !== undefined) mask.fill(0xffffffff, word.mpls, word.mpls + count)
    for (let i = count; i >= 1; i--) key[word.mpls + i] = key[word.mpls + i - 1]!
    key[word.mpls] = key[word.mpls + 1]! & ~bottom
  } else key[word.mpls] = firstLabel(key, mask)
  setType(key, ethType)
}

/** Explicit null of the IP version, with the packet's precedence and TTL (RFC 3032 §2.1, RFC 4182). */
const firstLabel = (key: FlowKey, mask: FlowKey | undefined): number => {
  const type = typeOf(key)
  const label = type === EtherType.ipv6 ? 2 : 0
  // What the packet is, its packet type says too; which label, only the type of a frame.
  if (!isIp(packetTypeOf(key))) return (label << 12) | bottom | 64
  if (mask !== undefined) mask[word.ip] = mask[word.ip]! | 0x00fcff00
  const tc = (key[word.ip]! >>> 18) & 7
  const ttl = (key[word.ip]! >>> 8) & 0xff
  return ((label << 12) | (tc << 9) | bottom | (ttl === 0 ? 64 : ttl)) >>> 0
}

/** What lies under a label is not known. */
export const clearInner = (key: FlowKey): void => {
  key.fill(0, word.ip, word.mpls)
  key.fill(0, word.nsh, word.packetType)
  key.fill(0, word.ctIpv4Src, word.ctProto)
  key[word.dpHash] = 0
}

/** Takes the outermost of `count` labels away; false if there is none, or what would follow is not known. */
export const popLabel = (key: FlowKey, count: number, ethType: number, mask?: FlowKey): boolean => {
  if (count === 0) return false
  if (count === maxLabels) {
    if (mask !== undefined) mask[word.mpls + count - 1] = mask[word.mpls + count - 1]! | bottom
    if ((key[word.mpls + count - 1]! & bottom) === 0) return false
  }
  if (mask !== undefined) mask.fill(0xffffffff, word.mpls + 1, word.mpls + count)
  for (let i = 1; i < count; i++) key[word.mpls + i - 1] = key[word.mpls + i]!
  key[word.mpls + count - 1] = 0
  setType(key, ethType)
  return true
}
