import type { MeterCounts } from '../datapath/datapath.ts'
import type { OfErrorName } from '../openflow/error.ts'
import { type MeterBand, type MeterConfig, type MeterMod, OfMeter } from '../openflow/meter.ts'
import type { Referred } from './references.ts'
import type { Requestor, Rule } from './rule.ts'

/** The datapath's side of meters. It has numbers of its own: `meter(0)` in its actions. */
export interface MeterDatapath {
  /** What it can do. */
  readonly meterLimits: { maxMeters: number; maxBands: number }
  /** Makes a meter and gives its number; undefined if there is no room. */
  addMeter(config: MeterConfig): number | undefined
  setMeter(number: number, config: MeterConfig): void
  removeMeter(number: number): void
  meterCounts(number: number): MeterCounts | undefined
}

/** A meter of a bridge. Times are the clock's nanoseconds. */
export type Meter = Referred & {
  readonly id: number
  config: MeterConfig
  /** The datapath's number for it. */
  readonly number: number
  readonly created: number
}

/** What meters ask of their bridge. */
export interface MetersOwner {
  now(): number
  pullStats(): void
  changed(): void
  /** Flows through a meter which is gone. */
  removeUsers(rules: Iterable<Rule>, by: Requestor | undefined): void
}

/** A burst of nothing would let nothing through: a second's worth is what fits unless told otherwise. */
const withBurst = (band: MeterBand): MeterBand => (band.burst === 0 ? { ...band, burst: band.rate } : band)

/** What a netdev datapath gives as features (OFPMP_METER_FEATURES). Band type and capability bits are OpenFlow's. */
export const meterFeatures = ({ maxMeters, maxBands }: MeterDatapath['meterLimits']) => ({
  maxMeters,
  bandTypes: 1 << 1,
  capabilities: 0b1111,
  maxBands,
  maxColor: 0,
})

/**
 * The meters of a bridge, by number, and the two that are not for flows: `OfMeter.slowpath` limits what goes up because
 * the datapath cannot do it, `OfMeter.controller` what goes to controllers.
 */
export class Meters {
  private readonly meters = new Map<number, Meter>()
  private readonly owner: MetersOwner
  private readonly datapath: MeterDatapath

  constructor(owner: MetersOwner, datapath: MeterDatapath) {
    this.owner = owner
    this.datapath = datapath
  }

  get limits(): MeterDatapath['meterLimits'] {
    return this.datapath.meterLimits
  }

  get(id: number): Meter | undefined {
    return this.meters.get(id)
  }

  /** By number; one of them or all (`OfMeter.all`). */
  list(id: number = OfMeter.all): Meter[] {
    const chosen = [...this.meters.values()].filter(meter => id === OfMeter.all || meter.id === id)
    return chosen.sort((a, b) => a.id - b.id)
  }

  /** What went through a meter until now. */
  counts(meter: Meter): MeterCounts {
    this.owner.pullStats()
    const none = meter.config.bands.map(() => ({ packets: 0, bytes: 0 }))
    return this.datapath.meterCounts(meter.number) ?? { packets: 0, bytes: 0, bands: none }
  }

  /** Does what a meter_mod says; a refusal leaves everything as it was. */
  apply(mod: MeterMod, by?: Requestor): OfErrorName | undefined {
    if (mod.command === 'delete') return this.delete(mod.meter, by)
    const { meter: id, flags, bands } = mod
    const isMeter = (id >= 1 && id <= OfMeter.max) || id === OfMeter.slowpath || id === OfMeter.controller
    if (!isMeter) return 'OFPMMFC_INVALID_METER'
    const config: MeterConfig = { meter: id, flags, bands: bands.map(withBurst) }
    if (bands.length > this.limits.maxBands) return 'OFPMMFC_OUT_OF_BANDS'
    const old = this.meters.get(id)
    if (mod.command === 'add' && old !== undefined) return 'OFPMMFC_METER_EXISTS'
    if (mod.command === 'modify' && old === undefined) return 'OFPMMFC_UNKNOWN_METER'
    if (!flags.kbps && !flags.pktps) return 'OFPMMFC_BAD_FLAGS'
    if (bands.length === 0) return 'OFPMMFC_OUT_OF_BANDS'
    for (const { type, rate } of bands) {
      if (type !== 'drop') return 'OFPMMFC_BAD_BAND'
      if (rate === 0) return 'OFPMMFC_BAD_RATE'
    }
    if (old !== undefined) {
      old.config = config
      this.datapath.setMeter(old.number, config)
      return undefined
    }
    const number = this.datapath.addMeter(config)
    if (number === undefined) return 'OFPMMFC_OUT_OF_METERS'
    this.meters.set(id, { id, config, number, created: this.owner.now(), users: new Set(), references: 0 })
    return undefined
  }

  /** The bridge goes. */
  clear(): void {
    this.delete(OfMeter.all, undefined)
  }

  private delete(id: number, by: Requestor | undefined): OfErrorName | undefined {
    if (id !== OfMeter.all && !this.meters.has(id)) return undefined
    this.owner.pullStats()
    for (const meter of this.list(id)) {
      this.owner.removeUsers(meter.users, by)
      this.meters.delete(meter.id)
      this.datapath.removeMeter(meter.number)
    }
    this.owner.changed()
    return undefined
  }
}
