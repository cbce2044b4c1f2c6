import type { Action, ConnTrack, SparseKey } from '../datapath/action.ts'
import type { TunnelHeader } from '../datapath/tunnel-header.ts'
import type { ControllerCookie } from './translate/translation.ts'

/** Whether two lists of datapath actions do the same, so that a flow can stay as it is. */
export const sameActions = (a: readonly Action[], b: readonly Action[]): boolean =>
  a.length === b.length && a.every((action, i) => sameAction(action, b[i] as Action))

const sameAction = (a: Action, b: Action): boolean => {
  switch (a.type) {
    case 'output':
      return b.type === 'output' && a.port === b.port
    case 'set':
      return b.type === 'set' && samePairs(a.key, b.key) && samePairs(a.mask, b.mask)
    case 'tunnel':
      return b.type === 'tunnel' && sameRow(a.row, b.row)
    case 'push_vlan':
      return b.type === 'push_vlan' && a.tpid === b.tpid && a.tci === b.tci
    case 'pop_vlan':
      return b.type === 'pop_vlan'
    case 'push_mpls':
      return b.type === 'push_mpls' && a.label === b.label && a.ethType === b.ethType
    case 'pop_mpls':
      return b.type === 'pop_mpls' && a.ethType === b.ethType
    case 'userspace':
      return b.type === 'userspace' && a.reason === b.reason && sameCookie(a.cookie, b.cookie)
    case 'trunc':
      return b.type === 'trunc' && a.size === b.size
    case 'recirc':
      return b.type === 'recirc' && a.id === b.id
    case 'clone':
      return b.type === 'clone' && sameActions(a.actions, b.actions)
    case 'drop':
      return b.type === 'drop' && a.reason === b.reason
    case 'meter':
      return b.type === 'meter' && a.meter === b.meter
    case 'hash':
      return b.type === 'hash' && a.algorithm === b.algorithm && a.basis === b.basis
    case 'check_pkt_len':
      return (
        b.type === 'check_pkt_len' &&
        a.size === b.size &&
        sameActions(a.greater, b.greater) &&
        sameActions(a.lessEqual, b.lessEqual)
      )
    case 'sample':
      return b.type === 'sample' && a.probability === b.probability && sameActions(a.actions, b.actions)
    case 'push_eth':
      return b.type === 'push_eth' && a.src === b.src && a.dst === b.dst
    case 'pop_eth':
    case 'pop_nsh':
    case 'ct_clear':
      return b.type === a.type
    case 'push_nsh':
      return b.type === 'push_nsh' && a.mdType === b.mdType && samePairs(a.key, b.key) && sameList(a.tlvs, b.tlvs)
    case 'add_mpls':
      return b.type === 'add_mpls' && a.label === b.label && a.ethType === b.ethType && a.inner === b.inner
    case 'tnl_push':
      return (
        b.type === 'tnl_push' &&
        a.tunnelPort === b.tunnelPort &&
        a.outPort === b.outPort &&
        sameHeader(a.header, b.header)
      )
    case 'tnl_pop':
      return b.type === 'tnl_pop' && a.port === b.port
    case 'ct':
      return b.type === 'ct' && sameTracking(a, b)
    case 'lb_output':
      return b.type === 'lb_output' && a.bond === b.bond
  }
}

const sameHeader = (a: TunnelHeader, b: TunnelHeader): boolean =>
  (Object.keys(a) as (keyof TunnelHeader)[]).every(name => a[name] === b[name])

const sameList = (a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean =>
  a === b || (a?.length === b?.length && a?.every((value, i) => value === b?.[i]) === true)

const sameTracking = (a: ConnTrack, b: ConnTrack): boolean =>
  a.commit === b.commit &&
  a.force === b.force &&
  a.zone === b.zone &&
  a.helper === b.helper &&
  sameList(a.mark, b.mark) &&
  sameList(a.label, b.label) &&
  sameNat(a.nat, b.nat)

const sameNat = (a: ConnTrack['nat'], b: ConnTrack['nat']): boolean => {
  if (a === undefined || b === undefined) return a === b
  return (
    a.side === b.side &&
    a.persistent === b.persistent &&
    a.mapping === b.mapping &&
    sameRange(a.addresses, b.addresses) &&
    sameRange(a.ports, b.ports)
  )
}

type Range = { first: bigint | number; last: bigint | number }
const sameRange = (a: Range | undefined, b: Range | undefined): boolean => a?.first === b?.first && a?.last === b?.last

const samePairs = (a: SparseKey, b: SparseKey): boolean =>
  a.length === b.length && a.every(([word, value], i) => word === b[i]?.[0] && value === b[i]?.[1])

const sameRow = (a: Uint32Array, b: Uint32Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i])

const none = new Uint32Array(0)

const isControllerCookie = (cookie: unknown): cookie is ControllerCookie =>
  typeof cookie === 'object' && cookie !== null && 'type' in cookie && cookie.type === 'controller'

const isSlowPath = (cookie: unknown): cookie is { type: 'slow_path'; reason: string } =>
  typeof cookie === 'object' && cookie !== null && 'type' in cookie && cookie.type === 'slow_path'

const sameCookie = (a: unknown, b: unknown): boolean => {
  if (isSlowPath(a) && isSlowPath(b)) return a.reason === b.reason
  if (!isControllerCookie(a) || !isControllerCookie(b)) return a === b
  return (
    a.bridge === b.bridge &&
    a.reason === b.reason &&
    a.dontSend === b.dontSend &&
    a.ruleCookie === b.ruleCookie &&
    a.controllerId === b.controllerId &&
    a.maxLength === b.maxLength &&
    a.table === b.table &&
    a.recircId === b.recircId &&
    a.continuation === b.continuation &&
    sameList(a.userdata, b.userdata) &&
    sameRow(a.key, b.key) &&
    sameRow(a.sameTunnel ?? none, b.sameTunnel ?? none)
  )
}
