/** Flows as ovs-ofctl prints them. */
import type { Match } from '../flow/match.ts'
import { formatMatch } from '../flow/match-text.ts'
import { type Paint, plain } from '../flow/paint.ts'
import type { OfAction } from './action.ts'
import { formatActions } from './action-text.ts'
import { defaultPriority, type FlowMod } from './flow-mod.ts'
import { formatPort, type PortNames } from './port-text.ts'
import type { Version } from './protocol.ts'

/** A flow with what went through it, as OFPST_FLOW tells. Ages are seconds since it was used and since it was changed. */
export type FlowStats = {
  table: number
  priority: number
  match: Match
  cookie: bigint
  actions: readonly OfAction[]
  /** Seconds. */
  duration: number
  packets: number
  bytes: number
  idleTimeout: number
  hardTimeout: number
  importance: number
  idleAge: number
  hardAge: number
  flags: readonly string[]
}

export type FlowFormat = {
  ports?: PortNames | undefined
  /** Without counts, durations and ages. */
  noStats?: boolean
  /** Whether ages are shown: only where Nicira's extension carries them. */
  ages?: boolean
  version?: Version
}

/** One flow of `dump-flows`, with the space in front that the list has. */
export const formatFlowStats = (flow: FlowStats, format: FlowFormat = {}): string => {
  const parts: string[] = []
  const stats = format.noStats !== true
  if (stats || flow.cookie !== 0n) parts.push(`cookie=0x${flow.cookie.toString(16)}`)
  if (stats) parts.push(`duration=${formatDuration(flow.duration)}s`)
  if (stats || flow.table !== 0) parts.push(`table=${flow.table}`)
  if (stats) parts.push(`n_packets=${flow.packets}`, `n_bytes=${flow.bytes}`)
  if (flow.idleTimeout !== 0) parts.push(`idle_timeout=${flow.idleTimeout}`)
  if (flow.hardTimeout !== 0) parts.push(`hard_timeout=${flow.hardTimeout}`)
  const lead = parts.map(part => `${part}, `).join('')
  const flags = flow.flags.map(flag => `${flag} `).join('')
  const rest: string[] = []
  if (flow.importance !== 0 && (format.version ?? 1) >= 5) rest.push(`importance=${flow.importance}, `)
  if (stats && format.ages === true) {
    rest.push(`idle_age=${Math.floor(flow.idleAge)}, `)
    if (Math.floor(flow.hardAge) !== Math.floor(flow.duration)) rest.push(`hard_age=${Math.floor(flow.hardAge)}, `)
  }
  const match = formatRule(flow.match, flow.priority, format.ports)
  const gap = match === '' ? '' : ' '
  return ` ${lead}${flags}${rest.join('')}${match}${gap}actions=${formatActions(flow.actions, format.ports)}`
}

/** Priority, unless it is the usual one, and match. */
export const formatRule = (match: Match, priority: number, ports?: PortNames, paint: Paint = plain): string => {
  const text = formatMatch(match, { ...(ports && { portName: port => ports.name(port) }), paint })
  if (priority === defaultPriority) return text
  const own = `${paint.special('priority=')}${priority}`
  return text === '' ? own : `${own},${text}`
}

/** Seconds with three digits, rounded up to a millisecond. */
const formatDuration = (seconds: number): string => seconds.toFixed(3)

/** OFPTT_ALL. */
const allTables = 0xff

const commandNames: Record<FlowMod['command'], string> = {
  add: 'ADD',
  modify: 'MOD',
  modify_strict: 'MOD_STRICT',
  delete: 'DEL',
  delete_strict: 'DEL_STRICT',
}

/** What a flow_mod on the wire says beside the flow. */
export type FlowModExtra = {
  bufferId: number | undefined
  /** In place of priority and match. */
  rule?: string
}

/** As `parse-flow` prints a flow_mod after its message's name; with `extra` as `ofp-print` does. */
export const formatFlowMod = (flow: FlowMod, ports?: PortNames, extra?: FlowModExtra, paint: Paint = plain): string => {
  const words = [commandNames[flow.command]]
  const table = flow.table ?? (extra === undefined ? 0 : allTables)
  if (table !== 0) words.push(`table:${table}`)
  const rule = extra?.rule ?? formatRule(flow.match, flow.priority, ports, paint)
  if (rule !== '') words.push(rule)
  const cookie = flow.newCookie
  if (cookie !== undefined && cookie !== 0n && cookie !== 0xffffffffffffffffn)
    words.push(`cookie:0x${cookie.toString(16)}`)
  if (flow.cookieMask !== 0n) words.push(`cookie:0x${flow.cookie.toString(16)}/0x${flow.cookieMask.toString(16)}`)
  if (flow.idleTimeout !== 0) words.push(`idle:${flow.idleTimeout}`)
  if (flow.hardTimeout !== 0) words.push(`hard:${flow.hardTimeout}`)
  if (flow.importance !== 0 && flow.command === 'add') words.push(`importance:${flow.importance}`)
  if (extra?.bufferId !== undefined) words.push(`buf:0x${extra.bufferId.toString(16)}`)
  if (flow.outPort !== undefined) words.push(`out_port:${formatPort(flow.outPort, ports)}`)
  words.push(...flagNames(flow))
  return `${words.join(' ')} actions=${formatActions(flow.actions, ports, undefined, paint)}`
}

/** The names of the flags that are set, in the order of their bits. */
export const flagNames = (flow: {
  sendFlowRemoved: boolean
  checkOverlap: boolean
  resetCounts: boolean
  noPacketCounts: boolean
  noByteCounts: boolean
}): string[] => [
  ...(flow.sendFlowRemoved ? ['send_flow_rem'] : []),
  ...(flow.checkOverlap ? ['check_overlap'] : []),
  ...(flow.resetCounts ? ['reset_counts'] : []),
  ...(flow.noPacketCounts ? ['no_packet_counts'] : []),
  ...(flow.noByteCounts ? ['no_byte_counts'] : []),
]
