/**
 * How many bytes datapath actions are as netlink attributes (linux/openvswitch.h): a head of four that says what it is and
 * how long, and what it holds, filled up to words. Open vSwitch keeps its lists so, and measures them.
 */
import { type TunnelRow, tunnelFlag, word } from '../flow/layout.ts'
import type { Nat } from '../openflow/nat.ts'
import type { Action, ConnTrack } from './action.ts'

/** An attribute with so many bytes in it. */
const attribute = (size: number): number => 4 + ((size + 3) & ~3)

/** Heads around the list of a `clone`. */
export const cloneHead = attribute(0)
/** Before the first list of a `check_pkt_len`: the action, the size, the list; and before the second. */
export const checkHead = attribute(0) + attribute(2) + attribute(0)
export const otherwiseHead = attribute(0)
/** Before the list of a `sample`: the action, the probability, the list. */
export const sampleHead = attribute(0) + attribute(4) + attribute(0)

/** A `set` of a header whose key has so many bytes: with its mask beside it, unless that is `whole`. */
export const setSize = (keySize: number, whole: boolean): number =>
  attribute(0) + attribute(whole ? keySize : 2 * keySize)

/** The same of NSH, whose contexts are an attribute of their own. A mask of it is never whole. */
export const setNshSize = (hasContexts: boolean): number =>
  attribute(0) + attribute(0) + attribute(2 * 8) + (hasContexts ? attribute(2 * 16) : 0)

/** Outer headers as they are put before a frame: the action has room for the longest. */
const pushedHeaderSize = 528

/** Of a `userspace`: what the switch wants to know again. */
const cookieSize = 48

/** An action that a translation makes; of a `set`, or one with lists, nothing is counted: whoever makes those knows what is in it. */
export const actionSize = (action: Action): number => {
  switch (action.type) {
    case 'output':
    case 'trunc':
    case 'recirc':
    case 'meter':
    case 'drop':
    case 'tnl_pop':
    case 'lb_output':
    case 'push_vlan':
      return attribute(4)
    case 'pop_mpls':
      return attribute(2)
    case 'pop_vlan':
    case 'pop_eth':
    case 'pop_nsh':
    case 'ct_clear':
      return attribute(0)
    case 'push_mpls':
    case 'add_mpls':
    case 'hash':
      return attribute(8)
    case 'push_eth':
      return attribute(12)
    case 'push_nsh':
      return attribute(0) + attribute(0) + attribute(8) + metadataSize(action)
    case 'tnl_push':
      return attribute(pushedHeaderSize)
    case 'tunnel':
      return tunnelSize(action.row)
    case 'userspace':
      return attribute(0) + attribute(4) + attribute(cookieSize)
    case 'ct':
      return trackingSize(action)
    default:
      return 0
  }
}

const metadataSize = ({ mdType, tlvs }: Extract<Action, { type: 'push_nsh' }>): number =>
  mdType === 1 ? attribute(16) : tlvs.length === 0 ? 0 : attribute(tlvs.length)

/** What is zero is left out, but for the TTL. */
const tunnelSize = (row: TunnelRow): number => {
  const at = (place: number): number => row[place - word.tunIdHigh]!
  const any = (place: number, count: number): boolean =>
    row.subarray(place - word.tunIdHigh, place - word.tunIdHigh + count).some(value => value !== 0)
  const flags = at(word.tunFlags) >>> 16
  const has = (is: boolean, size: number): number => (is ? attribute(size) : 0)
  return (
    attribute(0) +
    attribute(0) +
    has((flags & tunnelFlag.key) !== 0 || any(word.tunIdHigh, 2), 8) +
    has(any(word.tunSrc, 1), 4) +
    has(any(word.tunDst, 1), 4) +
    has(any(word.tunIpv6Src, 4), 16) +
    has(any(word.tunIpv6Dst, 4), 16) +
    has(((at(word.tunFlags) >>> 8) & 0xff) !== 0, 1) +
    attribute(1) +
    has((flags & tunnelFlag.dontFragment) !== 0, 0) +
    has((flags & tunnelFlag.csum) !== 0, 0) +
    has((flags & tunnelFlag.oam) !== 0, 0) +
    has(at(word.tunTransport) >>> 16 !== 0, 2) +
    has((at(word.tunTransport) & 0xffff) !== 0, 2) +
    (at(word.tunGbp) === 0 ? 0 : attribute(attribute(4)))
  )
}

/** A commit also says which events are told. */
const trackingSize = ({ commit, mark, label, helper, nat }: ConnTrack): number =>
  attribute(0) +
  (commit ? attribute(0) + attribute(4) : 0) +
  attribute(2) +
  (mark === undefined ? 0 : attribute(8)) +
  (label === undefined ? 0 : attribute(32)) +
  (helper === undefined ? 0 : attribute(helper.length + 1)) +
  (nat === undefined ? 0 : natSize(nat))

const natSize = ({ side, addresses, ports, persistent, mapping }: Nat): number => {
  const addressSize = addresses?.version === 6 ? 16 : 4
  const range = ({ first, last }: { first: unknown; last: unknown }, size: number): number =>
    attribute(size) * (first === last ? 1 : 2)
  return (
    attribute(0) +
    (side === undefined ? 0 : attribute(0)) +
    (addresses === undefined ? 0 : range(addresses, addressSize)) +
    (ports === undefined ? 0 : range(ports, 2)) +
    (persistent ? attribute(0) : 0) +
    (mapping === undefined ? 0 : attribute(0))
  )
}
