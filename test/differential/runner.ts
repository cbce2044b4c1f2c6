import { type Category, categories } from './actions.ts'
import { type Aspect, differences, renumber } from './compare.ts'
import { knownName } from './known.ts'
import { bridgeNames } from './network.ts'
import { barrierXid, changesOf, type Unsaid } from './openflow-bytes.ts'
import { startOurs } from './ours.ts'
import type { Asked } from './packets.ts'
import { closed, startReal } from './real.ts'

export { closed }

import { packetsPerRound, randomRound, type Tables } from './round.ts'
import type { Side } from './side.ts'

/** Both switches, with the same bridges and ports. */
export type Pair = { theirs: Side; ours: Side }

export const startPair = async (): Promise<Pair> => {
  const theirs = await startReal()
  return { theirs, ours: startOurs(theirs.portNumbers) }
}

/** The real one fails an assertion now and then. Both are started anew, so that they know of the same controllers. */
export const revive = async (pair: Pair): Promise<void> => {
  await closePair(pair)
  Object.assign(pair, await startPair())
}

export const closePair = async ({ theirs, ours }: Pair): Promise<void> => {
  await theirs.close()
  await ours.close()
}

/** A flow or group that one side takes and the other refuses, or for another reason; undefined: taken. */
export type Refusal = { line: string; theirs: string | undefined; ours: string | undefined }

export type Disagreement = {
  category: Category
  seed: number
  round: number
  tables: Tables
  asked: Asked
  aspects: Aspect[]
  theirs: string
  ours: string
}

/** How long what was deleted may need to be gone, ms; and when all else that runs here takes its time. */
const shortWait = 20
const longWait = 300

/** Fills the tables on both sides. What they did not agree upon is left out of both. */
export const fill = async (
  pair: Pair,
  tables: Tables,
  wait = shortWait,
): Promise<{ refusals: Refusal[]; unsaid: Unsaid[]; taken: string[] }> => {
  const refusals: Refusal[] = []
  const unsaid: Unsaid[] = []
  const taken: string[] = []
  pair.theirs.configure(tables.settings)
  pair.ours.configure(tables.settings)
  await pair.theirs.forget()
  await pair.ours.forget()
  const wanted = [...bridgeNames.keys()].map(bridge => changesOf(tables, bridge))
  // What was there goes first, and really: until then the real classifier keeps its subtables, in an order of their own.
  for (const [bridge, { changes }] of wanted.entries()) {
    const deletions = changes.filter(({ line }) => line === undefined)
    await Promise.all([
      pair.theirs.change(bridge, tables.version, deletions),
      pair.ours.change(bridge, tables.version, deletions),
    ])
  }
  await pair.theirs.settle(wait)
  for (const [bridge, made] of wanted.entries()) {
    unsaid.push(...made.unsaid)
    const additions = made.changes.filter(({ xid, line }) => line !== undefined || xid === barrierXid)
    const [theirs, ours] = await Promise.all([
      pair.theirs.change(bridge, tables.version, additions),
      pair.ours.change(bridge, tables.version, additions),
    ])
    for (const { xid, line } of additions) {
      if (line === undefined) continue
      if (theirs.get(xid) !== ours.get(xid))
        refusals.push({ line: `${tables.version} ${line}`, theirs: theirs.get(xid), ours: ours.get(xid) })
      else if (!theirs.has(xid)) taken.push(line)
    }
  }
  await pair.theirs.settle(wait)
  return { refusals, unsaid, taken }
}

export type Compared = { theirs: string; ours: string; aspects: Aspect[] }

/** One packet through the tables that are there. */
export const compareOne = async (pair: Pair, asked: Asked): Promise<Compared> => {
  const [theirs, ours] = await Promise.all([pair.theirs.trace(asked), pair.ours.trace(asked)])
  return { theirs, ours, aspects: differences(theirs, ours) }
}

export type Tally = { cases: number; agreed: number; by: Map<Aspect, number> }
export type Result = {
  cases: number
  lines: number
  tally: Map<Category, Tally>
  /** Of each action: cases whose trace has it, and those of them that agreed. */
  actions: Map<string, { cases: number; agreed: number }>
  /** How many disagreements there are that docs/differences.md does not list, and of those that it lists by name. */
  news: number
  listed: Map<string, number>
  /** The first that are not listed of each kind, whole. */
  disagreements: Disagreement[]
  refusals: Refusal[]
  unsaid: Unsaid[]
  /** Disagreements that were none when their round was run again, from empty tables: the real switch was not ready. */
  fleeting: number
  /** Cases that the real switch did not survive. */
  crashes: { round: number; tables: Tables; asked: Asked }[]
}

export const newResult = (): Result => ({
  cases: 0,
  lines: 0,
  tally: new Map(),
  actions: new Map(),
  news: 0,
  listed: new Map(),
  disagreements: [],
  refusals: [],
  unsaid: [],
  fleeting: 0,
  crashes: [],
})

/** Actions that a trace shows, by name. */
const actionsIn = (trace: string): Set<string> =>
  new Set([...trace.matchAll(/^ +([a-zA-Z_]+)(?=[:(]|$)/gm)].map(([, name]) => name as string))

export type RunOptions = {
  seed: number
  cases: number
  /** Rounds that this run does: every `step`th from `first` on. */
  first?: number
  step?: number
  /** Only these rounds, all of each, whatever `cases` says. */
  rounds?: readonly number[] | undefined
  categories?: readonly Category[]
  progress?: (result: Result) => void
}

/** Disagreements of one kind, which are alike in what differs. */
export const kindOf = ({ category, aspects }: Disagreement): string => `${category} ${aspects.join()}`

/** So many of a kind are kept, and so many in all: tables and traces are long. */
const keptOfKind = 2
const keptInAll = 100

/** Counts a disagreement, and keeps it if there are few like it. */
export const note = (result: Result, found: Disagreement): void => {
  const name = knownName(found)
  if (name !== undefined) {
    result.listed.set(name, (result.listed.get(name) ?? 0) + 1)
    return
  }
  result.news++
  keep(result.disagreements, found)
}

/** Adds one to those that are kept, unless there are enough. */
export const keep = (kept: Disagreement[], found: Disagreement): void => {
  const kind = kindOf(found)
  const alike = kept.filter(other => kindOf(other) === kind).length
  if (alike < keptOfKind && kept.length < keptInAll) kept.push(found)
}

/** Runs so many cases and counts. */
export const run = async (pair: Pair, options: RunOptions, result: Result = newResult()): Promise<Result> => {
  const { seed, cases, first = 0, step = 1, rounds, categories: wanted = categories, progress } = options
  const last = rounds?.length ?? Math.ceil(cases / packetsPerRound)
  for (let i = first; i < last; i += step) {
    const number = rounds?.[i] ?? i
    const round = randomRound(seed, number, wanted)
    const packets = rounds === undefined ? round.packets.slice(0, cases - number * packetsPerRound) : round.packets
    const filled = await fillAlive(pair, round.tables)
    result.refusals.push(...filled.refusals)
    result.unsaid.push(...filled.unsaid)
    result.lines += filled.taken.length
    const found = (await compareAll(pair, round.tables, packets)).map(
      (one, i): Disagreement => ({
        category: round.category,
        seed,
        round: number,
        tables: round.tables,
        asked: packets[i] as Asked,
        ...one,
      }),
    )
    for (const one of await confirm(pair, found, result)) {
      if (one.theirs === closed) result.crashes.push({ round: number, tables: one.tables, asked: one.asked })
      else {
        count(result, one)
        if (one.aspects.length > 0) note(result, one)
      }
    }
    progress?.(result)
  }
  return result
}

/**
 * A round in which something disagrees is run once more, from empty tables and with time for the real switch to see them so.
 * Ours says the same again, so what is its fault disagrees again; what agrees now is counted as fleeting, and as agreed.
 */
const confirm = async (pair: Pair, found: Disagreement[], result: Result): Promise<Disagreement[]> => {
  const isNews = (one: Disagreement): boolean =>
    one.aspects.length > 0 && one.theirs !== closed && knownName(one) === undefined
  const [first] = found
  if (first === undefined || !found.some(isNews)) return found
  await fillAlive(pair, first.tables, longWait)
  const again = await compareAll(
    pair,
    first.tables,
    found.map(({ asked }) => asked),
  )
  return found.map((one, i) => {
    const second = again[i] as Compared
    if (!isNews(one) || second.aspects.length > 0 || renumber(one.ours) !== renumber(second.ours)) return one
    result.fleeting++
    return { ...one, ...second }
  })
}

/** How many real switches may end, one after the other, before one takes the tables. */
const mostLives = 4

/** As `fill`, in a new switch if the real one ended meanwhile. */
export const fillAlive = async (pair: Pair, tables: Tables, wait = shortWait): ReturnType<typeof fill> => {
  for (let left = mostLives; ; left--) {
    try {
      return await fill(pair, tables, wait)
    } catch (error) {
      if (left === 0) throw error
      await revive(pair)
    }
  }
}

/** All packets of a round. Behind one that the real switch did not survive, the others go to a new one. */
const compareAll = async (pair: Pair, tables: Tables, packets: readonly Asked[]): Promise<Compared[]> => {
  const compared = await Promise.all(packets.map(asked => compareOne(pair, asked)))
  const at = compared.findIndex(({ theirs }) => theirs === closed)
  if (at < 0) return compared
  await revive(pair)
  await fillAlive(pair, tables)
  return [...compared.slice(0, at + 1), ...(await compareAll(pair, tables, packets.slice(at + 1)))]
}

const count = (result: Result, { category, theirs, aspects }: Disagreement): void => {
  const agreed = aspects.length === 0 ? 1 : 0
  const tally = result.tally.get(category) ?? { cases: 0, agreed: 0, by: new Map<Aspect, number>() }
  result.tally.set(category, tally)
  result.cases++
  tally.cases++
  tally.agreed += agreed
  for (const aspect of aspects) tally.by.set(aspect, (tally.by.get(aspect) ?? 0) + 1)
  for (const name of actionsIn(theirs)) {
    const action = result.actions.get(name) ?? { cases: 0, agreed: 0 }
    result.actions.set(name, { cases: action.cases + 1, agreed: action.agreed + agreed })
  }
}
