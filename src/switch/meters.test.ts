import { expect, test } from 'vitest'
import { type MeterMod, OfMeter } from '../openflow/meter.ts'
import { flowMod, output, Stores } from './bridge-stores.testing.ts'
import { MeterNumbers } from './meter-numbers.ts'
import { type MeterDatapath, Meters, meterFeatures } from './meters.ts'

const drop = { type: 'drop', rate: 10, burst: 0, precedence: 0 } as const
const meterMod = (change: Partial<MeterMod>): MeterMod => ({
  command: 'add',
  meter: 1,
  flags: { kbps: true, pktps: false, burst: false, stats: false },
  bands: [drop],
  ...change,
})

test('meters are added once, changed, removed; the two special ones too', () => {
  const { meters } = new Stores().bridge
  expect(meters.apply(meterMod({ command: 'modify' }))).toBe('OFPMMFC_UNKNOWN_METER')
  expect(meters.apply(meterMod({ meter: 0 }))).toBe('OFPMMFC_INVALID_METER')
  expect(meters.apply(meterMod({ meter: OfMeter.max + 1 }))).toBe('OFPMMFC_INVALID_METER')
  for (const meter of [1, OfMeter.slowpath, OfMeter.controller])
    expect(meters.apply(meterMod({ meter }))).toBeUndefined()
  expect(meters.apply(meterMod({}))).toBe('OFPMMFC_METER_EXISTS')
  expect(meters.apply(meterMod({ command: 'modify', bands: [{ ...drop, rate: 20 }] }))).toBeUndefined()
  expect(meters.get(1)!.config.bands[0]!.rate).toBe(20)
  expect(meters.list().map(({ id }) => id)).toEqual([1, OfMeter.slowpath, OfMeter.controller])
  expect(meters.apply(meterMod({ command: 'delete', meter: 9 }))).toBeUndefined()
  expect(meters.apply(meterMod({ command: 'delete', meter: OfMeter.all }))).toBeUndefined()
  expect(meters.list()).toEqual([])
})

test('bands: too many, and a kind that the datapath does not have', () => {
  const { meters } = new Stores().bridge
  const remark = { ...drop, type: 'dscp_remark', precedence: 1 } as const
  expect(meters.apply(meterMod({ bands: new Array(9).fill(remark) }))).toBe('OFPMMFC_OUT_OF_BANDS')
  expect(meters.apply(meterMod({ bands: [drop, remark] }))).toBe('OFPMMFC_BAD_BAND')
  expect(meters.apply(meterMod({ bands: new Array(8).fill(drop) }))).toBeUndefined()
})

test('flows need their meter, and go with it', () => {
  const stores = new Stores()
  const { flows, meters } = stores.bridge
  const through = flowMod({ actions: [{ type: 'meter', meter: 1 }, output(1)], sendFlowRemoved: true })
  expect(flows.apply(through)).toBe('OFPMMFC_INVALID_METER')
  meters.apply(meterMod({}))
  expect(flows.apply(through)).toBeUndefined()
  expect(meters.get(1)!.users.size).toBe(1)
  meters.apply(meterMod({ command: 'delete' }))
  expect(stores.told).toEqual(['32768 meter_delete'])
})

test('the datapath has numbers of its own, is told of changes, and counts', () => {
  const said: string[] = []
  class Told extends MeterNumbers implements MeterDatapath {
    override addMeter(): number | undefined {
      if (said.length > 3) return undefined
      const number = super.addMeter(meterMod({}))
      said.push(`add ${number}`)
      return number
    }
    override setMeter(number: number): void {
      said.push(`set ${number}`)
    }
    override removeMeter(number: number): void {
      super.removeMeter(number)
      said.push(`remove ${number}`)
    }
    override meterCounts(number: number) {
      return number === 0 ? { packets: 7, bytes: 700, bands: [{ packets: 1, bytes: 100 }] } : undefined
    }
  }
  const meters = new Meters({ now: () => 0, pullStats() {}, changed() {}, removeUsers() {} }, new Told())
  meters.apply(meterMod({ meter: 40 }))
  meters.apply(meterMod({ meter: 41 }))
  meters.apply(meterMod({ meter: 41, command: 'modify' }))
  expect(meters.counts(meters.get(40)!)).toMatchObject({ packets: 7, bands: [{ packets: 1 }] })
  expect(meters.counts(meters.get(41)!)).toEqual({ packets: 0, bytes: 0, bands: [{ packets: 0, bytes: 0 }] })
  meters.apply(meterMod({ meter: 40, command: 'delete' }))
  expect(said).toEqual(['add 0', 'add 1', 'set 1', 'remove 0'])
  expect(meters.apply(meterMod({ meter: 42 }))).toBe('OFPMMFC_OUT_OF_METERS')
  expect(meterFeatures(meters.limits)).toMatchObject({ maxMeters: 262144, maxBands: 8 })
})

test('numbers that were given back are given again, and all run out', () => {
  const numbers = new MeterNumbers()
  const config = meterMod({})
  expect([numbers.addMeter(config), numbers.addMeter(config), numbers.addMeter(config)]).toEqual([0, 1, 2])
  numbers.removeMeter(1)
  numbers.removeMeter(1)
  expect([numbers.addMeter(config), numbers.addMeter(config)]).toEqual([1, 3])
  for (let i = 4; i < numbers.meterLimits.maxMeters; i++) numbers.addMeter(config)
  expect(numbers.addMeter(config)).toBeUndefined()
})
