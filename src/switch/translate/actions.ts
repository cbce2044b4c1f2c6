import { bundle } from './bundle.ts'
import { checkPktLarger } from './check-pkt-larger.ts'
import { clone } from './clone.ts'
import { type After, type Context, type Place, type Run, type Runnable, record } from './context.ts'
import { controller } from './controller.ts'
import { ct, nat } from './ct.ts'
import { ctClear } from './ct-clear.ts'
import { debugRecirc, debugSlow } from './debug.ts'
import { decTtl } from './dec-ttl.ts'
import { decap } from './decap.ts'
import { deleteField } from './delete-field.ts'
import { encap } from './encap.ts'
import { exit } from './exit.ts'
import { finTimeout } from './fin-timeout.ts'
import { freezeRest } from './freeze.ts'
import { gotoTable } from './goto-table.ts'
import { group } from './group.ts'
import { learn } from './learn.ts'
import { load } from './load.ts'
import { meter } from './meter.ts'
import { move } from './move.ts'
import { decMplsTtl, popMpls, pushMpls, recirculateForMpls, setMplsLabel, setMplsTc, setMplsTtl } from './mpls.ts'
import { multipath } from './multipath.ts'
import { note } from './note.ts'
import { decNshTtl } from './nsh.ts'
import { output } from './output.ts'
import { outputReg } from './output-reg.ts'
import { outputTrunc } from './output-trunc.ts'
import { enqueue, popQueue, setQueue } from './queue.ts'
import { resubmit } from './resubmit.ts'
import { sample } from './sample.ts'
import { setField } from './set-field.ts'
import { setTransport } from './set-transport.ts'
import { pop, push } from './stack.ts'
import { unrollXlate } from './unroll.ts'
import { pushVlan, setVlanPcp, setVlanVid, stripVlan } from './vlan-actions.ts'
import { clearActions, writeActions } from './write-actions.ts'
import { writeMetadata } from './write-metadata.ts'
import type { Written } from './written.ts'

/** What each action does, by its name; an action without a row does not compile. */
const runs: { readonly [T in Runnable['type']]: Run<T> } = {
  output,
  output_reg: outputReg,
  output_trunc: outputTrunc,
  controller,
  group,
  enqueue,
  set_queue: setQueue,
  pop_queue: popQueue,
  bundle,
  multipath,
  set_field: setField,
  load,
  move,
  push,
  pop,
  delete_field: deleteField,
  set_transport: setTransport,
  set_vlan_vid: setVlanVid,
  set_vlan_pcp: setVlanPcp,
  strip_vlan: stripVlan,
  push_vlan: pushVlan,
  push_mpls: pushMpls,
  pop_mpls: popMpls,
  set_mpls_label: setMplsLabel,
  set_mpls_tc: setMplsTc,
  set_mpls_ttl: setMplsTtl,
  dec_mpls_ttl: decMplsTtl,
  dec_ttl: decTtl,
  dec_nsh_ttl: decNshTtl,
  encap,
  decap,
  resubmit,
  clone,
  learn,
  // A flow of clauses does nothing itself: the look-up has them. Only a packet-out gets here.
  conjunction: context => record(context, { kind: 'detail', detail: { what: 'conjunction' } }),
  fin_timeout: finTimeout,
  sample,
  ct,
  nat,
  ct_clear: ctClear,
  check_pkt_larger: checkPktLarger,
  note,
  exit,
  debug_recirc: debugRecirc,
  debug_slow: debugSlow,
  meter,
  clear_actions: clearActions,
  write_actions: writeActions,
  write_metadata: writeMetadata,
  goto_table: gotoTable,
  unroll_xlate: unrollXlate,
}

// biome-ignore lint/suspicious/noConfusingVoidType: most actions return nothing
type RunAny = (context: Context, action: Runnable, place: Place) => After | void

/**
 * Runs a list of actions in order; none means drop. `written` is what `prepare` made of them. `last`: nothing is done to
 * the frame after them.
 */
export const runActions = (
  context: Context,
  actions: readonly Runnable[],
  written: readonly (Written | undefined)[],
  { last, inBucket = false }: { last: boolean; inBucket?: boolean },
): void => {
  if (actions.length === 0) record(context, { kind: 'drop' })
  for (let i = 0; i < actions.length && context.failure === undefined; i++) {
    const action = actions[i] as Runnable
    recirculateForMpls(context, action)
    if (context.exited) {
      if (context.freezing !== undefined) freezeRest(context, actions, i)
      return
    }
    context.recorder?.step({ kind: 'action', action })
    const run = runs[action.type] as RunAny
    // Behind the last action of a list the action set follows, if there is one.
    const isLast = last && i === actions.length - 1 && context.actionSet.length === 0
    const after = run(context, action, { written: written[i], last: isLast, inBucket, list: actions, index: i })
    if (after === 'stop') return
    // What an action ran is frozen first, and the rest of this list behind it, at the head of the loop.
    if (after === 'nested' && context.freezing !== undefined) continue
    if (context.exited && context.putBy.actions.length === 0) {
      freezeRest(context, actions, after === 'next' ? i + 1 : i)
      return
    }
  }
}
