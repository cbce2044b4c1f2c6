import { EtherType } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { u16, u32 } from '../../wire/header.ts'
import { isVlanType } from '../../wire/vlan.ts'

/** The offset of the last type field from the frame's start: behind all VLAN tags. */
const lastType = ({ bytes, start, end }: Frame): number => {
  let at = start + 12
  while (at + 6 <= end && isVlanType(u16.get(bytes, at))) at += 4
  return at - start
}

/** Puts a label stack entry behind the Ethernet header and its VLAN tags (RFC 3032), whose type becomes `ethType`. */
export const pushLabel = (frame: Frame, entry: number, ethType: number): void => {
  if (frame.size < 14) return
  const head = lastType(frame) + 2
  frame.prepend(4)
  const { bytes, start } = frame
  bytes.copyWithin(start, start + 4, start + 4 + head)
  u16.set(bytes, start + head - 2, ethType)
  u32.set(bytes, start + head, entry)
}

/** Takes the first label stack entry off; false, and nothing done, if there is none. */
export const popLabel = (frame: Frame, ethType: number): boolean => {
  if (frame.size < 18) return false
  const head = lastType(frame) + 2
  const { bytes, start, end } = frame
  const type = u16.get(bytes, start + head - 2)
  if (start + head + 4 > end || (type !== EtherType.mpls && type !== EtherType.mplsMulticast)) return false
  bytes.copyWithin(start + 4, start, start + head)
  frame.start += 4
  u16.set(bytes, frame.start + head - 2, ethType)
  return true
}
