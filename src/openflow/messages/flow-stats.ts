/** OFPST_FLOW and NXST_FLOW replies: flows with their statistics. This is what `dump-flows` waits for: keep it fast. */

import { plain } from '../../flow/paint.ts'
import { preconditionOf } from '../action-check.ts'
import type { Precondition } from '../action-version.ts'
import { nicira } from '../actions/codec.ts'
import type { Reader, Writer } from '../bytes.ts'
import { readCount, readDuration, writeCount, writeDuration } from '../counter.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { formatFlow, putFlow } from '../flow-stats-text.ts'
import { asSuch, asText, type FlowTaker } from '../flow-taker.ts'
import { FlowTexts } from '../flow-texts.ts'
import { encodeMatch, oxmMatch } from '../match-wire.ts'
import type { FlowStats } from '../message.ts'
import { emptyOxs, putOxs, takeOxs } from '../oxs.ts'
import type { Version } from '../protocol.ts'
import { WrittenLists } from '../written-lists.ts'
import { WrittenMatches } from '../written-matches.ts'
import type { DecodeContext, MessageCodec, PrintOptions } from './codec.ts'
import { listBody, statsForm, takeList, vendorStatsForm } from './stats.ts'

const standard = statsForm('FLOW', 'reply', 1, 1)
const extended = vendorStatsForm('NXST_FLOW', 'reply', nicira, 0, 1, 1)

/** ofp10_flow_stats; ofp11_flow_stats and nx_flow_stats, ofp15_flow_desc without the match. */
const size10 = 88
const size11 = 48
const size15 = 24
const second = 1e9

const entrySize = (version: Version, nxm: boolean): number =>
  version === 1 && !nxm ? size10 : version === 6 ? size15 : size11

/** OFPFF_*: bits of the flags that a flow has, of which 1.3 and later tell. */
const Flag = { sendFlowRemoved: 1, checkOverlap: 2, resetCounts: 4, noPacketCounts: 8, noByteCounts: 16 } as const
const allFlags = 0x1f

const flagBits = (flow: FlowStats): number =>
  (flow.sendFlowRemoved ? Flag.sendFlowRemoved : 0) |
  (flow.checkOverlap ? Flag.checkOverlap : 0) |
  (flow.resetCounts ? Flag.resetCounts : 0) |
  (flow.noPacketCounts ? Flag.noPacketCounts : 0) |
  (flow.noByteCounts ? Flag.noByteCounts : 0)

type Flags = Pick<FlowStats, keyof typeof Flag>
const flagsOf = (bits: number): Flags => ({
  sendFlowRemoved: (bits & Flag.sendFlowRemoved) !== 0,
  checkOverlap: (bits & Flag.checkOverlap) !== 0,
  resetCounts: (bits & Flag.resetCounts) !== 0,
  noPacketCounts: (bits & Flag.noPacketCounts) !== 0,
  noByteCounts: (bits & Flag.noByteCounts) !== 0,
})

const complain = (context: DecodeContext, what: string): void => context.warn('ofp_flow', `OFPST_FLOW reply ${what}`)

/** A flow with what was taken of its match and its actions. */
type Taken<M, A> = Omit<FlowStats, 'match' | 'actions'> & { match: M; actions: A }

const takeFlow = <M, A>(bytes: Reader, context: DecodeContext, taker: FlowTaker<M, A>): Decoded<Taken<M, A>> => {
  const { version, form } = context
  const nxm = form.experimenter !== undefined
  const { left } = bytes
  const length = left < 2 ? 0 : (bytes.bytes[bytes.at]! << 8) | bytes.bytes[bytes.at + 1]!
  const size = entrySize(version, nxm)
  if (left < size) {
    complain(context, `has ${left} leftover bytes at end`)
    return refused('OFPBRC_BAD_LEN')
  }
  if (length < size) {
    complain(context, `claims invalid length ${length}`)
    return refused('OFPBRC_BAD_LEN')
  }
  // A match is read as long as it says it is; what then is left of the flow's own length are its actions.
  const end = bytes.at + length
  bytes.skip(2)
  if (nxm) return takeNx(bytes, end, context, taker)
  return version === 1
    ? take10(bytes, end, context, taker)
    : version < 6
      ? take11(bytes, end, context, taker)
      : take15(bytes, end, context, taker)
}

/** The actions or instructions that reach to the end of a flow. */
const takeActions = <A>(
  bytes: Reader,
  end: number,
  context: DecodeContext,
  taker: FlowTaker<unknown, A>,
): Decoded<A> => {
  const list = end < bytes.at ? undefined : bytes.part(end - bytes.at)
  const actions =
    list === undefined
      ? refused(context.version === 1 ? 'OFPBRC_BAD_LEN' : 'OFPBIC_BAD_LEN')
      : taker.actions(list, context)
  if (!actions.ok) complain(context, 'bad instructions')
  return actions
}

const take10 = <M, A>(
  entry: Reader,
  end: number,
  context: DecodeContext,
  taker: FlowTaker<M, A>,
): Decoded<Taken<M, A>> => {
  const table = entry.u8()
  entry.skip(1)
  const match = taker.standard(entry, context)
  if (!match.ok) return match
  const duration = readDuration(entry)
  const [priority, idleTimeout, hardTimeout] = [entry.u16(), entry.u16(), entry.u16()]
  entry.skip(6)
  const cookie = entry.u64()
  const [packets, bytes] = [readCount(entry), readCount(entry)]
  const actions = takeActions(entry, end, context, taker)
  if (!actions.ok) return actions
  return decoded({
    table,
    priority,
    match: match.value,
    cookie,
    duration,
    idleTimeout,
    hardTimeout,
    idleAge: undefined,
    hardAge: undefined,
    importance: 0,
    ...flagsOf(0),
    packets,
    bytes,
    actions: actions.value,
  })
}

/** Seconds of an age, which stands on the wire one higher, so that 0 is not said. */
const ageOf = (age: number): number | undefined => (age === 0 ? undefined : age - 1)

const takeNx = <M, A>(
  entry: Reader,
  end: number,
  context: DecodeContext,
  taker: FlowTaker<M, A>,
): Decoded<Taken<M, A>> => {
  const table = entry.u8()
  entry.skip(1)
  const duration = readDuration(entry)
  const [priority, idleTimeout, hardTimeout, matchLength] = [entry.u16(), entry.u16(), entry.u16(), entry.u16()]
  const idleAge = ageOf(entry.u16())
  const hardAge = ageOf(entry.u16())
  const cookie = entry.u64()
  const [packets, bytes] = [readCount(entry), readCount(entry)]
  if (matchLength > end - entry.at) {
    context.warn(
      'ofp_flow',
      `NXST_FLOW reply with match_len=${matchLength} claims invalid length ${end - entry.at + size11}`,
    )
    return refused('OFPBRC_BAD_LEN')
  }
  const match = taker.nx(entry, matchLength, context)
  if (!match.ok) return match
  const actions = takeActions(entry, end, context, taker)
  if (!actions.ok) return actions
  return decoded({
    table,
    priority,
    match: match.value,
    cookie,
    duration,
    idleTimeout,
    hardTimeout,
    idleAge,
    hardAge,
    importance: 0,
    ...flagsOf(0),
    packets,
    bytes,
    actions: actions.value,
  })
}

const take11 = <M, A>(
  entry: Reader,
  end: number,
  context: DecodeContext,
  taker: FlowTaker<M, A>,
): Decoded<Taken<M, A>> => {
  const { version } = context
  const table = entry.u8()
  entry.skip(1)
  const duration = readDuration(entry)
  const [priority, idleTimeout, hardTimeout] = [entry.u16(), entry.u16(), entry.u16()]
  const flags = entry.u16()
  const importance = entry.u16()
  entry.skip(2)
  const cookie = entry.u64()
  const [packets, bytes] = [readCount(entry), readCount(entry)]
  const match = taker.standard(entry, context)
  if (!match.ok) {
    complain(context, 'bad match')
    return match
  }
  if (version >= 4 && flags > allFlags) return refused('OFPFMFC_BAD_FLAGS')
  const actions = takeActions(entry, end, context, taker)
  if (!actions.ok) return actions
  return decoded({
    table,
    priority,
    match: match.value,
    cookie,
    duration,
    idleTimeout,
    hardTimeout,
    idleAge: undefined,
    hardAge: undefined,
    importance: version >= 5 ? importance : 0,
    ...flagsOf(version >= 4 ? flags : 0),
    packets,
    bytes,
    actions: actions.value,
  })
}

const take15 = <M, A>(
  entry: Reader,
  end: number,
  context: DecodeContext,
  taker: FlowTaker<M, A>,
): Decoded<Taken<M, A>> => {
  entry.skip(2)
  const table = entry.u8()
  entry.skip(1)
  const [priority, idleTimeout, hardTimeout] = [entry.u16(), entry.u16(), entry.u16()]
  const [flags, importance] = [entry.u16(), entry.u16()]
  const cookie = entry.u64()
  const match = taker.standard(entry, context)
  if (!match.ok) {
    complain(context, 'bad match')
    return match
  }
  const oxs = takeOxs(entry)
  if (oxs === undefined) {
    complain(context, 'bad stats')
    return refused('OFPBMC_BAD_LEN')
  }
  if (flags > allFlags) return refused('OFPFMFC_BAD_FLAGS')
  const actions = takeActions(entry, end, context, taker)
  if (!actions.ok) return actions
  return decoded({
    table,
    priority,
    match: match.value,
    cookie,
    duration: oxs.duration,
    idleTimeout,
    hardTimeout,
    idleAge: oxs.idle === undefined ? undefined : Math.floor(oxs.idle / second),
    hardAge: undefined,
    importance,
    ...flagsOf(flags),
    packets: oxs.packets,
    bytes: oxs.bytes,
    actions: actions.value,
  })
}

/** A flow to be told. Those with the same `alike` have the same mask. */
export type ToldFlow = FlowStats & { alike?: object | undefined }

/** Writes the flows of a reply. */
export class FlowsWriter {
  private readonly version: Version
  private readonly nxm: boolean
  private readonly lists: WrittenLists
  private readonly matches: WrittenMatches

  constructor(version: Version, nxm: boolean) {
    this.version = version
    this.nxm = nxm
    this.lists = new WrittenLists(version)
    this.matches = new WrittenMatches(nxm ? 0 : version)
  }

  /** Writes a flow, begun by its length. */
  write(flow: ToldFlow, out: Writer): void {
    const { version, matches } = this
    const start = out.at
    out.u16(0)
    const before =
      version === 6
        ? put15(flow, out, matches)
        : version > 1
          ? put11(flow, out, version, matches)
          : this.nxm
            ? putNx(flow, out, matches)
            : put10(flow, out)
    this.lists.write(out, flow.actions, before)
    out.put16(start, out.at - start)
  }
}

/** Writes a match as a version itself has it. */
const putMatch = (flow: ToldFlow, out: Writer, version: Version, matches: WrittenMatches): Precondition => {
  if (version < 3) {
    encodeMatch(out, flow.match, version)
    return preconditionOf(flow.match)
  }
  const start = out.at
  out.u16(oxmMatch)
  out.u16(0)
  const { length, before } = matches.put(out, flow.match, flow.alike)
  out.put16(start + 2, length + 4)
  out.align(8, start)
  return before
}

const putCounts = (flow: FlowStats, out: Writer): void => {
  out.u64(flow.cookie)
  writeCount(flow.packets, out)
  writeCount(flow.bytes, out)
}

const putTimes = (flow: FlowStats, out: Writer): void => {
  out.u16(flow.priority)
  out.u16(flow.idleTimeout)
  out.u16(flow.hardTimeout)
}

const put10 = (flow: FlowStats, out: Writer): Precondition => {
  out.u8(flow.table)
  out.u8(0)
  encodeMatch(out, flow.match, 1)
  writeDuration(flow.duration, out)
  putTimes(flow, out)
  out.zeros(6)
  putCounts(flow, out)
  return preconditionOf(flow.match)
}

const ageOnWire = (age: number | undefined): number => (age === undefined ? 0 : Math.min(age + 1, 0xffff))

const putNx = (flow: ToldFlow, out: Writer, matches: WrittenMatches): Precondition => {
  out.u8(flow.table)
  out.u8(0)
  writeDuration(flow.duration, out)
  putTimes(flow, out)
  const at = out.at
  out.u16(0)
  out.u16(ageOnWire(flow.idleAge))
  out.u16(ageOnWire(flow.hardAge))
  putCounts(flow, out)
  const start = out.at
  const { length, before } = matches.put(out, flow.match, flow.alike)
  out.align(8, start)
  out.put16(at, length)
  return before
}

const put11 = (flow: ToldFlow, out: Writer, version: Version, matches: WrittenMatches): Precondition => {
  out.u8(flow.table)
  out.u8(0)
  writeDuration(flow.duration, out)
  putTimes(flow, out)
  out.u16(version >= 4 ? flagBits(flow) : 0)
  out.u16(version >= 5 ? flow.importance : 0)
  out.u16(0)
  putCounts(flow, out)
  return putMatch(flow, out, version, matches)
}

const put15 = (flow: ToldFlow, out: Writer, matches: WrittenMatches): Precondition => {
  out.u16(0)
  out.u8(flow.table)
  out.u8(0)
  putTimes(flow, out)
  out.u16(flagBits(flow))
  out.u16(flow.importance)
  out.u64(flow.cookie)
  const before = putMatch(flow, out, 6, matches)
  const idle = flow.idleAge === undefined ? undefined : flow.idleAge * second
  putOxs({ ...emptyOxs, duration: flow.duration, idle, packets: flow.packets, bytes: flow.bytes }, out)
  return before
}

export const flowReply: MessageCodec<'flow_reply'> = {
  type: 'flow_reply',
  forms: [standard, extended],
  choose: (_, { version, nxm }) => (version === 1 && nxm ? extended : standard),
  encode({ flows }, out, { version, form }) {
    const writer = new FlowsWriter(version, form.experimenter !== undefined)
    for (const flow of flows) writer.write(flow, out)
  },
  decode(bytes, context) {
    const read = takeList(bytes, reader => takeFlow(reader, context, asSuch))
    return listBody({ type: 'flow_reply', flows: read.items }, read)
  },
  print({ flows }, options) {
    const format = { stats: options.stats, texts: textsOf(options) }
    return `\n${flows.map(flow => ` ${formatFlow(flow, format)}\n`).join('')}`
  },
  printRead(out, bytes, context, options) {
    const texts = textsOf(options)
    const format = { stats: options.stats, texts }
    const taker = asText(texts)
    const start = out.at
    out.text('\n')
    while (bytes.left > 0) {
      const flow = takeFlow(bytes, context, taker)
      if (!flow.ok) {
        if (out.at === start + 1) out.at = start
        return flow.error
      }
      out.text(' ')
      putFlow(out, flow.value, flow.value.match, flow.value.actions, format)
      out.text('\n')
    }
    return undefined
  },
}

/** Texts of the last reply's flows: a dump is many replies, with the same names. */
let lastTexts = new FlowTexts()
const textsOf = ({ ports, tables, paint = plain }: PrintOptions): FlowTexts => {
  const isSame = lastTexts.ports === ports && lastTexts.tables === tables && lastTexts.paint === paint
  if (!isSame) lastTexts = new FlowTexts(ports, tables, paint)
  return lastTexts
}
