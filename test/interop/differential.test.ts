import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatResult } from '../differential/report.ts'
import { fromJson, merge, toJson } from '../differential/result-json.ts'
import { closePair, newResult, type Pair, run, startPair } from '../differential/runner.ts'
import { hasOvs } from './ovs.testing.ts'

/**
 * 2,000 random cases of `npm run differential`, always the same ones. How many agree is printed, and must not become fewer:
 * `npm run differential -- --seed 1` shows those that do not.
 */
describe.skipIf(!hasOvs())('random tables and packets beside ofproto/trace', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair()
  })
  afterAll(() => closePair(pair))

  test('2,000 cases', async () => {
    const result = await run(pair, { seed: 1, cases: 2000 })
    console.log(formatResult(result))
    expect(result.cases + result.crashes.length).toBe(2000)
    const share = (aspect: 'final flow' | 'datapath actions' | 'megaflow'): number => {
      let differing = 0
      for (const { by } of result.tally.values()) differing += by.get(aspect) ?? 0
      return 1 - differing / result.cases
    }
    expect(share('final flow')).toBeGreaterThan(0.998)
    expect(share('datapath actions')).toBeGreaterThan(0.998)
    expect(share('megaflow')).toBeGreaterThan(0.998)
    expect(result.refusals.length).toBeLessThan(result.lines / 200)
    const twice = merge(newResult(), fromJson(toJson(result)))
    expect(formatResult(twice)).toBe(formatResult(result))
  })
})
