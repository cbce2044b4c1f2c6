import type { OfErrorName } from '../../openflow/error.ts'
import type { FlowMod } from '../../openflow/flow-mod.ts'
import type { Bridge } from '../bridge.ts'
import type { FlowFilter, FlowSpec } from '../rule.ts'

/** Does what a flow-mod says; the name of an error if it cannot be. */
export const applyFlowMod = (bridge: Bridge, flow: FlowMod): OfErrorName | undefined => {
  const spec = specOf(flow)
  if (flow.command === 'add') {
    if (flow.table === 254) return 'OFPBRC_EPERM'
    const added = bridge.flows.add(spec)
    return typeof added === 'string' ? added : undefined
  }
  if (flow.command === 'delete' || flow.command === 'delete_strict') {
    bridge.flows.delete(filterOf(flow))
    return undefined
  }
  // A flow that is looked for by its cookie is not added when it is not there.
  const result = bridge.flows.modify(filterOf(flow), spec, flow.cookieMask === 0n)
  return typeof result === 'string' ? result : undefined
}

const specOf = (flow: FlowMod): FlowSpec => ({
  table: flow.table ?? 0,
  priority: flow.priority,
  match: flow.match,
  actions: flow.actions,
  idleTimeout: flow.idleTimeout,
  hardTimeout: flow.hardTimeout,
  importance: flow.importance,
  ...(flow.newCookie === undefined ? {} : { cookie: flow.newCookie }),
  flags: {
    sendFlowRemoved: flow.sendFlowRemoved,
    checkOverlap: flow.checkOverlap,
    resetCounts: flow.resetCounts,
    noPacketCounts: flow.noPacketCounts,
    noByteCounts: flow.noByteCounts,
  },
})

const filterOf = (flow: FlowMod): FlowFilter => ({
  table: flow.table,
  match: flow.match,
  strict: flow.command.endsWith('_strict'),
  priority: flow.priority,
  ...(flow.cookieMask === 0n ? {} : { cookie: flow.cookie, cookieMask: flow.cookieMask }),
  ...(flow.outPort === undefined ? {} : { outPort: flow.outPort }),
})
