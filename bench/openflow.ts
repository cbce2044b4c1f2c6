/** What a bridge's tables cost: room for a flow, time to add one, time to find one for a frame that no cache knows. */
import { newKey, word } from '../src/flow/layout.ts'
import { type Match, newMatch } from '../src/flow/match.ts'
import type { OfAction } from '../src/openflow/action.ts'
import { FlowStore } from '../src/switch/flow-store.ts'
import { type Bench, seconds } from './harness.ts'

export const million = 1e6
const masks = 100

/** UDP from any of a million hosts, seen through one of a hundred masks: prefixes of both addresses, ports or none. */
export const flow = (
  i: number,
  match = newMatch(),
): { match: Match; priority: number; actions: OfAction[]; cookie: bigint } => {
  match.key.fill(0)
  match.mask.fill(0)
  const shape = i % masks
  const set = (place: number, value: number, bits: number): void => {
    match.key[place] = (value & bits) >>> 0
    match.mask[place] = bits >>> 0
  }
  set(word.inPort, 1 + (i % 7), 0xffffffff)
  set(word.ethType, 0x08000000, 0xffff0000)
  set(word.ip, 17, 0xff)
  set(word.ipv4Src, 0x0a000000 + i, -1 << (shape % 5))
  set(word.ipv4Dst, Math.imul(i, 0x9e3779b1), -1 << (Math.floor(shape / 5) % 10))
  if (shape >= 50) set(word.transport, i & 0xffff, 0xffff)
  return { match, priority: 1000 + shape, actions: [{ type: 'output', port: 1 + ((i + 1) % 7) }], cookie: BigInt(i) }
}

const store = (): FlowStore => new FlowStore({ now: () => 0, pullStats() {}, changed() {}, event() {} })

const filled = (count: number): FlowStore => {
  const flows = store()
  for (let i = 0; i < count; i++) if (typeof flows.add(flow(i)) === 'string') throw new Error('a flow was refused')
  return flows
}

/** What is in use when nothing is waiting to be collected. */
const inUse = (): number => {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const memory: Bench = {
  name: 'openflow/rules/memory',
  unit: 'bytes/flow',
  rounds: 1,
  setUp() {
    return () => {
      const before = inUse()
      const flows = filled(million)
      const bytes = (inUse() - before) / million
      if (flows.size !== million) throw new Error('flows are missing')
      return bytes
    }
  },
}

const add: Bench = {
  name: 'openflow/rules/add',
  unit: 'us',
  rounds: 3,
  setUp() {
    return () => {
      const flows = store()
      const match = newMatch()
      const count = million / 5
      // The store keeps nothing of a match, so that one will do, as for a decoder.
      const time = seconds(() => {
        for (let i = 0; i < count; i++) flows.add(flow(i, match))
      })
      return (time / count) * 1e6
    }
  },
}

const miss: Bench = {
  name: 'openflow/rules/miss',
  unit: 'us',
  rounds: 3,
  setUp() {
    const flows = filled(million)
    const table = flows.table(0)
    const count = 20000
    const keys = Array.from({ length: count }, (_, i) => {
      const { match } = flow((i * 49999) % million)
      const key = match.key.slice()
      // Half of the frames are of a flow, half of none.
      if (i % 2 === 1) key[word.ipv4Dst] = key[word.ipv4Dst]! ^ 0x00400000
      return key
    })
    const mask = newKey()
    return () => {
      const time = seconds(() => {
        for (const key of keys) {
          mask.fill(0)
          table?.lookup(key, mask)
        }
      })
      return (time / count) * 1e6
    }
  },
}

export const openflowBenches: Bench[] = [memory, add, miss]
