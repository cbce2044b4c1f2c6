/**
 * What a host tells the multicast routers of one link about its groups: IGMP versions 1 (RFC 1112), 2 (RFC 2236) and
 * 3 (RFC 3376), and MLD versions 1 (RFC 2710) and 2 (RFC 3810), which differ in addresses and messages only. Time, chance
 * and the messages are handed in; nothing runs while nothing is to be said.
 */
import { type Cancel, type Clock, millisecond, type Random, second } from '../../runtime/index.ts'
import type { Ip } from '../../wire/address.ts'
import { type GroupRecord, GroupRecordType } from '../../wire/group-code.ts'
import { Changes } from './changes.ts'
import type { SourceFilter } from './source-filter.ts'

/** How routers of a link ask, in IGMP's numbers: MLD's 1 and 2 are 2 and 3. */
export type Version = 1 | 2 | 3

/** What is to be sent. `report` and `leave` are of the older versions. */
export type GroupMessage =
  | { kind: 'records'; records: GroupRecord<Ip>[] }
  | { kind: 'report'; version: 1 | 2; group: Ip }
  | { kind: 'leave'; group: Ip }

/** A question of a router. Times are nanoseconds; robustness and interval 0 are not said. */
export type GroupQuery = {
  version: Version
  /** Undefined for all groups. */
  group: Ip | undefined
  sources: readonly Ip[]
  maxResponse: number
  robustness: number
  interval: number
}

/** What a reporter is given. */
export type ReporterParts = {
  clock: Clock
  random: Random
  send: (message: GroupMessage) => void
  /** The groups of the link that are reported, and the filter of one (`noSource` if it is none of the link's). */
  groups: () => readonly Ip[]
  filterOf: (group: Ip) => SourceFilter
  /** How often changes are told unless a router says. */
  robustness: () => number
  /** The version to speak whatever routers speak, 0 for theirs. */
  forced: () => Version | 0
}

// Two ticks of Linux's clock: changes of one moment go in one report.
const soon = 8 * millisecond
/** RFC 3376 §8.11 with the second that Linux takes (RFC 3810 §9.11), and RFC 2236 §8.10. */
const unsolicited = { 3: second, 2: 10 * second, 1: 10 * second } as const
/** RFC 2236 §8.3 and RFC 3376 §8.2, until a router says something else. */
const usualInterval = 125 * second
const usualResponse = 10 * second

/** One group's part in the older versions, and its answer to a question about it. */
type GroupState = {
  cancel: Cancel | undefined
  due: number
  /** Unasked reports that are still to be sent. */
  unasked: number
  /** We told the routers of it last, so we tell them when we leave. */
  reporter: boolean
  /** Sources that were asked for; undefined for all. */
  sources: Set<Ip> | undefined
}

export class Reporter {
  private readonly parts: ReporterParts
  private readonly changes = new Changes()
  private readonly states = new Map<Ip, GroupState>()
  private changeTimer: Cancel | undefined
  private general: { due: number; cancel: Cancel } | undefined
  /** Until when a router of an older version is taken to be there. */
  private readonly until = { 1: 0, 2: 0 }
  private asked = { robustness: 0, interval: usualInterval, response: usualResponse }

  constructor(parts: ReporterParts) {
    this.parts = parts
  }

  /** What is spoken now (RFC 3376 §7.2.1). */
  get version(): Version {
    const forced = this.parts.forced()
    if (forced !== 0) return forced
    const now = this.parts.clock.now()
    return this.until[1] > now ? 1 : this.until[2] > now ? 2 : 3
  }

  private get robustness(): number {
    return this.asked.robustness || this.parts.robustness()
  }

  /** The filter of a group has changed. */
  changed(group: Ip, before: SourceFilter, after: SourceFilter): void {
    const { version } = this
    if (version === 3) {
      if (isNone(after)) this.forget(group)
      if (this.changes.add(group, before, after, this.robustness)) this.tellChanges(soon)
      return
    }
    if (isNone(before)) {
      const state = this.state(group)
      state.unasked = this.robustness
      this.answer(group, state, 0)
    } else if (isNone(after)) {
      const reporter = this.states.get(group)?.reporter === true
      this.forget(group)
      if (version === 2 && reporter) this.parts.send({ kind: 'leave', group })
    }
  }

  /** A router asks (RFC 3376 §5.2). */
  query(query: GroupQuery): void {
    if (query.version === 3 && this.parts.forced() !== 0 && query.sources.length > 0) return
    if (query.version < 3) this.older(query)
    const { version } = this
    // Version 1 knows neither times nor groups.
    const maxResponse = version === 1 ? usualResponse : query.maxResponse
    const group = version === 1 ? undefined : query.group
    if (query.version === 3 && version === 3) {
      this.asked.robustness = query.robustness
      this.asked.interval = query.interval || usualInterval
      this.asked.response = maxResponse
      if (group === undefined) {
        if (query.sources.length === 0) this.answerAll(maxResponse)
        return
      }
    }
    for (const each of this.parts.groups())
      if (group === undefined || group === each) this.ask(each, query.sources, maxResponse)
  }

  private older({ version, maxResponse }: GroupQuery): void {
    const { robustness, asked } = this
    const response = version === 1 ? asked.response : maxResponse
    this.until[version as 1 | 2] = this.parts.clock.now() + robustness * asked.interval + response
    this.changes.clear()
    this.changeTimer?.()
    this.changeTimer = undefined
    this.general?.cancel()
    this.general = undefined
  }

  private ask(group: Ip, sources: readonly Ip[], maxResponse: number): void {
    const state = this.state(group)
    // A question for all of a group's sources stays one when another asks for some.
    if (sources.length === 0 || (state.cancel !== undefined && state.sources === undefined)) state.sources = undefined
    else if (!this.wanted(group, sources)) return
    else state.sources = new Set([...(state.cancel === undefined ? [] : (state.sources ?? [])), ...sources])
    this.answer(group, state, maxResponse)
  }

  /** Whether the answer would name one of the sources; all of them excluded have none (as Linux does, RFC 3376 §5.2). */
  private wanted(group: Ip, sources: readonly Ip[]): boolean {
    const filter = this.parts.filterOf(group)
    return sources.some(source => filter.sources.has(source) !== filter.exclude)
  }

  /** Another host reported a group in an older version, so we need not (RFC 2236 §3). */
  heard(group: Ip): void {
    const state = this.states.get(group)
    if (state === undefined) return
    state.cancel?.()
    state.cancel = undefined
    state.unasked = 0
    state.reporter = false
  }

  /** Ends all that is under way: the link is down. */
  stop(): void {
    this.changes.clear()
    this.changeTimer?.()
    this.changeTimer = undefined
    this.general?.cancel()
    this.general = undefined
    for (const group of [...this.states.keys()]) this.forget(group)
    this.until[1] = 0
    this.until[2] = 0
    this.asked = { robustness: 0, interval: usualInterval, response: usualResponse }
  }

  private state(group: Ip): GroupState {
    const known = this.states.get(group)
    if (known !== undefined) return known
    const state = { cancel: undefined, due: 0, unasked: 0, reporter: false, sources: undefined }
    this.states.set(group, state)
    return state
  }

  private forget(group: Ip): void {
    this.states.get(group)?.cancel?.()
    this.states.delete(group)
  }

  private tellChanges(delay: number): void {
    const { clock, random, send, filterOf } = this.parts
    this.changeTimer?.()
    this.changeTimer = clock.at(clock.now() + delay, () => {
      this.changeTimer = undefined
      const records = this.changes.take(filterOf)
      if (records.length > 0) send({ kind: 'records', records })
      if (!this.changes.isEmpty) this.tellChanges(random() * unsolicited[3])
    })
  }

  private answerAll(maxResponse: number): void {
    const { clock, random, send, groups } = this.parts
    const due = clock.now() + random() * maxResponse
    if (this.general !== undefined && this.general.due <= due) return
    this.general?.cancel()
    const cancel = clock.at(due, () => {
      this.general = undefined
      const records = groups().flatMap(group => this.current(group, undefined))
      if (records.length > 0) send({ kind: 'records', records })
    })
    this.general = { due, cancel }
  }

  /** Reports a group within a time, sooner if that was to be. */
  private answer(group: Ip, state: GroupState, within: number): void {
    const { clock, random } = this.parts
    const due = clock.now() + random() * within
    if (state.cancel !== undefined && state.due <= due) return
    state.cancel?.()
    state.due = due
    state.cancel = clock.at(due, () => {
      state.cancel = undefined
      this.report(group, state)
    })
  }

  private report(group: Ip, state: GroupState): void {
    const { send } = this.parts
    const { version } = this
    const { sources } = state
    state.sources = undefined
    state.reporter = true
    if (state.unasked > 0 && --state.unasked > 0) this.answer(group, state, unsolicited[version])
    if (version !== 3) {
      send({ kind: 'report', version, group })
      return
    }
    const records = this.current(group, sources)
    if (records.length > 0) send({ kind: 'records', records })
  }

  /** What is heard of a group now; of `sources` alone where only they were asked for. */
  private current(group: Ip, sources: ReadonlySet<Ip> | undefined): GroupRecord<Ip>[] {
    const filter = this.parts.filterOf(group)
    if (filter.exclude) return [{ type: GroupRecordType.isExclude, group, sources: [...filter.sources] }]
    const heard = [...filter.sources].filter(source => sources === undefined || sources.has(source))
    return heard.length === 0 ? [] : [{ type: GroupRecordType.isInclude, group, sources: heard }]
  }
}

const isNone = ({ exclude, sources }: SourceFilter): boolean => !exclude && sources.size === 0
