import { millisecond, second } from '../runtime/index.ts'

/** What a link's neighbours go by, in the units of `net.ipv4.neigh.LINK.*`: seconds, and milliseconds where the name says so. */
export type NeighbourSettings = {
  base_reachable_time_ms: number
  delay_first_probe_time: number
  gc_stale_time: number
  mcast_solicit: number
  retrans_time_ms: number
  ucast_solicit: number
  /** Frames that wait for one address. */
  unres_qlen: number
}

/** What is one for all links of a family: `net.ipv4.neigh.default.gc_thresh1`, below which nothing is collected, and 3, the most there may be. */
export type NeighbourLimits = { gc_thresh1: number; gc_thresh2: number; gc_thresh3: number }

/** Linux's defaults (Documentation/networking/ip-sysctl). */
export const neighbourDefaults = (): NeighbourSettings => ({
  base_reachable_time_ms: 30000,
  delay_first_probe_time: 5,
  gc_stale_time: 60,
  mcast_solicit: 3,
  retrans_time_ms: 1000,
  ucast_solicit: 3,
  unres_qlen: 101,
})

export const neighbourLimits = (): NeighbourLimits => ({ gc_thresh1: 128, gc_thresh2: 512, gc_thresh3: 1024 })

/** The same in the clock's nanoseconds, as the neighbours' timers want it. */
export const nanosecondsOf = {
  baseReachable: (settings: NeighbourSettings): number => settings.base_reachable_time_ms * millisecond,
  delayFirstProbe: (settings: NeighbourSettings): number => settings.delay_first_probe_time * second,
  retransmit: (settings: NeighbourSettings): number => settings.retrans_time_ms * millisecond,
  gcStale: (settings: NeighbourSettings): number => settings.gc_stale_time * second,
}

/** The neighbour settings of one family: `default`, and each link's own, which begins as `default` is then. */
export class NeighbourConfig {
  readonly default = neighbourDefaults()
  readonly limits = neighbourLimits()
  private readonly links = new Map<string, NeighbourSettings>()

  of(link: string): NeighbourSettings {
    let settings = this.links.get(link)
    if (settings === undefined) {
      settings = { ...this.default }
      this.links.set(link, settings)
    }
    return settings
  }

  forget(link: string): void {
    this.links.delete(link)
  }

  rename(from: string, to: string): void {
    const settings = this.links.get(from)
    this.links.delete(from)
    if (settings !== undefined) this.links.set(to, settings)
  }

  /** What a link has, or `default`: what follows `net.ipv4.neigh.LINK.`. */
  namesOf(link: string): string[] {
    if (link === 'default') return [...Object.keys(this.limits), ...Object.keys(this.default)]
    return Object.keys(this.links.get(link) ?? {})
  }

  /** Undefined if there is no such link or setting. */
  get(link: string, name: string): number | undefined {
    return this.record(link, name)?.[name]
  }

  /** False if there is no such link or setting. */
  set(link: string, name: string, value: number): boolean {
    const record = this.record(link, name)
    if (record === undefined) return false
    record[name] = value
    return true
  }

  private record(link: string, name: string): Record<string, number> | undefined {
    const own: Record<string, number> | undefined = link === 'default' ? this.default : this.links.get(link)
    if (own !== undefined && Object.hasOwn(own, name)) return own
    return link === 'default' && Object.hasOwn(this.limits, name) ? this.limits : undefined
  }
}
