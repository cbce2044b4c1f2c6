import type { Action, SparseKey } from '../datapath/action.ts'
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
  }
}

const samePairs = (a: SparseKey, b: SparseKey): boolean =>
  a.length === b.length && a.every(([word, value], i) => word === b[i]?.[0] && value === b[i]?.[1])

const sameRow = (a: Uint32Array, b: Uint32Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i])

const isControllerCookie = (cookie: unknown): cookie is ControllerCookie =>
  typeof cookie === 'object' && cookie !== null && 'type' in cookie && cookie.type === 'controller'

const sameCookie = (a: unknown, b: unknown): boolean => {
  if (!isControllerCookie(a) || !isControllerCookie(b)) return a === b
  return (
    a.bridge === b.bridge &&
    a.reason === b.reason &&
    a.dontSend === b.dontSend &&
    a.ruleCookie === b.ruleCookie &&
    a.controllerId === b.controllerId &&
    a.maxLength === b.maxLength &&
    a.table === b.table &&
    sameRow(a.key, b.key)
  )
}
