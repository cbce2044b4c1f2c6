/** Meters as ovs-ofctl reads them (ovs-ofctl(8), "Meter Syntax"). Errors are in its words. */
import { type MeterBand, type MeterFlags, type MeterMod, OfMeter } from './meter.ts'
import { parse32, parseUpTo } from './number.ts'

export type MeterRead = { ok: true; mod: MeterMod } | { ok: false; error: string }
const wrong = (error: string): MeterRead => ({ ok: false, error })

/** Words are cut at these; a value may have a `=` in it, a name not. */
const space = /^[, \t\r\n]+/
const nameEnd = /[=, \t\r\n]/
const valueEnd = /[, \t\r\n]/

/** Takes words off a text one by one, as ovs-ofctl does: what a name's value is shows only when it is asked for. */
const cutter = (text: string): { name(): string | undefined; value(): string | undefined } => {
  let rest = text
  const take = (end: RegExp, skip: RegExp): string | undefined => {
    rest = rest.replace(skip, '')
    if (rest === '') return undefined
    const at = rest.search(end)
    const word = at < 0 ? rest : rest.slice(0, at)
    rest = at < 0 ? '' : rest.slice(at + 1)
    return word
  }
  return { name: () => take(nameEnd, /^[=, \t\r\n]+/), value: () => take(valueEnd, space) }
}

const meterNames: Readonly<Record<string, number>> = {
  all: OfMeter.all,
  controller: OfMeter.controller,
  slowpath: OfMeter.slowpath,
}

/** A meter's number or the name of a reserved one; text says what is wrong. */
export const parseMeterId = (text: string): number | string => {
  const named = Object.hasOwn(meterNames, text) ? meterNames[text] : undefined
  if (named !== undefined) return named
  const number = parse32(text)
  if (typeof number === 'string') return number
  return number === 0 || number > OfMeter.max ? 'invalid value for meter' : number
}

const flagNames = ['kbps', 'pktps', 'burst', 'stats'] as const
const isFlag = (name: string): name is (typeof flagNames)[number] => flagNames.some(flag => flag === name)

type Head = { meter: number; flags: MeterFlags }

/** Reads what stands before the bands. `withFlags`: not if a meter is only named. */
const parseHead = (text: string, withFlags: boolean): Head | string => {
  const flags: MeterFlags = { kbps: false, pktps: false, burst: false, stats: false }
  let meter = 0
  const words = cutter(text)
  for (let name = words.name(); name !== undefined; name = words.name()) {
    if (withFlags && isFlag(name)) {
      flags[name] = true
      continue
    }
    const value = words.value()
    if (value === undefined) return `field ${name} missing value`
    if (name !== 'meter') return `unknown keyword ${name}`
    const id = parseMeterId(value)
    if (typeof id === 'string') return id
    meter = id
  }
  return meter === 0 ? "must specify 'meter'" : { meter, flags }
}

const parseBands = (text: string): MeterBand[] | string => {
  const bands: MeterBand[] = []
  const words = cutter(text)
  for (let name = words.name(); name !== undefined; name = words.name()) {
    const value = words.value()
    if (value === undefined) return `field ${name} missing value`
    if (name === 'type') {
      if (value !== 'drop' && value !== 'dscp_remark') return `field type unknown value ${value}`
      bands.push({ type: value, rate: 0, burst: 0, precedence: 0 })
      continue
    }
    const band = bands.at(-1)
    if (band === undefined) return "band must start with the 'type' keyword"
    const error = takeBandWord(name, value, band)
    if (error !== undefined) return error
  }
  return bands
}

const takeBandWord = (name: string, value: string, band: MeterBand): string | undefined => {
  if (name === 'rate' || name === 'burst_size') {
    const number = parse32(value)
    if (typeof number === 'string') return number
    band[name === 'rate' ? 'rate' : 'burst'] = number
    return undefined
  }
  if (name !== 'prec_level') return `unknown keyword ${name}`
  const level = parseUpTo(value, 0xff)
  if (level === undefined) return `invalid prec_level "${value}"`
  band.precedence = level
  return undefined
}

const checkBand = ({ type, rate, burst, precedence }: MeterBand, flags: MeterFlags): string | undefined => {
  if (rate === 0) return "band must have 'rate'"
  if (flags.burst && burst === 0) return "band must have 'burst_size' when 'burst' flag is set"
  if (!flags.burst && burst !== 0) return "band may have 'burst_size' only when 'burst' flag is set"
  if (type === 'dscp_remark' && precedence === 0) return "'dscp_remark' band must have 'prec_level'"
  if (type === 'drop' && precedence !== 0) return "Only 'dscp_remark' band may have 'prec_level'"
  return undefined
}

/** Reads a meter: `meter=1,kbps,burst,bands=type=drop,rate=100,burst_size=5`; to delete one, its number alone. */
export const parseMeter = (text: string, command: MeterMod['command']): MeterRead => {
  if (command === 'delete') {
    const head = parseHead(text, false)
    return typeof head === 'string' ? wrong(head) : { ok: true, mod: { command, ...head, bands: [] } }
  }
  const at = text.indexOf('band')
  const equals = at < 0 ? -1 : text.indexOf('=', at)
  if (equals < 0) return wrong('must specify bands')
  const head = parseHead(text.slice(0, at), true)
  if (typeof head === 'string') return wrong(head)
  // Open vSwitch asks for a unit where there is no flag at all; the switch refuses the rest.
  if (!Object.values(head.flags).includes(true)) return wrong("meter must specify either 'kbps' or 'pktps'")
  const bands = parseBands(text.slice(equals + 1))
  if (typeof bands === 'string') return wrong(bands)
  if (bands.length === 0) return wrong('meter must have bands')
  for (const band of bands) {
    const error = checkBand(band, head.flags)
    if (error !== undefined) return wrong(error)
  }
  return { ok: true, mod: { command, ...head, bands } }
}
