/** Pieces of what `ofproto/trace` prints: actions, flows, names of ports. */
import type { VportName } from '../datapath/actions-text.ts'
import { formatMatch } from '../flow/match-text.ts'
import type { PortName } from '../flow/port-text.ts'
import type { TlvLayout } from '../flow/tlv.ts'
import { formatActions } from '../openflow/action-text.ts'
import { formatPaused } from '../openflow/messages/continuation.ts'
import type { PortNames } from '../openflow/port-text.ts'
import type { FlowSpec, Rule } from './rule.ts'
import type { Runnable } from './translate/context.ts'
import type { Internal } from './translate/recorder.ts'

/** `--names`: ports of the bridge and of the datapath by name; without it all are numbers. */
export type TraceNames = { ports: PortNames; vportName: VportName }

export const byName = (names: TraceNames | undefined): { portName?: PortName } =>
  names === undefined ? {} : { portName: names.ports.name }

/** Actions; one of the switch's own says where frozen ones came from. */
export const formatRunnables = (actions: readonly Runnable[], names: TraceNames | undefined): string =>
  formatPaused(actions, names?.ports)

/** Flows of table 254 stand in where nothing matches; only for the bridge that was asked they have words. */
const internals: { readonly [I in Internal]: string } = {
  miss: 'No match, and a "packet-in" is called for.',
  no_packet_in: 'No match.',
  fragment: 'Packets are IP fragments and the fragment handling mode is "drop".',
  patched_miss: 'reg0=0x1, priority 0',
  patched_no_packet_in: 'reg0=0x2, priority 0',
  patched_fragment: 'reg0=0x3, priority 0',
}

export const formatRule = (
  rule: Rule | undefined,
  internal: Internal | undefined,
  names: TraceNames | undefined,
  tlv: TlvLayout | undefined,
): string => {
  if (rule === undefined) return internals[internal ?? 'no_packet_in']
  const match = formatMatch({ ...rule.match, tlv }, byName(names))
  const cookie = rule.cookie === 0n ? '' : `, cookie 0x${rule.cookie.toString(16)}`
  return `${match}${match === '' ? '' : ', '}priority ${rule.priority}${cookie}`
}

/** A flow that `learn` makes. */
export const formatLearned = (spec: FlowSpec, names: TraceNames | undefined): string => {
  const { table = 0, priority = 0x8000, cookie = 0n, idleTimeout = 0, hardTimeout = 0, flags, actions, match } = spec
  const parts = [`table=${table}`, formatMatch(match, byName(names)), `priority=${priority}`]
  if (cookie !== 0n) parts.push(`cookie=0x${cookie.toString(16)}`)
  if (idleTimeout !== 0) parts.push(`idle=${idleTimeout}`)
  if (hardTimeout !== 0) parts.push(`hard=${hardTimeout}`)
  if (flags?.sendFlowRemoved === true) parts.push('send_flow_rem')
  parts.push(`actions=${actions.length === 0 ? 'drop' : formatActions(actions, names?.ports)}`)
  return parts.filter(part => part !== '').join(' ')
}
