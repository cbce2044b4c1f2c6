import type { Ip4, Mac } from './address.ts'
import { header, u8, u16, u32, u48 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

/** RFC 826 for 1 and 2, RFC 903 for 3 and 4. */
export const ArpOp = { request: 1, reply: 2, rarpRequest: 3, rarpReply: 4 } as const

/** ARP and RARP for IPv4 over Ethernet, the only pair in use. */
export const ArpHeader = header('ARP', 28, {
  hardwareType: [0, u16],
  protocolType: [2, u16],
  hardwareSize: [4, u8],
  protocolSize: [5, u8],
  op: [6, u16],
  sha: [8, u48],
  spa: [14, u32],
  tha: [18, u48],
  tpa: [24, u32],
})

/** Sender and target, hardware and protocol address; `op` is one of `ArpOp` or any other 16-bit number. */
export type Arp = { op: number; sha: Mac; spa: Ip4; tha: Mac; tpa: Ip4 }

/** Refuses `short`, and as `version` all but Ethernet (1) with IPv4 (0x0800), as `length` other address sizes for these. */
export const parseArp = (bytes: Uint8Array, start: number, end: number): Parsed<Arp & { payload: number }> => {
  if (start + 8 > end) return refused('short')
  const { at } = ArpHeader
  if (at.hardwareType(bytes, start) !== 1 || at.protocolType(bytes, start) !== 0x0800) return refused('version')
  if (at.hardwareSize(bytes, start) !== 6 || at.protocolSize(bytes, start) !== 4) return refused('length')
  if (start + 28 > end) return refused('short')
  return parsed({
    op: at.op(bytes, start),
    sha: at.sha(bytes, start),
    spa: at.spa(bytes, start),
    tha: at.tha(bytes, start),
    tpa: at.tpa(bytes, start),
    payload: start + 28,
  })
}

/** Writes 28 bytes. */
export const writeArp = (bytes: Uint8Array, at: number, arp: Arp): number => {
  ArpHeader.write(bytes, at, { hardwareType: 1, protocolType: 0x0800, hardwareSize: 6, protocolSize: 4, ...arp })
  return 28
}
