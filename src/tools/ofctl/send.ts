import {
  chosenProtocol,
  type FlowMod,
  formatFlowMod,
  formatProtocols,
  type Protocols,
  preconditionOf,
  protocolsOf,
  seenBy,
  type Version,
} from '../../openflow/index.ts'
import { protocol } from '../../openflow/protocol.ts'
import type { Bridge } from '../../switch/bridge.ts'
import type { FlowFilter, FlowSpec } from '../../switch/rule.ts'

/** The protocols that `-O` allows. */
export const allowedBy = (versions: readonly Version[]): Protocols =>
  versions.reduce((bits: Protocols, version) => bits | protocolsOf(version), 0)

/** What the flows of one call can be said in, with the versions that are allowed; a string says why nothing can. */
export const usable = (
  flows: readonly { protocols: Protocols }[],
  versions: readonly Version[],
): Protocols | string => {
  const together = flows.reduce((bits: Protocols, { protocols }) => bits & protocols, protocol.any)
  const allowed = allowedBy(versions)
  if ((together & allowed) !== 0) return together & allowed
  return `none of the usable flow formats (${formatProtocols(together)}) is among the allowed flow formats (${formatProtocols(allowed)})`
}

/** The flow as the switch gets it when it is told in a version: some things a version cannot carry. */
export const carried = (flow: FlowMod, version: Version): FlowMod => ({
  ...flow,
  actions: seenBy(version, flow.actions, preconditionOf(flow.match)),
  importance: version >= 5 ? flow.importance : 0,
  // Up to 1.1, adding a flow anew always begins its counts anew.
  resetCounts: version <= 2 || flow.resetCounts,
  noPacketCounts: version >= 4 && flow.noPacketCounts,
  noByteCounts: version >= 4 && flow.noByteCounts,
  newCookie: flow.newCookie === 0xffffffffffffffffn ? undefined : flow.newCookie,
})

/** Does what a flow_mod says; a string is the OpenFlow error that the switch answers with. */
export const applyFlowMod = (bridge: Bridge, flow: FlowMod): string | undefined => {
  const spec: FlowSpec = {
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
  }
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

/** The flows that a flow_mod or a request for statistics is about. */
export const filterOf = (flow: FlowMod): FlowFilter => ({
  table: flow.table,
  match: flow.match,
  strict: flow.command.endsWith('_strict'),
  priority: flow.priority,
  ...(flow.cookieMask === 0n ? {} : { cookie: flow.cookie, cookieMask: flow.cookieMask }),
  ...(flow.outPort === undefined ? {} : { outPort: flow.outPort }),
})

/** `OFPT_FLOW_MOD (xid=0x6): ADD …`, as parse-flow prints it and as an error quotes it. */
export const describeFlowMod = (flow: FlowMod, protocols: Protocols, xid: number): string => {
  const chosen = chosenProtocol(protocols)
  if (chosen === undefined) return ''
  const { version, nxm } = chosen
  // Only Nicira's extension of 1.0 has a way to say "no table in particular".
  const table = flow.table ?? (chosen.name.endsWith('+table_id') ? 255 : undefined)
  const name = nxm ? 'NXT_FLOW_MOD' : 'OFPT_FLOW_MOD'
  const label = version === 1 ? '' : ` (OF1.${version - 1})`
  const shown = carried(flow, version)
  return `${name}${label} (xid=0x${xid.toString(16)}): ${formatFlowMod({ ...shown, table, resetCounts: flow.resetCounts })}`
}
