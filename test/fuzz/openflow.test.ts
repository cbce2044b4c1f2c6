/**
 * Messages of every kind at a live session of a bridge that other controllers are connected to: random, valid, changed, cut
 * and spliced ones, and bytes that are no messages. None may throw, hang or make the switch grow. What is refused must not
 * be noticed by the others: a twin of the switch is told all that was not refused, and its controllers hear the same.
 * `WEFT_FUZZ_CASES` (a twentieth of them are for this test) and `WEFT_FUZZ_SEED` change how many and which; a failure prints
 * the message.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeHello, versionSet } from '../../src/openflow/hello.ts'
import { encodeMessage } from '../../src/openflow/message-wire.ts'
import { statisticsBodies } from '../../src/openflow/messages/statistics.testing.ts'
import { messageSamples, speeches } from '../../src/openflow/messages.testing.ts'
import type { Version } from '../../src/openflow/protocol.ts'
import { below, type Duplex, duplexPair, millisecond, type Random, seeded } from '../../src/runtime/index.ts'
import { OpenFlowAgent } from '../../src/switch/agent/agent.ts'
import { Bed, hex } from '../../src/switch/switch.testing.ts'
import { samples } from '../../src/wire/samples.testing.ts'

const cases = Math.ceil(Number(process.env.WEFT_FUZZ_CASES ?? 1_000_000) / 20)
const seed = Number(process.env.WEFT_FUZZ_SEED ?? 1)
/** A switch serves so many messages, then another takes its place: what flows and groups it was given legitimately goes. */
const lifetime = 2000

const versions: readonly Version[] = [1, 2, 3, 4, 5, 6]
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)] as T

/** Valid messages of each version. */
const valid: Record<number, Uint8Array[]> = Object.fromEntries(versions.map(version => [version, []]))
for (const speech of speeches)
  for (const arbitrary of Object.values(messageSamples(speech)))
    for (const body of fc.sample(arbitrary, { numRuns: 20, seed })) {
      const bytes = encodeMessage(body, { ...speech, xid: 7 })
      if (bytes !== undefined) valid[speech.version]?.push(bytes)
    }
for (const version of versions)
  for (const body of fc.sample(statisticsBodies(version), { numRuns: 600, seed })) {
    const bytes = encodeMessage(body, { version, xid: 7 })
    if (bytes !== undefined) valid[version]?.push(bytes)
  }

const frames = samples().map(({ frame }) => frame.content())

/** Values that lengths, counts and reserved numbers break on. */
const sharp = [0, 1, 2, 3, 4, 7, 8, 0x0f, 0x10, 0x23, 0x40, 0x7f, 0x80, 0xf0, 0xfc, 0xfe, 0xff]

const mutate = (random: Random, bytes: Uint8Array): void => {
  for (let times = 1 + below(random, 4); times > 0; times--) {
    const at = 4 + below(random, Math.max(1, bytes.length - 4))
    const how = below(random, 4)
    if (how === 0) bytes[at] = pick(random, sharp)
    else if (how === 1) bytes[at]! ^= 1 << below(random, 8)
    else if (how === 2) bytes[at] = below(random, 256)
    else bytes.copyWithin(at, 8 + below(random, bytes.length))
  }
}

/** Whole messages with a right length, of any content. */
const message = (random: Random, version: Version): Uint8Array => {
  const how = below(random, 8)
  let bytes = Uint8Array.from(pick(random, valid[version] as Uint8Array[]))
  if (how === 0) bytes = Uint8Array.from({ length: 8 + below(random, 120) }, () => below(random, 256))
  else if (how === 1) bytes = bytes.slice(0, 8 + below(random, Math.max(1, bytes.length - 7)))
  else if (how === 2) bytes[1] = below(random, 36)
  else if (how === 3) {
    const other = pick(random, valid[version] as Uint8Array[])
    const at = Math.min(8 + 8 * below(random, 4), bytes.length)
    bytes.set(other.subarray(8, 8 + bytes.length - at), at)
  } else if (how > 4) mutate(random, bytes)
  bytes[0] = below(random, 50) === 0 ? below(random, 256) : version
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(2, bytes.length)
  return bytes
}

/** One end of a connection, as a program outside has it. */
class Peer {
  private readonly ours: Duplex
  constructor({ agent, kind, version }: { agent: OpenFlowAgent; kind: 'primary' | 'service'; version: Version }) {
    const [ours, theirs] = duplexPair(1 << 20)
    this.ours = ours
    agent.accept(theirs, { kind, name: 'peer' })
    this.say(encodeHello(versionSet([version]), 1))
    this.hear()
  }

  get closed(): boolean {
    return this.ours.input.closed
  }

  say(bytes: Uint8Array): void {
    this.ours.output.offer(bytes)
  }

  /** What has come until now. */
  hear(): Uint8Array {
    return this.ours.input.take()
  }

  close(): void {
    this.ours.close()
  }
}

/** A bridge with two controllers that do no harm, and one who does what it likes. */
class World {
  readonly bed = new Bed()
  readonly agent: OpenFlowAgent
  readonly others: Peer[]
  readonly version: Version
  attacker: Peer

  constructor(version: Version) {
    const bridge = this.bed.bridge('br0', { hwaddr: 0xaa55aa550000, failMode: 'secure' })
    for (const number of [1, 2, 3]) this.bed.port(bridge, `p${number}`, {}, number)
    this.agent = new OpenFlowAgent(bridge, this.bed.switch)
    this.version = version
    const { agent } = this
    this.others = [new Peer({ agent, kind: 'primary', version: 6 }), new Peer({ agent, kind: 'primary', version: 1 })]
    this.attacker = this.attack()
  }

  attack(): Peer {
    return new Peer({ agent: this.agent, kind: 'primary', version: this.version })
  }

  /** Lets a message have its effect, if there is one, and time pass. Gives what the attacker is answered. */
  take(bytes?: Uint8Array): Uint8Array {
    if (this.attacker.closed) this.attacker = this.attack()
    if (bytes !== undefined) this.attacker.say(bytes)
    this.bed.clock.runUntil(this.bed.clock.now() + millisecond)
    return this.attacker.hear()
  }

  /** Someone else calls, says this in pieces, and hangs up. */
  vandalise(bytes: Uint8Array): void {
    const [ours, theirs] = duplexPair()
    this.agent.accept(theirs, { kind: 'service', name: 'vandal' })
    for (let at = 0; at < bytes.length; at += 50) ours.output.offer(bytes.slice(at, at + 50))
    ours.close()
  }

  frame(bytes: Uint8Array, port: number): void {
    const to = this.agent.bridge.ports.get(port)
    if (to !== undefined) this.bed.send(to, bytes)
  }

  /** What the others have heard since, each. */
  heard(): string[] {
    return this.others.map(other => hex(other.hear()))
  }

  close(): void {
    this.agent.close()
    this.bed.switch.close()
  }
}

/** Whether an answer says that the message was refused. */
const isRefused = (answer: Uint8Array): boolean => {
  for (let at = 0; at + 8 <= answer.length; at += Math.max(8, ((answer[at + 2] as number) << 8) | answer[at + 3]!))
    if (answer[at + 1] === 1) return true
  return false
}

/** Bytes with lengths that are wrong, or no messages at all; none of them asks for anything. */
const garbage = (random: Random): Uint8Array => {
  const bytes = Uint8Array.from({ length: below(random, 400) }, () => below(random, 256))
  const how = below(random, 3)
  // A hello in front, or not; a type that nobody has, so that a message which happens to be whole does nothing.
  const head = how === 0 ? [] : [1 + below(random, 8), 0, 0, 8, 0, 0, 0, 0]
  const length = how === 2 ? below(random, 12) : below(random, 0x10000)
  return Uint8Array.from([
    ...head,
    1 + below(random, 6),
    0x60,
    length >> 8,
    length & 255,
    ...bytes.map(byte => byte | 0x60),
  ])
}

/** An echo request, which everyone must be answered at any time. */
const echo = (version: Version): Uint8Array => Uint8Array.of(version, 2, 0, 8, 0, 0, 0, 9)

const collect = (): number => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

/** How messages fared, so that a test that hits nothing is seen. */
const tally = { refused: 0, answered: 0, silent: 0, heard: 0 }

const live = (random: Random, count: number): void => {
  const version = pick(random, versions)
  const [world, twin] = [new World(version), new World(version)]
  for (let i = 0; i < count; i++) {
    // Whoever made itself a secondary, or agreed on odd formats, would be refused for ever.
    if (below(random, 60) === 0) for (const each of [world, twin]) each.attacker.close()
    if (below(random, 20) === 0) {
      const [bytes, port] = [pick(random, frames), 1 + below(random, 3)]
      world.frame(bytes, port)
      twin.frame(bytes, port)
    }
    if (below(random, 50) === 0) world.vandalise(garbage(random))
    const bytes = message(random, version)
    const told = (what: string): string => `${what}: message ${i} at version ${version}, ${hex(bytes)}`
    const began = performance.now()
    try {
      const answer = world.take(bytes)
      if (world.attacker.closed) twin.attacker.close()
      const refused = isRefused(answer)
      twin.take(world.attacker.closed || refused ? undefined : bytes)
      tally[refused ? 'refused' : answer.length > 0 ? 'answered' : 'silent']++
    } catch (error) {
      throw new Error(told('throws'), { cause: error })
    }
    if (performance.now() - began > 2000) throw new Error(told('hangs'))
    const [heard, expected] = [world.heard(), twin.heard()]
    if (heard.join('').length > 0) tally.heard++
    if (heard.join() !== expected.join()) expect(heard, told('is noticed')).toEqual(expected)
    if (i % 100 !== 0) continue
    for (const [n, other] of world.others.entries()) {
      const asked = echo(n === 0 ? 6 : 1)
      other.say(asked)
      expect(hex(other.hear()), told('leaves others unanswered')).toBe(hex(Uint8Array.from(asked).fill(3, 1, 2)))
    }
  }
  world.close()
  twin.close()
}

test(`${cases} messages, seed ${seed}`, { timeout: 60_000 + cases * 2 }, () => {
  const random = seeded(seed)
  live(random, Math.min(cases, lifetime))
  const before = collect()
  for (let done = lifetime; done < cases; done += lifetime) live(random, Math.min(lifetime, cases - done))
  expect(collect() - before).toBeLessThan(64 * 2 ** 20)
  // The test has to reach what it is for.
  const { answered, silent, heard } = tally
  for (const count of [answered, silent, heard]) expect(count).toBeGreaterThan(cases / 50)
})
