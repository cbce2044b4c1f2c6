/**
 * The 802.3 way to say what a frame carries: the Ethernet type field is a length, and behind it stands LLC (IEEE 802.2
 * §3.2), and behind that, for both service points 0xaa, SNAP (RFC 1042) with an ethertype of its own.
 */
import { header, u8, u16, u24 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

/** Service access points: spanning tree, NetWare, SNAP, IS-IS. */
export const LlcSap = { stp: 0x42, netware: 0xe0, snap: 0xaa, isis: 0xfe } as const

export const LlcHeader = header('LLC', 3, { dsap: [0, u8], ssap: [1, u8], control: [2, u8] })
export const SnapHeader = header('SNAP', 5, { oui: [0, u24], type: [3, u16] })

/** An unnumbered frame, the only kind outside of old networks, has control 3. `snap` follows service points 0xaa. */
export type Llc = { dsap: number; ssap: number; control: number; snap?: { oui: number; type: number } }

/** Refuses only `short`. Control fields of two bytes (information and supervisory frames) keep their second in the payload. */
export const parseLlc = (bytes: Uint8Array, start: number, end: number): Parsed<Llc & { payload: number }> => {
  if (start + 3 > end) return refused('short')
  const llc: Llc & { payload: number } = {
    dsap: bytes[start]!,
    ssap: bytes[start + 1]!,
    control: bytes[start + 2]!,
    payload: start + 3,
  }
  if (llc.dsap !== LlcSap.snap || llc.ssap !== LlcSap.snap || llc.control !== 3) return parsed(llc)
  if (start + 8 > end) return refused('short')
  llc.snap = { oui: u24.get(bytes, start + 3), type: u16.get(bytes, start + 6) }
  llc.payload = start + 8
  return parsed(llc)
}

/** Writes 3 bytes, or 8 with SNAP. */
export const writeLlc = (bytes: Uint8Array, at: number, { dsap, ssap, control, snap }: Llc): number => {
  LlcHeader.write(bytes, at, { dsap, ssap, control })
  if (snap === undefined) return 3
  SnapHeader.write(bytes, at + 3, snap)
  return 8
}
