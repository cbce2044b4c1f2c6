import type { OfAction } from '../openflow/action.ts'
import { OfPort } from '../openflow/action.ts'
import { some } from './action-lists.ts'
import type { FlowTable } from './flow-table.ts'
import type { FlowFilter, Rule } from './rule.ts'

/** The rules of a table that a filter selects, hidden ones not. */
export const selectRules = (table: FlowTable, filter: FlowFilter): Rule[] => {
  const { match, strict = false, cookie = 0n, cookieMask = 0n, outPort, outGroup } = filter
  const found = strict && match !== undefined ? exactly(table, filter) : matching(table, match)
  if (cookieMask === 0n && outPort === undefined && outGroup === undefined) return found.filter(rule => !rule.isHidden)
  return found.filter(
    rule =>
      !rule.isHidden &&
      (cookieMask === 0n || ((rule.cookie ^ cookie) & cookieMask) === 0n) &&
      (outPort === undefined || outputsTo(rule.actions, outPort)) &&
      (outGroup === undefined || sendsToGroup(rule.actions, outGroup)),
  )
}

/** A match that looks at nothing selects all, in the order in which they came. */
const matching = (table: FlowTable, match: FlowFilter['match']): Rule[] =>
  match === undefined || match.mask.every(bits => bits === 0) ? [...table.rules()] : table.narrower(match)

const exactly = (table: FlowTable, { match, priority = 0x8000 }: FlowFilter): Rule[] => {
  const rule = match === undefined ? undefined : table.find(match, priority)
  return rule === undefined ? [] : [rule]
}

/** Whether actions, inner ones too, send to a port; those that only may (`bundle`, `learn`, a register) do not count. */
export const outputsTo = (actions: readonly OfAction[], port: number): boolean =>
  some(actions, action => {
    if (action.type === 'output' || action.type === 'enqueue') return action.port === port
    return action.type === 'controller' && port === OfPort.controller
  })

/** Whether actions, inner ones too, send to a group. */
export const sendsToGroup = (actions: readonly OfAction[], group: number): boolean =>
  some(actions, action => action.type === 'group' && action.group === group)
