/** The words behind a discipline's name. Each reads them all, and gives what makes one, or changes one of the same kind. */
import {
  Fifo,
  followOf,
  type Handle,
  Hfsc,
  Htb,
  Netem,
  PfifoFast,
  type Qdisc,
  Red,
  type RedOptions,
  Tbf,
} from '../../../../host/index.ts'
import type { Random } from '../../../../runtime/index.ts'
import { readNetem } from './read-netem.ts'
import { fifoUsage, hfscUsage, htbUsage, redUsage, tbfUsage } from './usage.ts'
import { countOf, rateOf, sizeOf, TcError, timeOf, type Words } from './words.ts'

/** What a discipline is made with, beside its words. */
export type Making = { handle: Handle; now: number; random: Random; queueLength: number; mtu: number }
/** `change` is for one of the same kind; false if its kind cannot be changed. Lines for stderr are in `notes`. */
export type ReadQdisc = { make(making: Making): Qdisc; change(qdisc: Qdisc, making: Making): boolean; notes: string[] }

const whatIs = (word: string, usage: string): TcError => new TcError(`What is "${word}"?\n${usage}`)

const value = <T>(words: Words, read: (text: string) => T | undefined, wrong: (text: string) => string): T => {
  const text = words.value()
  const got = read(text)
  if (got === undefined) throw new TcError(wrong(text))
  return got
}

const readFifo =
  (kind: 'pfifo' | 'bfifo') =>
  (words: Words): ReadQdisc => {
    let limit: number | undefined
    for (let word = words.take(); word !== undefined; word = words.take()) {
      if (word !== 'limit') throw new TcError(`${kind}: unknown parameter "${word}"\n${fifoUsage}`)
      limit = value(words, kind === 'pfifo' ? countOf : sizeOf, text => `${kind}: Illegal value for "limit": "${text}"`)
    }
    const limitOf = ({ queueLength, mtu }: Making): number =>
      limit ?? (kind === 'pfifo' ? queueLength : queueLength * (mtu + 14))
    return {
      notes: [],
      make: making => new Fifo(kind, making.handle, limitOf(making)),
      change(qdisc, making) {
        if (!(qdisc instanceof Fifo)) return false
        qdisc.limit = limitOf(making)
        return true
      },
    }
  }

const readPfifoFast = (words: Words): ReadQdisc => {
  const word = words.take()
  if (word !== undefined) throw new TcError(`Unknown qdisc "pfifo_fast", hence option "${word}" is unparsable`)
  return {
    notes: [],
    make: ({ handle, queueLength }) => new PfifoFast(handle, queueLength),
    change: () => true,
  }
}

const readTbf = (words: Words): ReadQdisc => {
  const got: { rate?: number; burst?: number; limit?: number; latency?: number; peak?: number; mtu?: number } = {}
  const illegal = (name: string) => (text: string) => `tbf: illegal value for "${name}": "${text}"`
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word === 'rate') got.rate = value(words, rateOf, illegal(word))
    else if (word === 'limit') got.limit = value(words, sizeOf, illegal(word))
    else if (word === 'latency') got.latency = value(words, timeOf, illegal(word))
    else if (['burst', 'buffer', 'maxburst'].includes(word)) got.burst = value(words, sizeOf, illegal(word))
    else if (['mtu', 'minburst'].includes(word)) got.mtu = value(words, sizeOf, illegal(word))
    else if (word === 'peakrate') got.peak = value(words, rateOf, illegal(word))
    else throw new TcError(`tbf: unknown parameter "${word}"\n${tbfUsage}`)
  }
  const { rate, burst, latency, peak, mtu } = got
  const missing = [
    ...(rate ? [] : ['tbf: the "rate" parameter is mandatory.']),
    ...(burst ? [] : ['tbf: the "burst" parameter is mandatory.']),
    ...(peak === undefined || mtu ? [] : ['tbf: when "peakrate" is specified, "mtu" must also be specified.']),
    ...(got.limit === undefined && latency === undefined ? ['tbf: either "limit" or "latency" is required.'] : []),
  ]
  if (missing.length > 0 || !rate || !burst) throw new TcError(`${missing.join('\n')}\n${tbfUsage}`)
  const slowed = (each: number, bytes: number): number => Math.floor((each * (latency ?? 0)) / 1e9 + bytes)
  const limit = got.limit ?? Math.min(slowed(rate, burst), peak === undefined ? Infinity : slowed(peak, mtu ?? 0))
  const options = { rate, burst, limit, ...(peak === undefined ? {} : { peak: { rate: peak, mtu: mtu ?? 0 } }) }
  return {
    notes: [],
    make: ({ handle, now }) => new Tbf(handle, options, now),
    change(qdisc, { now }) {
      if (!(qdisc instanceof Tbf)) return false
      qdisc.change(options, now)
      return true
    },
  }
}

const hexCount = (text: string): number | undefined =>
  /^(0x)?[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) & 0xffff : undefined

const readHtb = (words: Words): ReadQdisc => {
  const got = { defaultClass: 0, r2q: 10, directLimit: undefined as number | undefined }
  for (let word = words.take(); word !== undefined; word = words.take()) {
    const illegal = (name: string) => () => `Illegal "${name}"\n${htbUsage}`
    if (word === 'default') got.defaultClass = value(words, hexCount, illegal(word))
    else if (word === 'r2q') got.r2q = value(words, countOf, illegal(word))
    else if (word === 'direct_qlen') got.directLimit = value(words, countOf, illegal(word))
    else throw whatIs(word, htbUsage)
  }
  const optionsOf = ({ queueLength }: Making) => ({ ...got, directLimit: got.directLimit ?? queueLength })
  return {
    notes: [],
    make: making => new Htb(making.handle, optionsOf(making)),
    change: () => false,
  }
}

const readHfsc = (words: Words): ReadQdisc => {
  let defaultClass = 0
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word !== 'default') throw new TcError(`HFSC: What is "${word}" ?\n${hfscUsage}`)
    defaultClass = value(words, hexCount, () => 'HFSC: Illegal "default"')
  }
  return {
    notes: [],
    make: ({ handle, queueLength }) => new Hfsc(handle, defaultClass, queueLength),
    change(qdisc) {
      if (!(qdisc instanceof Hfsc)) return false
      qdisc.defaultClass = defaultClass
      return true
    },
  }
}

const readRed = (words: Words): ReadQdisc => {
  const got: Partial<RedOptions> & { ecn: boolean; hardDrop: boolean } = { ecn: false, hardDrop: false }
  const illegal = (name: string) => () => `Illegal "${name}"`
  const sizes = { limit: 'limit', min: 'min', max: 'max', avpkt: 'average' } as const
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word in sizes) got[sizes[word as keyof typeof sizes]] = value(words, sizeOf, illegal(word))
    else if (word === 'burst') got.burst = value(words, countOf, illegal(word))
    else if (word === 'probability')
      got.probability = value(words, text => (/^[0-9.]+$/.test(text) ? Number(text) : undefined), illegal(word))
    else if (word === 'bandwidth') got.bandwidth = value(words, rateOf, illegal(word))
    else if (word === 'ecn') got.ecn = true
    else if (word === 'harddrop') got.hardDrop = true
    else throw whatIs(word, redUsage)
  }
  const { limit, average } = got
  if (!limit || !average) throw new TcError('RED: Required parameter (limit, avpkt) is missing')
  const notes = got.bandwidth === undefined ? ['RED: set bandwidth to 10Mbit'] : []
  const max = got.max || Math.floor(got.min ? got.min * 3 : limit / 4)
  const min = got.min || Math.floor(max / 3)
  const burst = got.burst || Math.floor((2 * min + max) / (3 * average))
  const options = { probability: 0.02, bandwidth: 1_250_000, ...got, limit, average, min, max, burst }
  if (max > limit) throw new TcError([...notes, '"max" is larger than "limit".'].join('\n'))
  if (followOf(options) === undefined) {
    const tooSmall = `tc_red_eval_ewma() burst ${burst} is too small ? Try burst ${Math.floor(1 + min / average)}`
    throw new TcError([...notes, tooSmall, 'RED: failed to calculate EWMA constant.'].join('\n'))
  }
  return {
    notes,
    make: ({ handle, random }) => new Red(handle, options, random),
    change(qdisc) {
      if (!(qdisc instanceof Red)) return false
      qdisc.change(options)
      return true
    },
  }
}

const netem = (words: Words): ReadQdisc => {
  const options = readNetem(words)
  return {
    notes: [],
    make: ({ handle, random }) => new Netem(handle, options, random),
    change(qdisc) {
      if (!(qdisc instanceof Netem)) return false
      qdisc.change(options)
      return true
    },
  }
}

/** Disciplines by name. */
export const qdiscKinds: Readonly<Record<string, (words: Words) => ReadQdisc>> = {
  pfifo: readFifo('pfifo'),
  bfifo: readFifo('bfifo'),
  pfifo_fast: readPfifoFast,
  tbf: readTbf,
  htb: readHtb,
  hfsc: readHfsc,
  netem,
  red: readRed,
}
