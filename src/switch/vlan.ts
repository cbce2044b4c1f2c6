/**
 * What a port's VLAN columns (`tag`, `trunks`, `cvlans`, `vlan_mode`, `other_config:priority-tags`, `other_config:qinq-ethtype`)
 * mean for frames that come in and go out: ovs-vswitchd.conf.db(5), Port table, "VLAN Configuration".
 */

export type VlanMode = 'access' | 'trunk' | 'native-tagged' | 'native-untagged' | 'dot1q-tunnel'

export type VlanSettings = {
  mode: VlanMode
  /** The access, native or service VLAN, 0 to 4095; 0 without one. */
  tag: number
  /** VLANs that a trunk carries, or customers' VLANs that a tunnel does; undefined carries all. */
  trunks: ReadonlySet<number> | undefined
  /**
   * Whether a frame that leaves in VLAN 0 has a tag for its priority. As Open vSwitch 3.1 does it: a port without tags
   * gets one for a priority other than 0 unless this is `never`; a trunk always does, and keeps one of priority 0 too for
   * `always`.
   */
  priorityTags: 'never' | 'if-nonzero' | 'always'
  /** Type of the tag that a tunnel puts outside. */
  outerType: number
  /** Nothing goes from this port to others of that kind, in whatever VLAN: `protected`. */
  isProtected: boolean
}

const service = 0x88a8
const customer = 0x8100

/** A trunk of all VLANs: a port whose VLAN columns are empty. */
export const trunkAll: VlanSettings = {
  mode: 'trunk',
  tag: 0,
  trunks: undefined,
  priorityTags: 'never',
  outerType: service,
  isProtected: false,
}

/** As ovs-vswitchd reads the columns: without `vlan_mode`, a `tag` makes an access port and none makes a trunk. */
export const vlanSettings = (columns: {
  mode?: VlanMode | undefined
  tag?: number | undefined
  trunks?: readonly number[] | undefined
  cvlans?: readonly number[] | undefined
  priorityTags?: 'never' | 'if-nonzero' | 'always' | undefined
  outerType?: number | undefined
  isProtected?: boolean | undefined
}): VlanSettings => {
  const { tag, priorityTags = 'never', outerType = service, isProtected = false } = columns
  const mode = columns.mode ?? (tag === undefined ? 'trunk' : 'access')
  const listed = (mode === 'dot1q-tunnel' ? columns.cvlans : mode === 'access' ? undefined : columns.trunks) ?? []
  const carried = listed.length === 0 ? undefined : new Set(listed)
  // A native VLAN is carried even if the list of trunks leaves it out.
  if (carried !== undefined && mode.startsWith('native')) carried.add(tag ?? 0)
  return { mode, tag: mode === 'trunk' ? 0 : (tag ?? 0), trunks: carried, priorityTags, outerType, isProtected }
}

/** A frame's two outer tags: type << 16, priority << 13, VLAN. 0 for one that is not there. */
export type Tags = readonly [outer: number, inner: number]

export const vlanOf = (tag: number): number => tag & 0xfff
const priorityBits = 0xe000
const typeOr = (tag: number, type: number): number => (tag >>> 16 === 0 ? type : tag >>> 16)
const tagOf = (type: number, priority: number, vlan: number): number => ((type << 16) | priority | vlan) >>> 0

const lists = ({ trunks }: VlanSettings, vlan: number): boolean => trunks === undefined || trunks.has(vlan)

/** The tags that a frame has inside the bridge when it came in on the port with these: the outer one says its VLAN. */
export const inputTags = ({ mode, tag, outerType }: VlanSettings, tags: Tags): Tags => {
  const [outer, inner] = tags
  if (mode === 'dot1q-tunnel') return [tagOf(outerType, 0, tag), outer]
  if (mode === 'trunk' || (mode !== 'access' && vlanOf(outer) !== 0)) return tags
  return [tagOf(typeOr(outer, customer), outer & priorityBits, tag), mode === 'access' ? 0 : inner]
}

/** Why a frame may not come in here, or undefined. `vlan` is that of its outer tag, 0 without one. */
export const inputRefusal = (
  settings: VlanSettings,
  vlan: number,
): 'tagged_on_access' | 'vlan_not_trunked' | 'vlan_excluded' | undefined => {
  const { mode, tag } = settings
  if (mode === 'access') return vlan === 0 ? undefined : 'tagged_on_access'
  if (mode === 'dot1q-tunnel') return lists(settings, vlan) ? undefined : 'vlan_excluded'
  return lists(settings, mode !== 'trunk' && vlan === 0 ? tag : vlan) ? undefined : 'vlan_not_trunked'
}

/** Whether a flood of a frame that has these tags inside the bridge reaches the port. An access port has no second VLAN to carry. */
export const carries = (settings: VlanSettings, [outer, inner]: Tags): boolean => {
  const { mode, tag } = settings
  if (mode === 'access') return vlanOf(outer) === tag && vlanOf(inner) === 0
  if (mode === 'dot1q-tunnel') return vlanOf(outer) === tag && lists(settings, vlanOf(inner))
  return lists(settings, vlanOf(outer))
}

/**
 * The tags that a frame with these inside the bridge leaves the port with. `arrived` is the outer tag that it came with. A
 * tag without VLAN and priority is none, unless the port keeps those.
 */
export const outputTags = (settings: VlanSettings, [outer, inner]: Tags, arrived: number): Tags => {
  const { mode, tag, priorityTags } = settings
  const isLast = mode === 'dot1q-tunnel' || (mode === 'native-untagged' && vlanOf(outer) === tag)
  const [first, second] = mode === 'access' ? [0, 0] : isLast ? [inner, 0] : [outer, inner]
  const kept = (each: number): number => {
    const isTag = (each & (vlanBits | priorityBits)) !== 0 || (priorityTags === 'always' && each >>> 16 !== 0)
    return isTag ? tagOf(typeOr(each, customer), each & priorityBits, vlanOf(each)) : 0
  }
  if (priorityTags === 'never') return [kept(first), kept(second)]
  return [kept(((first & ~priorityBits) | (arrived & priorityBits)) >>> 0), kept(second)]
}

const vlanBits = 0xfff

/**
 * Whether those tags depend on the priority of the outer tag that a frame came with, `arrived`, so that frames of other
 * priorities may leave with others, or none.
 */
export const dependsOnPriority = (settings: VlanSettings, [outer, inner]: Tags, arrived: number): boolean => {
  const { mode, tag, priorityTags } = settings
  if (vlanOf(outer) === 0) return true
  if (priorityTags === 'never') return false
  const isLast = mode === 'dot1q-tunnel' || (mode === 'native-untagged' && vlanOf(outer) === tag)
  const first = mode === 'access' ? 0 : isLast ? inner : outer
  return vlanOf(first) === 0 || outer !== arrived
}
