/** Headers before all others: Ethernet, and the service header NSH (RFC 8300). What a frame begins with is its packet type. */
import { EtherType } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { u16, u32 } from '../../wire/header.ts'

/** The packet type of what an EtherType names; Ethernet itself, which has a type to be carried by others, is 0. */
export const packetTypeOf = (etherType: number): number =>
  etherType === transparentEthernet ? 0 : (0x10000 | etherType) >>> 0

/** Ethernet inside something that tells types by EtherType (RFC 1701, RFC 7637). */
const transparentEthernet = 0x6558

/** Makes an Ethernet frame of a packet that is none. */
export const pushEthernetHeader = (frame: Frame, src: number, dst: number): void => {
  if (frame.packetType === 0) return
  frame.prepend(14)
  const { bytes, start } = frame
  putMac(bytes, start, dst)
  putMac(bytes, start + 6, src)
  u16.set(bytes, start + 12, frame.packetType & 0xffff)
  frame.packetType = 0
}

const putMac = (bytes: Uint8Array, at: number, mac: number): void => {
  u16.set(bytes, at, Math.floor(mac / 0x100000000))
  u32.set(bytes, at + 2, mac % 0x100000000)
}

/** Leaves what an untagged Ethernet frame carries. */
export const popEthernetHeader = (frame: Frame): void => {
  if (frame.packetType !== 0 || frame.size < 14) return
  const etherType = u16.get(frame.bytes, frame.start + 12)
  frame.start += 14
  frame.packetType = (0x10000 | etherType) >>> 0
}

/** Two bytes of version, flags, TTL and length, metadata type and next protocol, and the path. */
const baseSize = 8

/**
 * Puts a service header before the frame. `base` and `path` are the words `nsh` and `nshPath` of a flow key, `context`
 * what follows them.
 */
export const pushServiceHeader = (frame: Frame, base: number, path: number, context: readonly number[]): void => {
  const size = baseSize + context.length
  frame.prepend(size)
  const { bytes, start } = frame
  const flags = (base >>> 24) & 3
  const ttl = (base >>> 16) & 0x3f
  u16.set(bytes, start, (flags << 12) | (ttl << 6) | (size / 4))
  u16.set(bytes, start + 2, base & 0x0fff)
  u32.set(bytes, start + 4, path)
  bytes.set(context, start + baseSize)
  frame.packetType = packetTypeOf(EtherType.nsh)
}

/** What is inside by its number (RFC 8300 §2.2). */
const inside = new Map([
  [1, packetTypeOf(EtherType.ipv4)],
  [2, packetTypeOf(EtherType.ipv6)],
  [3, 0],
  [4, packetTypeOf(EtherType.nsh)],
])

/** Takes the service header off that a frame begins with; false if there is none, or what is inside is not known. */
export const popServiceHeader = (frame: Frame): boolean => {
  const { bytes, start, size } = frame
  if (frame.packetType !== packetTypeOf(EtherType.nsh) || size < baseSize) return false
  const header = (bytes[start + 1]! & 0x3f) * 4
  const type = inside.get(bytes[start + 3]!)
  if (header < baseSize || header > size || type === undefined) return false
  frame.start += header
  frame.packetType = type
  return true
}
