/**
 * What a cached flow does to a frame is what the tables would: a switch whose datapath keeps its flows, while tables come and go
 * under them, and one whose datapath is emptied before each frame, get the same frames. Not so where the megaflow is Open vSwitch's and
 * leaves out what was looked at: of mirrors, and here and there of hashes; so without mirrors, and from one seed.
 */
import { expect, test } from 'vitest'
import { composeFrame } from '../../src/flow/compose.ts'
import { parseExactFlow } from '../../src/openflow/exact-flow.ts'
import { below, seeded } from '../../src/runtime/random.ts'
import { categories } from '../differential/actions.ts'
import { changesOf } from '../differential/openflow-bytes.ts'
import { type Ours, startOurs } from '../differential/ours.ts'
import type { Asked } from '../differential/packets.ts'
import { randomRound, type Tables } from '../differential/round.ts'

const seed = 1
const rounds = 24

/** Has a bridge's tables as they are in `tables`, but for flows that are left out. */
const fill = async (side: Ours, tables: Tables): Promise<void> => {
  for (const bridge of tables.flows.keys()) await side.change(bridge, tables.version, changesOf(tables, bridge).changes)
}

/** Learned flows are taught again when statistics are counted, not by each frame. */
const told = categories.filter(category => category !== 'learn')

type Sent = { bridge: number; port: number; bytes: Uint8Array }

/** The frame that a trace asks about, if it can come in at a dummy port. */
const frameOf = ({ bridge, words: [text = ''], isOfDatapath }: Asked): Sent | undefined => {
  const [, port, rest] = /^in_port=(\d+),(.*)$/.exec(text) ?? []
  if (isOfDatapath || port === undefined || Number(port) > 8 || rest?.includes('packet_type')) return undefined
  const read = parseExactFlow(rest as string)
  return read.ok ? { bridge, port: Number(port), bytes: composeFrame(read.key) } : undefined
}

const send = ({ bed, bridges }: Ours, { bridge, port, bytes }: Sent): string[] => {
  const at = bridges[bridge]?.ports.get(port)
  return at === undefined ? [] : bed.send(at, bytes.slice()).map(sent => `${sent.port} ${sent.bytes}`)
}

test(`cached flows do what the tables say (seed ${seed})`, { timeout: 600_000 }, async () => {
  const [cached, fresh] = [startOurs(new Map()), startOurs(new Map())]
  let hits = 0
  for (let number = 0; number < rounds; number++) {
    const { tables, packets, category } = randomRound(seed, number, told)
    const random = seeded(seed * 1_000_003 + number)
    const frames = packets.flatMap(asked => frameOf(asked) ?? [])
    if (frames.length === 0) continue
    for (const side of [cached, fresh]) {
      side.configure({ ...tables.settings, mirrors: [] })
      // What was not counted yet would teach MACs after they were forgotten.
      side.bed.switch.syncStats()
      await side.forget()
    }
    const before = cached.bed.datapath.stats().hit
    for (let phase = 0; phase < 4; phase++) {
      // One flow in five is not there.
      const left = { ...tables, flows: tables.flows.map(flows => flows.filter(() => below(random, 5) > 0)) }
      for (const side of [cached, fresh]) await fill(side, left)
      for (let i = 0; i < 2 * frames.length; i++) {
        const frame = frames[below(random, frames.length)] as Sent
        const got = send(cached, frame)
        fresh.bed.switch.flush()
        const wanted = send(fresh, frame)
        expect({ number, category, phase, frame, got }).toEqual({ number, category, phase, frame, got: wanted })
      }
    }
    hits += cached.bed.datapath.stats().hit - before
  }
  expect(hits).toBeGreaterThan(rounds)
})
