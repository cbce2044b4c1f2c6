/**
 * VXLAN (RFC 7348 §5) and two dialects that use bits which it reserves: group policy
 * (draft-smith-vxlan-group-policy-05) and the generic protocol extension (draft-ietf-nvo3-vxlan-gpe-13). Which of them a
 * port speaks is that port's option; the bits alone do not tell.
 */
import type { Frame } from './frame.ts'
import { bit, bits, header, u8, u16, u24 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

/** `vniValid` is the I flag. The `gbp…` fields are the group policy's, the `gpe…` fields the protocol extension's. */
export const VxlanHeader = header('VXLAN', 8, {
  flags: [0, u8],
  vniValid: [0, bit(4)],
  vni: [4, u24],
  gbp: [0, bit(0)],
  gbpDontLearn: [1, bit(1)],
  gbpApplied: [1, bit(4)],
  gbpPolicy: [2, u16],
  gpeVersion: [0, bits(4, 2)],
  gpeNext: [0, bit(5)],
  gpeBum: [0, bit(6)],
  gpeOam: [0, bit(7)],
  gpeProtocol: [3, u8],
})

/** UDP destination ports: RFC 7348's, the protocol extension's, and the one Linux took before there was either. */
export const VxlanPort = { iana: 4789, gpe: 4790, linux: 8472 } as const

export type VxlanDialect = 'plain' | 'gbp' | 'gpe'

/** The group policy's bits: do not learn from this frame, policy already applied, and the sender's group. */
export type VxlanGbp = { dontLearn: boolean; applied: boolean; policy: number }

/** The protocol extension's bits: `protocol` (one of `VxlanGpeProtocol`) says what the payload is. */
export type VxlanGpe = { protocol: number; bum: boolean; oam: boolean }

export type Vxlan = { vni: number; gbp?: VxlanGbp; gpe?: VxlanGpe }

export const VxlanGpeProtocol = { ipv4: 1, ipv6: 2, ethernet: 3, nsh: 4, mpls: 5 } as const

/**
 * Refuses `short`, `flags` where the I flag is clear, and `version` for another version of the protocol extension.
 * Reserved bits are ignored, as RFC 7348 §5 asks.
 */
export const parseVxlan = (
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: VxlanDialect = 'plain',
): Parsed<Vxlan & { payload: number }> => {
  if (start + 8 > end) return refused('short')
  const { at } = VxlanHeader
  if (!at.vniValid(bytes, start)) return refused('flags')
  const vxlan: Vxlan & { payload: number } = { vni: at.vni(bytes, start), payload: start + 8 }
  if (dialect === 'gbp' && at.gbp(bytes, start))
    vxlan.gbp = {
      dontLearn: at.gbpDontLearn(bytes, start),
      applied: at.gbpApplied(bytes, start),
      policy: at.gbpPolicy(bytes, start),
    }
  if (dialect === 'gpe') {
    if (at.gpeVersion(bytes, start) !== 0) return refused('version')
    vxlan.gpe = {
      // Without the P bit the payload is what plain VXLAN carries.
      protocol: at.gpeNext(bytes, start) ? at.gpeProtocol(bytes, start) : VxlanGpeProtocol.ethernet,
      bum: at.gpeBum(bytes, start),
      oam: at.gpeOam(bytes, start),
    }
  }
  return parsed(vxlan)
}

/** Writes 8 bytes; every bit that nothing asks for is 0. */
export const writeVxlan = (bytes: Uint8Array, at: number, { vni, gbp, gpe }: Vxlan): number => {
  const { put } = VxlanHeader
  bytes.fill(0, at, at + 8)
  put.vniValid(bytes, at, true)
  put.vni(bytes, at, vni)
  if (gbp !== undefined) {
    put.gbp(bytes, at, true)
    put.gbpDontLearn(bytes, at, gbp.dontLearn)
    put.gbpApplied(bytes, at, gbp.applied)
    put.gbpPolicy(bytes, at, gbp.policy)
  }
  if (gpe !== undefined) {
    put.gpeNext(bytes, at, true)
    put.gpeBum(bytes, at, gpe.bum)
    put.gpeOam(bytes, at, gpe.oam)
    put.gpeProtocol(bytes, at, gpe.protocol)
  }
  return 8
}

/** Puts a VXLAN header in front of an Ethernet frame. */
export const pushVxlan = (frame: Frame, vxlan: Vxlan): Frame => {
  frame.prepend(8)
  writeVxlan(frame.bytes, frame.start, vxlan)
  return frame
}
