import { word } from '../../flow/layout.ts'
import { type OfAction, OfPort } from '../../openflow/action.ts'
import { orderActionSet } from './action-set.ts'
import { type Context, type Run, record } from './context.ts'
import { preparedOnce } from './written.ts'

/** `write_actions(…)`: adds to what is done when no table is left. */
export const writeActions: Run<'write_actions'> = (context, { actions }) => {
  addToSet(context, actions)
  tell(context, 'is')
}

/** `clear_actions`. */
export const clearActions: Run<'clear_actions'> = context => {
  tell(context, 'was')
  context.actionSet = []
  context.actionSetHasGroup = false
  context.flow[word.actsetOutput] = OfPort.unset
}

/** Adds, and keeps `actset_output`: the port that the set sends to, if no group does. */
export const addToSet = (context: Context, actions: readonly OfAction[]): void => {
  for (const action of actions) {
    if (context.actionSetHasGroup) break
    if (action.type === 'output') context.flow[word.actsetOutput] = action.port
    else if (action.type === 'controller') context.flow[word.actsetOutput] = OfPort.controller
    else if (action.type === 'group') {
      context.flow[word.actsetOutput] = OfPort.unset
      context.actionSetHasGroup = true
    }
  }
  context.actionSet.push(...actions)
}

const tell = (context: Context, verb: 'was' | 'is'): void => {
  if (context.recorder === undefined) return
  const actions = orderActionSet(context.actionSet)
  record(context, { kind: 'detail', detail: { what: 'action_set', verb, actions } })
}

/** Runs what was written, when the pipeline is through. A set that was run inside another ends that, too: as Open vSwitch tells controllers. */
export const runActionSet = (context: Context): void => {
  if (context.actionSet.length === 0) return
  const actions = orderActionSet(context.actionSet)
  context.actionSet = []
  if (actions.length === 0) return
  context.inActionSet = true
  context.recorder?.enter({ kind: 'action_set' })
  context.run(context, actions, preparedOnce(actions), { last: true })
  context.recorder?.leave()
  context.inActionSet = false
}
