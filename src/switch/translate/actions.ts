import type { OfAction } from '../../openflow/action.ts'
import { type Context, isStopped, type Run, record } from './context.ts'
import { controller } from './controller.ts'
import { decTtl } from './dec-ttl.ts'
import { gotoTable } from './goto-table.ts'
import { load } from './load.ts'
import { move } from './move.ts'
import { note } from './note.ts'
import { output } from './output.ts'
import { outputReg } from './output-reg.ts'
import { resubmit } from './resubmit.ts'
import { setField } from './set-field.ts'
import { setTransport } from './set-transport.ts'
import { pushVlan, setVlanPcp, setVlanVid, stripVlan } from './vlan-actions.ts'
import { writeMetadata } from './write-metadata.ts'
import type { Written } from './written.ts'

/** What each action does, by its name; an action without a row does not compile. */
const runs: { readonly [T in OfAction['type']]?: Run<T> } = {
  output,
  output_reg: outputReg,
  controller,
  set_field: setField,
  load,
  move,
  set_transport: setTransport,
  set_vlan_vid: setVlanVid,
  set_vlan_pcp: setVlanPcp,
  strip_vlan: stripVlan,
  push_vlan: pushVlan,
  dec_ttl: decTtl,
  resubmit,
  note,
  write_metadata: writeMetadata,
  goto_table: gotoTable,
}

type RunAny = (context: Context, action: OfAction, written: Written | undefined) => void

/** Runs a flow's actions in order; none means drop. `written` is what `prepare` made of them. */
export const runActions = (
  context: Context,
  actions: readonly OfAction[],
  written: readonly (Written | undefined)[],
): void => {
  if (actions.length === 0) record(context, { kind: 'drop' })
  for (let i = 0; i < actions.length && !isStopped(context); i++) {
    const action = actions[i] as OfAction
    context.recorder?.step({ kind: 'action', action })
    const run = runs[action.type] as RunAny | undefined
    run?.(context, action, written[i])
  }
}
