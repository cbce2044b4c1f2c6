/** Flows with their statistics as `dump-flows` prints them. */

import { halves64, high64, whole64 } from './bytes.ts'
import { type Count, formatCount, formatDuration } from './counter.ts'
import { flagNames } from './flow-format.ts'
import { defaultPriority } from './flow-mod.ts'
import { type MatchText, putMatch } from './flow-taker.ts'
import type { FlowLabels, FlowTexts } from './flow-texts.ts'
import type { FlowStats } from './message.ts'
import { formatTable } from './table-text.ts'
import { TextBytes } from './text-bytes.ts'

export type FlowTextFormat = {
  /** False leaves out what changes by itself: counts, times, ages. */
  stats: boolean
  texts: FlowTexts
}

/** What there is to tell beside match and actions. */
type Told = Omit<FlowStats, 'match' | 'actions'>

const nanosecond = 1e9

/** What all ones say of a duration: it is not known, and shown as it stands. */
const unsaid = '4294967295.4294967295'

/** One flow, without the space in front that a list has. */
export const formatFlow = (flow: FlowStats, format: FlowTextFormat): string => {
  const out = new TextBytes()
  putWhole(out, flow, format)
  return out.string()
}

/** Writes the same. */
export const putWhole = (out: TextBytes, flow: FlowStats, format: FlowTextFormat): void => {
  const { matches, actions } = format.texts
  putFlow(out, flow, matches.format(flow.match), actions(flow.actions), format)
}

/** Writes the same of a flow whose match and actions were taken as text. */
export const putFlow = (
  out: TextBytes,
  flow: Told,
  match: MatchText,
  actions: string,
  { stats, texts }: FlowTextFormat,
): void => {
  const { labels } = texts
  putCookie(out, flow.cookie, stats, labels)
  if (stats) putDuration(out, flow.duration, labels)
  if (texts.tables?.name(flow.table) !== undefined)
    out.text(`${labels.table}${formatTable(flow.table, texts.tables)}, `)
  else if (stats || flow.table !== 0) putNumber(out, labels.table, flow.table)
  if (stats) {
    putCount(out, labels.packets, flow.packets)
    putCount(out, labels.bytes, flow.bytes)
  }
  if (flow.idleTimeout !== 0) putNumber(out, labels.idleTimeout, flow.idleTimeout)
  if (flow.hardTimeout !== 0) putNumber(out, labels.hardTimeout, flow.hardTimeout)
  if (hasFlags(flow)) for (const flag of flagNames(flow)) out.text(`${flag} `)
  if (flow.importance !== 0) putNumber(out, labels.importance, flow.importance)
  if (stats && flow.idleAge !== undefined) putNumber(out, labels.idleAge, flow.idleAge)
  // It is shown where it says more than the duration does.
  const whole = flow.duration === undefined ? undefined : Math.floor(flow.duration / nanosecond)
  if (stats && flow.hardAge !== undefined && flow.hardAge !== whole) putNumber(out, labels.hardAge, flow.hardAge)
  putRule(out, flow.priority, match, texts)
  out.text(labels.actions)
  out.text(actions)
}

const hasFlags = (flow: Told): boolean =>
  flow.sendFlowRemoved || flow.checkOverlap || flow.resetCounts || flow.noPacketCounts || flow.noByteCounts

const putNumber = (out: TextBytes, label: string, value: number): void => {
  out.text(label)
  out.decimal(value)
  out.text(', ')
}

const putCount = (out: TextBytes, label: string, count: Count | undefined): void => {
  if (typeof count === 'number' && count <= 0xffffffff) putNumber(out, label, count)
  else out.text(`${label}${formatCount(count)}, `)
}

const putCookie = (out: TextBytes, cookie: bigint, always: boolean, labels: FlowLabels): void => {
  whole64[0] = cookie
  const high = halves64[high64]!
  const low = halves64[1 - high64]!
  if (!always && high === 0 && low === 0) return
  out.text(labels.cookie)
  out.text('0x')
  out.hex(high, low)
  out.text(', ')
}

const putDuration = (out: TextBytes, duration: number | undefined, labels: FlowLabels): void => {
  out.text(labels.duration)
  const seconds = duration === undefined ? 0 : Math.floor(duration / nanosecond)
  const rest = duration === undefined ? 0 : duration - seconds * nanosecond
  if (duration === undefined) out.text(unsaid)
  else if (rest % 1e6 !== 0) out.text(formatDuration(duration))
  else {
    out.decimal(seconds)
    if (rest !== 0) {
      out.text('.')
      out.digits(rest / 1e6, 3)
    }
  }
  out.text('s, ')
}

/** Priority, unless it is the usual one, and match, and a space if there is any of them. */
const putRule = (out: TextBytes, priority: number, match: MatchText, { matches, labels }: FlowTexts): void => {
  const start = out.at
  if (priority !== defaultPriority) {
    out.text(labels.priority)
    out.decimal(priority)
    out.text(',')
  }
  const before = out.at
  putMatch(out, matches, match)
  // Without a match there is nothing to part the priority from.
  if (out.at === before && before > start) out.at--
  if (out.at > start) out.text(' ')
}
