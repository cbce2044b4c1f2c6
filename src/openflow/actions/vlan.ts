import { parseUpTo } from '../number.ts'
import type { ActionFormatter, ActionParser, ActionParsers } from './codec.ts'

const vid =
  (push: boolean): ActionParser =>
  argument => {
    const number = parseUpTo(argument, 0xffff)
    if (number === undefined) return `invalid VLAN VID "${argument}"`
    if (number > 4095) return `${argument}: not a valid VLAN VID`
    return { type: 'set_vlan_vid', vid: number, push }
  }

const pcp =
  (push: boolean): ActionParser =>
  argument => {
    const number = parseUpTo(argument, 0xff)
    if (number === undefined) return `invalid VLAN PCP "${argument}"`
    if (number > 7) return `${argument}: not a valid VLAN PCP`
    return { type: 'set_vlan_pcp', pcp: number, push }
  }

const push: ActionParser = argument => {
  const ethType = parseUpTo(argument, 0xffff)
  if (ethType === undefined) return `invalid ethertype "${argument}"`
  if (ethType !== 0x8100 && ethType !== 0x88a8) return `${argument}: not a valid VLAN ethertype`
  return { type: 'push_vlan', ethType }
}

export const vlanParsers: ActionParsers = {
  mod_vlan_vid: vid(true),
  set_vlan_vid: vid(false),
  mod_vlan_pcp: pcp(true),
  set_vlan_pcp: pcp(false),
  strip_vlan: () => ({ type: 'strip_vlan' }),
  pop_vlan: () => ({ type: 'strip_vlan', as: 'pop_vlan' }),
  push_vlan: push,
}

export const formatVlanVid: ActionFormatter<'set_vlan_vid'> = ({ vid, push }) =>
  `${push ? 'mod' : 'set'}_vlan_vid:${vid}`
export const formatVlanPcp: ActionFormatter<'set_vlan_pcp'> = ({ pcp, push }) =>
  `${push ? 'mod' : 'set'}_vlan_pcp:${pcp}`
export const formatStripVlan: ActionFormatter<'strip_vlan'> = ({ as }) => as ?? 'strip_vlan'
export const formatPushVlan: ActionFormatter<'push_vlan'> = ({ ethType }) =>
  `push_vlan:0x${ethType.toString(16).padStart(4, '0')}`
