/** The parts of a decision: from bytes to a key, from a key to a rule. */
import { Classifier } from '../src/flow/classifier.ts'
import { extract } from '../src/flow/extract.ts'
import { newKey, word } from '../src/flow/layout.ts'
import { type Match, newMatch } from '../src/flow/match.ts'
import type { Seated } from '../src/flow/match-rows.ts'
import { type Bench, perSecond } from './harness.ts'
import { ones, udpFrame } from './soft.ts'

const count = 1e6
const frames = (): ReturnType<typeof udpFrame>[] => Array.from({ length: 1000 }, (_, flow) => udpFrame(64, flow))

const extraction: Bench = {
  name: 'flow/extract',
  unit: 'frames/s',
  setUp() {
    const sent = frames()
    const key = newKey()
    return () =>
      perSecond(count, () => {
        for (let i = 0; i < count; i += sent.length) for (let j = 0; j < sent.length; j++) extract(sent[j]!, key)
        if (key[word.ipv4Dst] !== 0x0a010000 + sent.length - 1) throw new Error('the key is wrong')
      })
  },
}

/** 1,000 rules for UDP over IPv4, a hundred for each of ten lengths of source prefix, longer ones first. */
const rules = (): (Seated & { match: Match })[] =>
  Array.from({ length: 1000 }, (_, i) => {
    const match = newMatch()
    const shape = i % 10
    const set = (place: number, value: number, mask: number): void => {
      match.key[place] = value & mask
      match.mask[place] = mask
    }
    set(word.ethType, 0x08000000, 0xffff0000)
    set(word.ip, 17, 0xff)
    set(word.ipv4Src, 0x0a000000 + i, (ones << shape) >>> 0)
    set(word.ipv4Dst, 0x0a010000 + i, ones)
    return { match, priority: 100 - shape, rows: undefined, row: 0 }
  })

const look: Bench = {
  name: 'flow/lookup',
  unit: 'lookups/s',
  setUp() {
    const classifier = new Classifier<Seated>()
    for (const rule of rules()) classifier.insert(rule, rule.match)
    const keys = frames().map(frame => {
      const key = newKey()
      extract(frame, key)
      return key
    })
    const mask = newKey()
    return () =>
      perSecond(count, () => {
        for (let i = 0; i < count; i += keys.length) {
          for (let j = 0; j < keys.length; j++) {
            if (classifier.lookup(keys[j]!, mask) === undefined) throw new Error('no rule fits')
          }
        }
      })
  },
}

export const flowBenches: Bench[] = [extraction, look]
