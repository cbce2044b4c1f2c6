/**
 * Freezing: a frame goes through the datapath once more before the rest of its actions can be run, because only then its
 * headers are known (a label was taken off), or the connection it belongs to, or a hash of it. The rest of every list
 * of actions that was being run is put by as one list, innermost first, with the registers, the stack and the action set;
 * the datapath is told a number to come back with.
 */

import { word } from '../../flow/layout.ts'
import { type FrozenState, metadataOf, seenByMirrors } from '../frozen.ts'
import { commit } from './commit.ts'
import { type Context, type Fork, type Freezing, type PutBy, put, type Runnable } from './context.ts'
import { pushController } from './controller.ts'
import { triggerFreeze } from './trigger-freeze.ts'

export { triggerFreeze } from './trigger-freeze.ts'

/** Puts the actions from `from` on by. */
export const freezeRest = (context: Context, list: readonly Runnable[], from: number): void => {
  const { putBy } = context
  for (let i = from; i < list.length; i++) {
    const action = list[i] as Runnable
    if (action.type === 'note' || action.type === 'conjunction') continue
    if (tellsPlace(action)) unroll(context)
    putBy.actions.push(asAction(action))
  }
}

/** Instructions as the actions that do the same: the rest of several lists is one list of actions. */
const asAction = (action: Runnable): Runnable => {
  switch (action.type) {
    case 'goto_table':
      return { type: 'resubmit', port: undefined, table: action.table, as: 'table' }
    case 'write_metadata':
      return { type: 'set_field', field: 'metadata', value: action.value, mask: action.mask }
    default:
      return action
  }
}

/** Whether an action tells a controller which table and flow it stands in, or looks up in the same table. */
const tellsPlace = (action: Runnable): boolean => {
  switch (action.type) {
    case 'output':
    case 'output_reg':
    case 'output_trunc':
    case 'group':
    case 'controller':
    case 'dec_mpls_ttl':
    case 'dec_nsh_ttl':
    case 'dec_ttl':
      return true
    case 'resubmit':
      return action.table === undefined
    default:
      return false
  }
}

const unroll = ({ table, cookie, putBy }: Context): void => {
  if (putBy.unrolled && putBy.table === table && putBy.cookie === cookie) return
  Object.assign(putBy, { unrolled: true, table, cookie })
  putBy.actions.push({ type: 'unroll_xlate', table, cookie })
}

/** Nothing put by. */
export const nothingPutBy = (): PutBy => ({ actions: [], table: 0, cookie: 0n, unrolled: false })

/** Ends a list of actions that froze: the datapath is told to come back. */
export const finishFreezing = (context: Context): void => {
  if (context.freezing === undefined) return
  commit(context)
  recirculate(context, 0)
}

/** The state as it is now, to go on in `table` or with `actions`. */
export const stateOf = (context: Context, table: number, actions: readonly Runnable[]): FrozenState => ({
  bridge: context.bridge.name,
  table,
  metadata: metadataOf(context.flow),
  stack: [...context.stack],
  actionSet: [...context.actionSet],
  actions,
  conntracked: context.conntracked,
  receivedOn: context.receivedOn,
  ...seenByMirrors(context.mirrored),
})

const recirculate = (context: Context, table: number): number | undefined => {
  const { pause, hash } = context.freezing as Freezing
  const { actions } = context.putBy
  // Without a frame nothing is told to a controller, and the pause is not over: what else ends here, ends for it once more.
  if (pause !== undefined && !context.learning) return undefined
  context.freezing = undefined
  context.putBy = nothingPutBy()
  if (pause !== undefined) {
    const state = { ...stateOf(context, table, actions), userdata: pause.userdata ?? [] }
    pushController(context, pause, state, true)
    return undefined
  }
  const id = context.view.freeze(stateOf(context, table, actions))
  context.recircs.push(id)
  if (hash !== undefined) put(context, { type: 'hash', ...hash })
  put(context, { type: 'recirc', id })
  return id
}

/** A copy of the frame goes through the datapath and on in `table`; this one goes on here. */
export const fork = (context: Context, table: number, nat: Fork['nat'], zone: number): void => {
  const { exited } = context
  triggerFreeze(context)
  const id = recirculate(context, table)
  context.exited = exited
  if (id === undefined) return
  context.recorder?.step({ kind: 'detail', detail: { what: 'forked', table } })
  if (context.forks === undefined) return
  const key = context.flow.slice()
  key[word.recircId] = id
  key[word.ctZone] = zone
  context.forks.push({ id, key, bridge: context.bridge, nat })
}
