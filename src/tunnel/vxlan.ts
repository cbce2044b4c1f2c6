/**
 * VXLAN on a frame in place (RFC 7348), the hot path: no object is made. `wire/vxlan.ts` has the same format as an object.
 */
import { type TunnelRow, tunnelFlag } from '../flow/layout.ts'
import type { Frame } from '../wire/frame.ts'
import { isVlanType, popVlan } from '../wire/vlan.ts'
import { type VxlanDialect, VxlanGpeProtocol, VxlanHeader } from '../wire/vxlan.ts'
import { hashInner } from './inner-hash.ts'
import { at } from './row.ts'

/** What a port does where RFC 7348 leaves a choice. */
export type VxlanOptions = {
  /** Which of the bits that RFC 7348 reserves have a meaning. */
  dialect: VxlanDialect
  /** Source ports: from the first to the last, by the inner flow's hash. */
  sourcePorts: readonly [first: number, last: number]
  /** RFC 7348 §6.1: a tag of the inner frame, when encapsulating and when decapsulating. */
  encapsulateTag: 'keep' | 'strip'
  decapsulateTag: 'keep' | 'drop'
}

/** RFC 7348 §5 for the ports; inner tags are kept, as Linux and Open vSwitch do. */
export const vxlanDefaults: VxlanOptions = {
  dialect: 'plain',
  sourcePorts: [49152, 65535],
  encapsulateTag: 'keep',
  decapsulateTag: 'keep',
}

/** Why a frame did not come out of its tunnel; each is the name of a counter. */
export type VxlanRefusal =
  | 'vxlan_short'
  | 'vxlan_flags'
  | 'vxlan_version'
  | 'vxlan_protocol'
  | 'vxlan_inner_short'
  | 'vxlan_inner_vlan'

const vniValid = 0x08
const gbpPresent = 0x80
/** Don't learn and applied: the bits of `tun_gbp_flags` (draft-smith-vxlan-group-policy-05). */
const gbpBits = 0x48
const gpeNext = 0x04
const gpeVersion = 0x30

/** Puts a VXLAN header in front of an Ethernet frame, as `row` says, and the source port into the row. */
export const encapsulate = (frame: Frame, row: TunnelRow, options: VxlanOptions): void => {
  if (options.encapsulateTag === 'strip') popVlan(frame)
  if (row[at.transport]! < 0x10000) {
    const first = options.sourcePorts[0]
    const count = options.sourcePorts[1] - first + 1
    // The hash's high half as a fraction of the range: a division would take longer than the hash.
    const port = first + (((hashInner(frame) >>> 16) * count) >>> 16)
    row[at.transport] = ((port << 16) | (row[at.transport]! & 0xffff)) >>> 0
  }
  frame.prepend(VxlanHeader.size)
  const { bytes, start } = frame
  const vni = row[at.id]!
  bytes[start] = vniValid
  bytes[start + 1] = 0
  bytes[start + 2] = 0
  bytes[start + 3] = 0
  bytes[start + 4] = vni >>> 16
  bytes[start + 5] = vni >>> 8
  bytes[start + 6] = vni
  bytes[start + 7] = 0
  if (options.dialect === 'gbp') {
    const gbp = row[at.gbp]!
    if (gbp === 0) return
    bytes[start] = gbpPresent | vniValid
    bytes[start + 1] = (gbp >>> 16) & gbpBits
    bytes[start + 2] = gbp >>> 8
    bytes[start + 3] = gbp
  } else if (options.dialect === 'gpe') {
    bytes[start] = gpeNext | vniValid
    bytes[start + 3] = VxlanGpeProtocol.ethernet
  }
}

/**
 * Takes the VXLAN header off; the row gets the VNI, the `key` flag and the group policy. Gives why not, and then has done
 * nothing to the frame.
 */
export const decapsulate = (frame: Frame, row: TunnelRow, options: VxlanOptions): VxlanRefusal | undefined => {
  const { bytes, start, end } = frame
  if (start + 8 > end) return 'vxlan_short'
  const flags = bytes[start]!
  if ((flags & vniValid) === 0) return 'vxlan_flags'
  if (start + 22 > end) return 'vxlan_inner_short'
  if (options.dialect === 'gpe') {
    if ((flags & gpeVersion) !== 0) return 'vxlan_version'
    if ((flags & gpeNext) !== 0 && bytes[start + 3] !== VxlanGpeProtocol.ethernet) return 'vxlan_protocol'
  }
  if (options.decapsulateTag === 'drop' && isVlanType((bytes[start + 20]! << 8) | bytes[start + 21]!))
    return 'vxlan_inner_vlan'
  row[at.idHigh] = 0
  row[at.id] = (bytes[start + 4]! << 16) | (bytes[start + 5]! << 8) | bytes[start + 6]!
  row[at.flags] = (row[at.flags]! | (tunnelFlag.key << 16)) >>> 0
  row[at.gbp] =
    options.dialect === 'gbp' && (flags & gbpPresent) !== 0
      ? ((bytes[start + 1]! & gbpBits) << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!
      : 0
  frame.start = start + 8
  return undefined
}
