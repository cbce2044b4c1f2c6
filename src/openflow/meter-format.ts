/** Meters as ovs-ofctl prints them. */
import { type MeterBand, type MeterConfig, OfMeter } from './meter.ts'
import { meterFlags } from './meter-wire.ts'

/** A meter's number, or what a reserved one is called; there are no others beyond `max`. */
export const formatMeterId = (meter: number): string => {
  if (meter <= OfMeter.max) return String(meter)
  if (meter === OfMeter.slowpath) return 'slowpath'
  if (meter === OfMeter.controller) return 'controller'
  return meter === OfMeter.all ? 'all' : 'unknown'
}

const formatBand = ({ type, rate, burst, precedence }: MeterBand, withBurst: boolean): string => {
  const size = withBurst ? ` burst_size=${burst}` : ''
  return `type=${type} rate=${rate}${size}${type === 'dscp_remark' ? ` prec_level=${precedence}` : ''}\n`
}

/** A meter's configuration: a line for it and one for each band. */
export const formatMeter = ({ meter, flags, bands }: MeterConfig): string => {
  const words = meterFlags.filter(name => flags[name]).map(name => `${name} `)
  return `meter=${formatMeterId(meter)} ${words.join('')}bands=\n${bands.map(band => formatBand(band, flags.burst)).join('')}`
}
