import { type FlowKey, word } from '../../flow/layout.ts'
import { EtherType } from '../../wire/ethernet.ts'

/** Bit of a tag's word that says that there is a tag. */
export const vlanPresent = 0x1000
export const vlanIdBits = 0xfff
export const vlanPriorityBits = 0xe000

export const hasTag = (flow: FlowKey): boolean => (flow[word.vlan]! & vlanPresent) !== 0

/** The outer tag's VLAN, 0 without one. */
export const tagVlan = (flow: FlowKey): number => (hasTag(flow) ? flow[word.vlan]! & vlanIdBits : 0)

/** Puts a tag outside the others; of two that were there, the inner one stays in the frame but leaves the key. */
export const pushTag = (flow: FlowKey, mask: FlowKey, tpid: number, tci: number): void => {
  lookAtTags(flow, mask)
  if (hasTag(flow)) {
    mask[word.vlan] = 0xffffffff
    if ((flow[word.vlan1]! & vlanPresent) !== 0) mask[word.vlan1] = 0xffffffff
  }
  flow[word.vlan1] = flow[word.vlan]!
  flow[word.vlan] = (tpid << 16) | vlanPresent | tci
}

/** How many tags there are is told by their types: megaflows are shown without those. */
export const lookAtTags = (flow: FlowKey, mask: FlowKey): void => {
  mask[word.vlan] = mask[word.vlan]! | 0xffff0000
  if (hasTag(flow)) mask[word.vlan1] = mask[word.vlan1]! | 0xffff0000
}

/** Takes the outer tag away. */
export const popTag = (flow: FlowKey, mask: FlowKey): void => {
  lookAtTags(flow, mask)
  if (!hasTag(flow)) return
  if ((flow[word.vlan1]! & vlanPresent) === 0) {
    flow[word.vlan] = 0
    return
  }
  // The inner tag is the outer one from now on, and is looked at in its place.
  mask[word.vlan1] = 0xffffffff
  flow[word.vlan] = flow[word.vlan1]!
  flow[word.vlan1] = 0
}

/**
 * After bits of a tag were written freely: what is not zero has a type, even if it does not say that there is a tag, and
 * keeps it when it becomes zero. Such bits are seen by what comes after, but do not become a tag.
 */
export const mendTag = (flow: FlowKey): void => {
  const tag = flow[word.vlan]!
  if (tag !== 0 && tag >>> 16 === 0) flow[word.vlan] = (EtherType.vlan << 16) | tag
}

/** A megaflow's key has only the bits of its mask: a tag of which no more than the type is kept is there all the same. */
export const withTags = (key: FlowKey): FlowKey => {
  if (key[word.vlan]! >>> 16 === 0) return key
  const whole = key.slice()
  for (const at of [word.vlan, word.vlan1]) if (whole[at]! >>> 16 !== 0) whole[at] = whole[at]! | vlanPresent
  return whole
}
