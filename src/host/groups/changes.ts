import type { Ip } from '../../wire/address.ts'
import { type GroupRecord, GroupRecordType } from '../../wire/group-code.ts'
import { differing, passes, type SourceFilter } from './source-filter.ts'

/** What routers are still to be told of one group: how many more times of its mode, and of each source. */
type Change = { mode: number; readonly sources: Map<Ip, number> }

/** State changes of a link's groups that are to be reported, each as often as robustness asks (RFC 3376 §5.1). */
export class Changes {
  private readonly groups = new Map<Ip, Change>()

  get isEmpty(): boolean {
    return this.groups.size === 0
  }

  clear(): void {
    this.groups.clear()
  }

  /** A group's filter has changed; told `times` times. False if nothing that a router knows of did. */
  add(group: Ip, before: SourceFilter, after: SourceFilter, times: number): boolean {
    const turned = before.exclude !== after.exclude
    const sources = turned ? [] : differing(before, after)
    if (!turned && sources.length === 0) return false
    const change = this.groups.get(group) ?? { mode: 0, sources: new Map<Ip, number>() }
    this.groups.set(group, change)
    if (turned) {
      change.mode = times
      change.sources.clear()
    }
    for (const source of sources) change.sources.set(source, times)
    return true
  }

  /** What the next report says, and counts it as said. `filterOf` gives the filter of now. */
  take(filterOf: (group: Ip) => SourceFilter): GroupRecord<Ip>[] {
    const records: GroupRecord<Ip>[] = []
    for (const [group, change] of this.groups) {
      const filter = filterOf(group)
      const named = [...change.sources.keys()]
      const allow = named.filter(source => passes(filter, source))
      const block = named.filter(source => !passes(filter, source))
      if (allow.length > 0) records.push({ type: GroupRecordType.allow, group, sources: allow })
      if (block.length > 0) records.push({ type: GroupRecordType.block, group, sources: block })
      if (change.mode > 0) {
        const type = filter.exclude ? GroupRecordType.toExclude : GroupRecordType.toInclude
        records.push({ type, group, sources: [...filter.sources] })
        change.mode--
      }
      for (const [source, left] of change.sources)
        if (left > 1) change.sources.set(source, left - 1)
        else change.sources.delete(source)
      if (change.mode === 0 && change.sources.size === 0) this.groups.delete(group)
    }
    return records
  }
}
