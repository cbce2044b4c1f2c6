/** Mirrors of a bridge: which frames are copied, and where to. ovs-vswitchd.conf.db(5), Mirror table. */

/** The columns of a row; ports by their names. `output` with neither port nor VLAN copies nothing. */
export type MirrorOptions = {
  uuid: string
  /** All frames that come in or go out anywhere. */
  all: boolean
  /** Ports where frames come in, and go out, that are copied. */
  sources: readonly string[]
  destinations: readonly string[]
  /** Only frames in these VLANs; of none all. */
  vlans: readonly number[]
  outputPort: string | undefined
  outputVlan: number | undefined
  /** Bytes that a copy has at most; undefined for all. */
  snapLength: number | undefined
}

/** What a mirror has copied so far. */
export type MirrorTraffic = { packets: number; bytes: number }

export class Mirror {
  readonly options: MirrorOptions
  readonly traffic: MirrorTraffic
  private readonly sources: ReadonlySet<string>
  private readonly destinations: ReadonlySet<string>
  private readonly vlans: ReadonlySet<number>

  constructor(options: MirrorOptions, traffic: MirrorTraffic = { packets: 0, bytes: 0 }) {
    this.options = options
    this.traffic = traffic
    this.sources = new Set(options.sources)
    this.destinations = new Set(options.destinations)
    this.vlans = new Set(options.vlans)
  }

  selectsFrom(port: string): boolean {
    return this.options.all || this.sources.has(port)
  }

  selectsTo(port: string): boolean {
    return this.options.all || this.destinations.has(port)
  }

  /** Whether it asks for the VLAN of a frame at all. */
  get asksVlan(): boolean {
    return this.vlans.size > 0
  }

  selectsVlan(vlan: number): boolean {
    return this.vlans.size === 0 || this.vlans.has(vlan)
  }

  /** Copies of both go to the same place: of those one is enough. */
  isLike({ options }: Mirror): boolean {
    return options.outputPort === this.options.outputPort && options.outputVlan === this.options.outputVlan
  }
}

/** Mirrors with these options; those that were there keep their counts. Without a place to copy to there is none. */
export const mirrorsOf = (wanted: readonly MirrorOptions[], before: readonly Mirror[]): Mirror[] =>
  wanted
    .filter(({ outputPort, outputVlan }) => outputPort !== undefined || outputVlan !== undefined)
    .map(options => new Mirror(options, before.find(mirror => mirror.options.uuid === options.uuid)?.traffic))
