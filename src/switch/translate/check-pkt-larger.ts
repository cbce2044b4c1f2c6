import { checkHead, otherwiseHead } from '../../datapath/action-size.ts'
import type { Subfield } from '../../openflow/action.ts'
import { commit } from './commit.ts'
import { type Context, gather, type Place, put, type Run, withOwnState } from './context.ts'
import { finishFreezing } from './freeze.ts'
import { putSubfield } from './subfield.ts'
import { runActionSet } from './write-actions.ts'
import { prepare } from './written.ts'

/**
 * `check_pkt_larger(SIZE)->FIELD[BIT]`: a frame's size is not in its key, so the rest of the list is translated twice and
 * the datapath chooses.
 */
export const checkPktLarger: Run<'check_pkt_larger'> = (context, { size, target }, place) => {
  const { flow, base, conntracked, wasMpls, tunnel } = context
  const before = flow.slice()
  commit(context)
  const baseBefore = base.slice()
  const branch = (value: bigint, head: number) =>
    gather(context, head, () => {
      runRest(context, target, value, place)
      Object.assign(context, { conntracked, wasMpls, tunnel })
      base.set(baseBefore)
      flow.set(before)
    })
  // The second branch begins with the stack and the action set that the first ended with.
  withOwnState(context, () => {
    const greater = branch(1n, checkHead)
    // Only where the first ended early, or was put by, do the lists around this one end too.
    const { exited } = context
    context.exited = false
    const lessEqual = branch(0n, otherwiseHead)
    context.exited = exited
    put(context, { type: 'check_pkt_len', size, greater, lessEqual })
  })
  return 'stop'
}

const runRest = (context: Context, target: Subfield, value: bigint, { list, index }: Place): void => {
  putSubfield(context.flow, target, value)
  const rest = list.slice(index + 1)
  context.run(context, rest, prepare(rest), { last: true })
  if (context.freezing === undefined) runActionSet(context)
  finishFreezing(context)
}
