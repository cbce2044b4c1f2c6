import { word } from '../../flow/layout.ts'
import { EtherType } from '../../wire/ethernet.ts'
import type { Context, Run } from './context.ts'
import { hasTag, popTag, pushTag, vlanIdBits, vlanPresent, vlanPriorityBits } from './vlan-tag.ts'

/** `mod_vlan_vid`, `set_vlan_vid`. */
export const setVlanVid: Run<'set_vlan_vid'> = (context, { vid, push }) => setBits(context, vlanIdBits, vid, push)

/** `mod_vlan_pcp`, `set_vlan_pcp`. */
export const setVlanPcp: Run<'set_vlan_pcp'> = (context, { pcp, push }) =>
  setBits(context, vlanPriorityBits, pcp << 13, push)

/** `strip_vlan`, `pop_vlan`: the outer tag; a frame without one stays as it is. */
export const stripVlan: Run<'strip_vlan'> = ({ flow, mask }) => popTag(flow, mask)

/** `push_vlan`: a tag of VLAN 0 and priority 0 outside all others. */
export const pushVlan: Run<'push_vlan'> = ({ flow, mask }, { ethType }) => pushTag(flow, mask, ethType, 0)

const setBits = ({ flow, mask }: Context, bits: number, value: number, push: boolean): void => {
  mask[word.vlan] = mask[word.vlan]! | bits | vlanPresent
  if (!hasTag(flow)) {
    if (!push) return
    if (flow[word.vlan]! >>> 16 === 0) flow[word.vlan] = EtherType.vlan << 16
  }
  flow[word.vlan] = (flow[word.vlan]! & ~bits) | value | vlanPresent
}
