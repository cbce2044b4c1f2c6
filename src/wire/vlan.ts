/**
 * VLAN tags (IEEE 802.1Q §9). A tag sits between the source MAC and the type: two bytes that name the kind of tag (the
 * TPID, which is the type field of what came before), two of tag control, then the type of what follows. As a layer of
 * its own a tag is therefore the four bytes after a TPID.
 */
import { EtherType } from './ethernet.ts'
import type { Frame } from './frame.ts'
import { bit, bits, bits16, header, u16 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

/** The four bytes behind a TPID; `tci` is `pcp`, `dei` and `vid` in one. */
export const VlanHeader = header('VLAN', 4, {
  tci: [0, u16],
  pcp: [0, bits(5, 3)],
  dei: [0, bit(3)],
  vid: [0, bits16(0, 12)],
  type: [2, u16],
})

/** Priority 0 to 7, drop eligible, VLAN 0 (priority only) to 4095 (reserved), and the type of what follows. */
export type Vlan = { pcp: number; dei: boolean; vid: number; type: number }

/** Whether this type announces a tag: 802.1Q, 802.1ad, or the 0x9100 of before the standard. */
export const isVlanType = (type: number): boolean =>
  type === EtherType.vlan || type === EtherType.vlanService || type === EtherType.vlanOld

/** `start` is behind the TPID. Refuses only `short`. */
export const parseVlan = (bytes: Uint8Array, start: number, end: number): Parsed<Vlan & { payload: number }> => {
  if (start + 4 > end) return refused('short')
  const { at } = VlanHeader
  return parsed({
    pcp: at.pcp(bytes, start),
    dei: at.dei(bytes, start),
    vid: at.vid(bytes, start),
    type: at.type(bytes, start),
    payload: start + 4,
  })
}

/** The tag control word of a priority and a VLAN. */
export const vlanTci = (vid: number, pcp = 0, dei = false): number => (pcp << 13) | (dei ? 0x1000 : 0) | (vid & 0xfff)

/** Writes the four bytes behind a TPID. */
export const writeVlan = (bytes: Uint8Array, at: number, vlan: Vlan): number => {
  u16.set(bytes, at, vlanTci(vlan.vid, vlan.pcp, vlan.dei))
  u16.set(bytes, at + 2, vlan.type)
  return 4
}

/** Puts a tag in front of any that an Ethernet frame has. The frame has at least two MAC addresses. */
export const pushVlan = (frame: Frame, tpid: number, tci: number): Frame => {
  frame.prepend(4)
  const { bytes, start } = frame
  bytes.copyWithin(start, start + 4, start + 16)
  u16.set(bytes, start + 12, tpid)
  u16.set(bytes, start + 14, tci)
  return frame
}

/** Takes the outermost tag off; false, and nothing done, if the frame has none or is too short to have one. */
export const popVlan = (frame: Frame): boolean => {
  const { bytes, start } = frame
  if (frame.size < 18 || !isVlanType(u16.get(bytes, start + 12))) return false
  bytes.copyWithin(start + 4, start, start + 12)
  frame.start += 4
  return true
}
