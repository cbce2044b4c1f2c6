/** Numbers of meters: 1 to `max` are meters, the others have a meaning of their own. */
export const OfMeter = { max: 0xffff0000, slowpath: 0xfffffffd, controller: 0xfffffffe, all: 0xffffffff } as const

export type MeterBand = {
  type: 'drop' | 'dscp_remark'
  /** In the meter's unit: kbit/s, or packets/s. */
  rate: number
  burst: number
  /** Of `dscp_remark`: how far the drop precedence goes up. */
  precedence: number
}

export type MeterFlags = { kbps: boolean; pktps: boolean; burst: boolean; stats: boolean }

/** A meter's configuration. */
export type MeterConfig = { meter: number; flags: MeterFlags; bands: readonly MeterBand[] }

/** A change of meters, as OFPT_METER_MOD says it. */
export type MeterMod = MeterConfig & { command: 'add' | 'modify' | 'delete' }
