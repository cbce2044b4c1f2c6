/**
 * Bytes of every kind at every parser of `wire`: random, cut, spliced, and valid ones with some changed. None may throw, hang,
 * or read beyond its bytes. `WEFT_FUZZ_CASES` and `WEFT_FUZZ_SEED` change how many and which; a failure prints the input.
 */
import { expect, test } from 'vitest'
import { below, type Random, seeded } from '../../src/runtime/index.ts'
import { toHex } from '../../src/wire/hex.testing.ts'
import { dissect, type Layer, type Parsed, PcapngWriter, writePcap } from '../../src/wire/index.ts'
import { layersFault, offsetsFault, same } from '../../src/wire/invariants.testing.ts'
import { type Parser, parsers } from '../../src/wire/parsers.testing.ts'
import { samples } from '../../src/wire/samples.testing.ts'

const cases = Number(process.env.WEFT_FUZZ_CASES ?? 1_000_000)
const seed = Number(process.env.WEFT_FUZZ_SEED ?? 1)

const frames = samples().map(({ frame }) => frame.content())

/** Two capture files of a few frames, one in each format. */
const captures = (): Uint8Array[] => {
  const blocks: Uint8Array[] = []
  const writer = new PcapngWriter(block => blocks.push(block))
  writer.addInterface({ name: 'a', description: 'b' })
  for (const bytes of frames.slice(0, 3)) writer.packet(0, 0, bytes, 0, bytes.length, { comment: 'c' })
  return [Buffer.concat(blocks), writePcap(frames.slice(0, 3).map(bytes => ({ time: 0n, bytes })))]
}

/** Valid inputs of a parser: what it reads in each sample, or whole frames. */
const seedsOf = ({ name, protocol }: Parser): Uint8Array[] => {
  if (name === 'capture') return captures()
  if (protocol === undefined) return frames
  const found = frames.flatMap(bytes =>
    dissect(bytes)
      .filter(layer => layer.protocol === protocol)
      .map(layer => bytes.subarray(layer.start, layer.limit)),
  )
  expect(found.length, name).toBeGreaterThan(0)
  return found
}

const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)] as T

/** Values that lengths and counts break on. */
const sharp = [0, 1, 2, 3, 4, 5, 0x0f, 0x10, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xfe, 0xff]

const mutate = (random: Random, bytes: Uint8Array): void => {
  if (bytes.length === 0) return
  for (let times = 1 + below(random, 4); times > 0; times--) {
    const at = below(random, bytes.length)
    const how = below(random, 4)
    if (how === 0) bytes[at] = pick(random, sharp)
    else if (how === 1) bytes[at]! ^= 1 << below(random, 8)
    else if (how === 2) bytes[at] = below(random, 256)
    else bytes.copyWithin(at, below(random, bytes.length))
  }
}

const input = (random: Random, seeds: readonly Uint8Array[]): Uint8Array => {
  const how = below(random, 8)
  if (how === 0) return Uint8Array.from({ length: below(random, 80) }, () => below(random, 256))
  const bytes = Uint8Array.from(pick(random, seeds))
  if (how > 2) mutate(random, bytes)
  if (how === 3) {
    const other = pick(random, seeds)
    const from = below(random, other.length)
    bytes.set(other.subarray(from, from + bytes.length), 0)
  }
  return how % 2 === 0 ? bytes : bytes.subarray(0, below(random, bytes.length + 1))
}

/** The input between poison, so that a read outside of it shows in the result. */
const surrounded = (bytes: Uint8Array, poison: number): Uint8Array => {
  const out = new Uint8Array(bytes.length + 64).fill(poison)
  out.set(bytes, 32)
  return out
}

/** What is wrong with a parser's answer to an input, or undefined. */
const fault = ({ name, parse }: Parser, bytes: Uint8Array): string | undefined => {
  const [start, end] = [32, 32 + bytes.length]
  const result = parse(surrounded(bytes, 0xff), start, end)
  if (!same(parse(surrounded(bytes, 0), start, end), result)) return 'depends on bytes that are not its own'
  if (name.startsWith('dissect')) return layersFault(result as Layer[], start, end)
  if (name === 'capture') return undefined
  return offsetsFault(result as Parsed<unknown>, start, end)
}

test(`${cases} inputs, seed ${seed}`, { timeout: 60_000 + cases / 10 }, () => {
  const random = seeded(seed)
  const work = parsers.map(parser => ({ parser, seeds: seedsOf(parser) }))
  let slowest = 0
  for (let i = 0; i < cases; i++) {
    // The walk through all layers has most ways to go wrong: every fourth input is its.
    const { parser, seeds } = work[i % 4 === 0 ? 0 : i % work.length] as (typeof work)[number]
    const bytes = input(random, seeds)
    const began = performance.now()
    const told = (what: string): string => `${parser.name} ${what}: case ${i} of seed ${seed}, ${toHex(bytes)}`
    let wrong: string | undefined
    try {
      wrong = fault(parser, bytes)
    } catch (error) {
      throw new Error(told('throws'), { cause: error })
    }
    if (wrong !== undefined) throw new Error(told(wrong))
    slowest = Math.max(slowest, performance.now() - began)
  }
  // Far above what any input takes, and far below a loop that runs away.
  expect(slowest).toBeLessThan(2000)
})
