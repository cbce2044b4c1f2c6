import type { Frame } from './frame.ts'
import { bits32, header, u8, u32 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

/** One entry of a label stack (RFC 3032 §2.1, RFC 5462). */
export const MplsHeader = header('MPLS', 4, {
  label: [0, bits32(12, 20)],
  tc: [0, bits32(9, 3)],
  bottom: [0, bits32(8, 1)],
  ttl: [3, u8],
})

/** `bottom` marks the last entry; what follows it is not said. `tc` is the traffic class, once called EXP. */
export type Mpls = { label: number; tc: number; bottom: boolean; ttl: number }

/** One entry. Refuses only `short`. */
export const parseMpls = (bytes: Uint8Array, start: number, end: number): Parsed<Mpls & { payload: number }> => {
  if (start + 4 > end) return refused('short')
  const entry = u32.get(bytes, start)
  return parsed({
    label: entry >>> 12,
    tc: (entry >>> 9) & 7,
    bottom: (entry & 0x100) !== 0,
    ttl: entry & 255,
    payload: start + 4,
  })
}

/** Writes one entry of 4 bytes. */
export const writeMpls = (bytes: Uint8Array, at: number, { label, tc, bottom, ttl }: Mpls): number => {
  u32.set(bytes, at, ((label << 12) | ((tc & 7) << 9) | (bottom ? 0x100 : 0) | (ttl & 255)) >>> 0)
  return 4
}

/** Puts an entry in front of what the frame holds. */
export const pushMpls = (frame: Frame, entry: Mpls): Frame => {
  frame.prepend(4)
  writeMpls(frame.bytes, frame.start, entry)
  return frame
}
