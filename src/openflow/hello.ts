import { Writer } from './bytes.ts'
import { headerSize } from './message-header.ts'
import type { Version } from './protocol.ts'

/** Versions as bits: bit n for wire version n. */
export type VersionSet = number

export const versionSet = (versions: readonly Version[]): VersionSet =>
  versions.reduce((bits: VersionSet, version) => bits | (1 << version), 0)

export const allVersions: VersionSet = versionSet([1, 2, 3, 4, 5, 6])

/** All up to a version, as a hello without a bitmap offers them. */
const upTo = (version: number): VersionSet => (version >= 31 ? 0xffffffff : 2 ** (version + 1) - 1) & ~1

export const highest = (versions: VersionSet): number => (versions === 0 ? 0 : 31 - Math.clz32(versions))

const bitmapElement = 1

/** A hello. One that offers all versions up to its own needs no bitmap. */
export const encodeHello = (versions: VersionSet, xid: number): Uint8Array => {
  const out = new Writer(16)
  const version = highest(versions)
  const plain = upTo(version) === versions
  out.u8(version)
  out.u8(0)
  out.u16(plain ? headerSize : headerSize + 8)
  out.u32(xid)
  if (!plain) {
    out.u16(bitmapElement)
    out.u16(8)
    out.u32(versions)
  }
  return out.done()
}

/**
 * The versions that a hello offers: those of its last bitmap's first word, or without one all up to the header's
 * version. Elements that make no sense are passed over, as the OpenFlow specification wants it (1.3 §6.3.1); of several
 * bitmaps Open vSwitch believes the last.
 */
export const decodeHello = (message: Uint8Array): VersionSet => {
  let offered = upTo(message[0]!)
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  for (let at = headerSize; at + 4 <= message.length; ) {
    const type = view.getUint16(at)
    const length = view.getUint16(at + 2)
    const padded = (length + 7) & ~7
    if (length < 4 || at + padded > message.length) break
    if (type === bitmapElement && length >= 8 && length % 4 === 0) offered = view.getUint32(at + 4) & ~1 || offered
    at += padded
  }
  return offered
}

const inHex = (version: number): string => `0x${version.toString(16).padStart(2, '0')}`

/** Words for a set of versions, as in `version 0x06 and earlier`, `versions 0x01, 0x04`. */
export const describeVersions = (versions: VersionSet): string => {
  const list: number[] = []
  for (let version = 0; version < 32; version++) if ((versions >>> version) & 1) list.push(version)
  const last = list.at(-1)
  if (last === undefined) return 'no versions'
  if (last > 1 && upTo(last) === versions >>> 0) return `version ${inHex(last)} and earlier`
  return `version${list.length > 1 ? 's' : ''} ${list.map(inHex).join(', ')}`
}
