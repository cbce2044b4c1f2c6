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

/** What each action does, by its name; an action without a row does not compile. */
const runs: { readonly [T in OfAction['type']]: Run<T> } = {
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

/** Runs a rule's actions in order; none means drop. */
export const runActions = (context: Context, actions: readonly OfAction[]): void => {
  if (actions.length === 0) record(context, { kind: 'drop' })
  for (const action of actions) {
    if (isStopped(context)) return
    record(context, { kind: 'action', action })
    ;(runs[action.type] as (context: Context, action: OfAction) => void)(context, action)
  }
}
