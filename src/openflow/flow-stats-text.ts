/** Flows with their statistics as `dump-flows` prints them. */
import type { OfAction } from './action.ts'
import { formatActions } from './action-text.ts'
import { formatCount, formatDuration } from './counter.ts'
import { flagNames } from './flow-format.ts'
import { defaultPriority } from './flow-mod.ts'
import { MatchMemo } from './match-memo.ts'
import { type MatchText, putMatch } from './match-taker.ts'
import type { FlowStats } from './message.ts'
import type { PortNames } from './port-text.ts'
import { TextBytes } from './text-bytes.ts'

export type FlowTextFormat = {
  /** False leaves out what changes by itself: counts, times, ages. */
  stats: boolean
  texts: FlowTexts
}

/** So many lists of actions are remembered. */
const most = 256

/** What flows have in common as text, of one way to name ports and tables. */
export class FlowTexts {
  readonly ports: PortNames | undefined
  readonly tables: PortNames | undefined
  readonly matches: MatchMemo
  /** Actions that were asked for lately: many flows share a list. */
  private readonly lists = new Map<readonly OfAction[], string>()

  constructor(ports?: PortNames, tables?: PortNames) {
    this.ports = ports
    this.tables = tables
    this.matches = new MatchMemo(ports && (port => ports.name(port)))
  }

  actions(actions: readonly OfAction[]): string {
    const known = this.lists.get(actions)
    if (known !== undefined) return known
    const text = formatActions(actions, this.ports, this.tables)
    if (this.lists.size >= most) this.lists.clear()
    this.lists.set(actions, text)
    return text
  }
}

/** What there is to tell beside the match. */
type Told = Omit<FlowStats, 'match'>

const nanosecond = 1e9

/** What all ones say of a duration: it is not known, and shown as it stands. */
const unsaid = '4294967295.4294967295'

/** One flow, without the space in front that a list has. */
export const formatFlow = (flow: FlowStats, format: FlowTextFormat): string => {
  const out = new TextBytes()
  putFlow(out, flow, format.texts.matches.format(flow.match), format)
  return out.string()
}

/** Writes the same, of a flow whose match was taken as text. */
export const putFlow = (out: TextBytes, flow: Told, match: MatchText, { stats, texts }: FlowTextFormat): void => {
  putCookie(out, flow.cookie, stats)
  if (stats) putDuration(out, flow.duration)
  const table = texts.tables?.name(flow.table)
  if (table !== undefined) out.text(`table=${table}, `)
  else if (stats || flow.table !== 0) putNumber(out, 'table=', flow.table)
  if (stats) {
    putCount(out, 'n_packets=', flow.packets)
    putCount(out, 'n_bytes=', flow.bytes)
  }
  if (flow.idleTimeout !== 0) putNumber(out, 'idle_timeout=', flow.idleTimeout)
  if (flow.hardTimeout !== 0) putNumber(out, 'hard_timeout=', flow.hardTimeout)
  if (hasFlags(flow)) for (const flag of flagNames(flow)) out.text(`${flag} `)
  if (flow.importance !== 0) putNumber(out, 'importance=', flow.importance)
  if (stats && flow.idleAge !== undefined) putNumber(out, 'idle_age=', flow.idleAge)
  // It is shown where it says more than the duration does.
  const whole = flow.duration === undefined ? undefined : Math.floor(flow.duration / nanosecond)
  if (stats && flow.hardAge !== undefined && flow.hardAge !== whole) putNumber(out, 'hard_age=', flow.hardAge)
  putRule(out, flow.priority, match, texts.matches)
  out.text('actions=')
  out.text(texts.actions(flow.actions))
}

const hasFlags = (flow: Told): boolean =>
  flow.sendFlowRemoved || flow.checkOverlap || flow.resetCounts || flow.noPacketCounts || flow.noByteCounts

const putNumber = (out: TextBytes, label: string, value: number): void => {
  out.text(label)
  out.decimal(value)
  out.text(', ')
}

const putCount = (out: TextBytes, label: string, count: number | undefined): void => {
  if (count !== undefined && count <= 0xffffffff) putNumber(out, label, count)
  else out.text(`${label}${formatCount(count)}, `)
}

/** To take a number of 64 bits apart without making others. */
const whole64 = new BigUint64Array(1)
const halves = new Uint32Array(whole64.buffer)
const [lowHalf, highHalf] = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0]

const putCookie = (out: TextBytes, cookie: bigint, always: boolean): void => {
  whole64[0] = cookie
  const high = halves[highHalf]!
  const low = halves[lowHalf]!
  if (!always && high === 0 && low === 0) return
  out.text('cookie=0x')
  out.hex(high, low)
  out.text(', ')
}

const putDuration = (out: TextBytes, duration: number | undefined): void => {
  out.text('duration=')
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
const putRule = (out: TextBytes, priority: number, match: MatchText, memo: MatchMemo): void => {
  const start = out.at
  if (priority !== defaultPriority) {
    out.text('priority=')
    out.decimal(priority)
    out.text(',')
  }
  const before = out.at
  putMatch(out, memo, match)
  // Without a match there is nothing to part the priority from.
  if (out.at === before && before > start) out.at--
  if (out.at > start) out.text(' ')
}
