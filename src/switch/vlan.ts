/**
 * What a port's VLAN columns (`tag`, `trunks`, `vlan_mode`, `other_config:priority-tags`) mean for frames that come in
 * and go out: ovs-vswitchd.conf.db(5), Port table, "VLAN Configuration". Tags here are TCI words: VLAN in the low 12 bits.
 */

/** `dot1q-tunnel` needs the second tag pushed outside the first; it behaves as `access` of 802.1ad frames. */
export type VlanMode = 'access' | 'trunk' | 'native-tagged' | 'native-untagged' | 'dot1q-tunnel'

export type VlanSettings = {
  mode: VlanMode
  /** The access or native VLAN, 0 to 4095; 0 without one. */
  tag: number
  /** VLANs that a trunk carries; undefined carries all. */
  trunks: ReadonlySet<number> | undefined
  /**
   * Whether a frame that leaves in VLAN 0 has a tag for its priority. As Open vSwitch 3.1 does it: a port without tags
   * gets one for a priority other than 0 unless this is `never`; a trunk always does, and keeps one of priority 0 too for
   * `always`.
   */
  priorityTags: 'never' | 'if-nonzero' | 'always'
}

/** A trunk of all VLANs: a port whose VLAN columns are empty. */
export const trunkAll: VlanSettings = { mode: 'trunk', tag: 0, trunks: undefined, priorityTags: 'never' }

/** As ovs-vswitchd reads the columns: without `vlan_mode`, a `tag` makes an access port and none makes a trunk. */
export const vlanSettings = (columns: {
  mode?: VlanMode | undefined
  tag?: number | undefined
  trunks?: readonly number[] | undefined
  priorityTags?: 'never' | 'if-nonzero' | 'always' | undefined
}): VlanSettings => {
  const { tag, trunks = [], priorityTags = 'never' } = columns
  const mode = columns.mode ?? (tag === undefined ? 'trunk' : 'access')
  const carried = mode === 'access' || mode === 'dot1q-tunnel' || trunks.length === 0 ? undefined : new Set(trunks)
  // A native VLAN is carried even if the list of trunks leaves it out.
  if (carried !== undefined && mode !== 'trunk') carried.add(tag ?? 0)
  return { mode, tag: mode === 'trunk' ? 0 : (tag ?? 0), trunks: carried, priorityTags }
}

/** Whether the port carries the VLAN at all. */
export const carries = (settings: VlanSettings, vlan: number): boolean =>
  settings.mode === 'access' || settings.mode === 'dot1q-tunnel'
    ? vlan === settings.tag
    : settings.trunks === undefined || settings.trunks.has(vlan)

/** The VLAN that a frame with this tag (0 if none) is in when it comes in on the port. */
export const inputVlan = (settings: VlanSettings, tagVlan: number): number => {
  if (settings.mode === 'access' || settings.mode === 'dot1q-tunnel') return settings.tag
  if (settings.mode === 'trunk') return tagVlan
  return tagVlan === 0 ? settings.tag : tagVlan
}

/** Why a frame may not come in here, or undefined. `tagVlan` is 0 for an untagged or priority-tagged frame. */
export const inputRefusal = (
  settings: VlanSettings,
  tagVlan: number,
): 'tagged_on_access' | 'vlan_not_trunked' | undefined => {
  if (settings.mode === 'access') return tagVlan === 0 ? undefined : 'tagged_on_access'
  if (settings.mode === 'dot1q-tunnel') return undefined
  return carries(settings, inputVlan(settings, tagVlan)) ? undefined : 'vlan_not_trunked'
}

/** The VLAN ID that a frame of this VLAN wears on its way out; 0 means none (a priority tag at most). */
export const outputVlan = (settings: VlanSettings, vlan: number): number => (isTrunked(settings, vlan) ? vlan : 0)

/** Whether frames of the VLAN leave with the tag they have, as on a trunk; else they leave without one. */
export const isTrunked = (settings: VlanSettings, vlan: number): boolean =>
  settings.mode === 'trunk' ||
  settings.mode === 'native-tagged' ||
  (settings.mode === 'native-untagged' && vlan !== settings.tag)
