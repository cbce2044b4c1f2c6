/** Flows with their statistics as `dump-flows` prints them. */
import type { OfAction } from './action.ts'
import { formatActions } from './action-text.ts'
import { formatCount, formatDuration } from './counter.ts'
import { flagNames, formatRule } from './flow-format.ts'
import type { FlowStats } from './message.ts'
import type { PortNames } from './port-text.ts'
import type { Version } from './protocol.ts'

export type FlowTextFormat = {
  version: Version
  /** False leaves out what changes by itself: counts, times, ages. */
  stats: boolean
  ports?: PortNames | undefined
  tables?: PortNames | undefined
  /** Actions as text that were asked for lately, of one format alone: many flows share a list. */
  texts?: Map<readonly OfAction[], string>
}

const second = 1e9

/** What all ones say of a duration: it is not known, and shown as it stands. */
const unsaid = '4294967295.4294967295'

const statistics = (flow: FlowStats): string => {
  const duration = flow.duration === undefined ? unsaid : formatDuration(flow.duration)
  return `duration=${duration}s, `
}

/** So many texts are remembered. */
const most = 256

const textOf = (actions: readonly OfAction[], { ports, tables, texts }: FlowTextFormat): string => {
  const known = texts?.get(actions)
  if (known !== undefined) return known
  const text = formatActions(actions, ports, tables)
  if (texts !== undefined && texts.size >= most) texts.clear()
  texts?.set(actions, text)
  return text
}

/** One flow, without the space in front that a list has. */
export const formatFlow = (flow: FlowStats, format: FlowTextFormat): string => {
  const { stats, ports, tables } = format
  let text = ''
  if (stats || flow.cookie !== 0n) text += `cookie=0x${flow.cookie.toString(16)}, `
  if (stats) text += statistics(flow)
  const table = tables?.name(flow.table)
  if (stats || flow.table !== 0 || table !== undefined) text += `table=${table ?? flow.table}, `
  if (stats) text += `n_packets=${formatCount(flow.packets)}, n_bytes=${formatCount(flow.bytes)}, `
  if (flow.idleTimeout !== 0) text += `idle_timeout=${flow.idleTimeout}, `
  if (flow.hardTimeout !== 0) text += `hard_timeout=${flow.hardTimeout}, `
  for (const flag of flagNames(flow)) text += `${flag} `
  if (flow.importance !== 0) text += `importance=${flow.importance}, `
  if (stats && flow.idleAge !== undefined) text += `idle_age=${flow.idleAge}, `
  // It is shown where it says more than the duration does.
  const whole = flow.duration === undefined ? undefined : Math.floor(flow.duration / second)
  if (stats && flow.hardAge !== undefined && flow.hardAge !== whole) text += `hard_age=${flow.hardAge}, `
  const rule = formatRule(flow.match, flow.priority, ports)
  return `${text}${rule}${rule === '' ? '' : ' '}actions=${textOf(flow.actions, format)}`
}
