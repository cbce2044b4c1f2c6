import type { FlowMod } from '../openflow/flow-mod.ts'
import type { FlowFilter, FlowSpec } from './rule.ts'

/** The flow_mod as the store needs it: the parts that its command does not use do not matter. */
export type FlowChange = Omit<FlowMod, 'table'> & { table?: number | undefined }

/** The flow that a flow_mod adds, or makes others like. */
export const specOf = (mod: FlowChange): FlowSpec => ({
  table: mod.table === 255 ? 0 : (mod.table ?? 0),
  priority: mod.priority,
  match: mod.match,
  actions: mod.actions,
  idleTimeout: mod.idleTimeout,
  hardTimeout: mod.hardTimeout,
  importance: mod.importance,
  cookie: mod.newCookie,
  flags: mod,
})

/** The flows that a flow_mod or a request for statistics is about. */
export const filterOf = (mod: FlowChange): FlowFilter => ({
  table: mod.table,
  match: mod.match,
  strict: mod.command.endsWith('_strict'),
  priority: mod.priority,
  cookie: mod.cookie,
  cookieMask: mod.cookieMask,
  outPort: mod.outPort,
  outGroup: mod.outGroup,
})
