import { EtherType } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { u16, u32 } from '../../wire/header.ts'
import { isVlanType } from '../../wire/vlan.ts'
import { packetTypeOf } from './encapsulation.ts'

const isMpls = (type: number): boolean => type === EtherType.mpls || type === EtherType.mplsMulticast

/** The offset of the last type field from the frame's start: behind all VLAN tags. */
const lastType = ({ bytes, start, end }: Frame): number => {
  let at = start + 12
  while (at + 6 <= end && isVlanType(u16.get(bytes, at))) at += 4
  return at - start
}

/** Puts a label stack entry behind the Ethernet header and its VLAN tags (RFC 3032), whose type becomes `ethType`. */
export const pushLabel = (frame: Frame, entry: number, ethType: number): void => {
  if (frame.packetType !== 0) {
    addLabel(frame, entry, ethType)
    return
  }
  if (frame.size < 14) return
  const head = lastType(frame) + 2
  frame.prepend(4)
  const { bytes, start } = frame
  bytes.copyWithin(start, start + 4, start + 4 + head)
  u16.set(bytes, start + head - 2, ethType)
  u32.set(bytes, start + head, entry)
}

/** Puts a label stack entry before everything, an Ethernet header too. */
export const addLabel = (frame: Frame, entry: number, ethType: number): void => {
  frame.prepend(4)
  u32.set(frame.bytes, frame.start, entry)
  frame.packetType = packetTypeOf(ethType)
}

/** Takes the first label stack entry off; false, and nothing done, if there is none. */
export const popLabel = (frame: Frame, ethType: number): boolean => {
  if (frame.packetType !== 0) return popFirst(frame, ethType)
  if (frame.size < 18) return false
  const head = lastType(frame) + 2
  const { bytes, start, end } = frame
  if (start + head + 4 > end || !isMpls(u16.get(bytes, start + head - 2))) return false
  bytes.copyWithin(start + 4, start, start + head)
  frame.start += 4
  u16.set(bytes, frame.start + head - 2, ethType)
  return true
}

/** Of a frame that begins with labels. What is under the last may be Ethernet. */
const popFirst = (frame: Frame, ethType: number): boolean => {
  if (frame.size < 4 || !isMpls(frame.packetType & 0xffff)) return false
  frame.start += 4
  frame.packetType = packetTypeOf(ethType)
  return true
}
