/** The words behind a class's kind. */
import type { HfscClassOptions, HtbClassOptions, ServiceCurve } from '../../../../host/index.ts'
import { hfscClassUsage, htbUsage } from './usage.ts'
import { countOf, rateOf, sizeOf, TcError, timeOf, type Words } from './words.ts'

/** What a class of HTB is by its words; `quantum` undefined: by its rate. */
export type HtbWords = Omit<HtbClassOptions, 'quantum'> & { quantum: number | undefined }

/** What a bucket holds at least: one frame. */
const leastBurst = 1600

export const readHtbClass = (words: Words): HtbWords => {
  const got: { rate?: number; ceil?: number; burst?: number; cburst?: number; quantum?: number } = {}
  let priority = 0
  const value = (reader: (text: string) => number | undefined, name: string): number => {
    const read = reader(words.value())
    if (read === undefined) throw new TcError(`Illegal "${name}"\n${htbUsage}`)
    return read
  }
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word === 'rate') got.rate = value(rateOf, word)
    else if (word === 'ceil') got.ceil = value(rateOf, word)
    else if (['burst', 'buffer', 'maxburst'].includes(word)) got.burst = value(sizeOf, 'burst')
    else if (['cburst', 'cbuffer', 'cmaxburst'].includes(word)) got.cburst = value(sizeOf, 'cburst')
    else if (word === 'prio') priority = value(countOf, word)
    else if (word === 'quantum') got.quantum = value(countOf, word)
    else if (['mtu', 'mpu', 'overhead'].includes(word)) value(countOf, word)
    else throw new TcError(`What is "${word}"?\n${htbUsage}`)
  }
  const { rate } = got
  if (!rate) throw new TcError('"rate" is required.')
  const ceil = got.ceil || rate
  return {
    rate,
    ceil,
    burst: got.burst || leastBurst,
    cburst: got.cburst || leastBurst,
    priority,
    quantum: got.quantum,
  }
}

const curveNames = { rt: ['realTime'], ls: ['share'], sc: ['realTime', 'share'], ul: ['limit'] } as const

export const readHfscClass = (words: Words): HfscClassOptions => {
  const options: HfscClassOptions = { realTime: undefined, share: undefined, limit: undefined }
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (!Object.hasOwn(curveNames, word)) throw new TcError(`HFSC: What is "${word}" ?\n${hfscClassUsage}`)
    const curve = readCurve(words, word)
    for (const name of curveNames[word as keyof typeof curveNames]) options[name] = curve
  }
  const { realTime, share, limit } = options
  if (realTime === undefined && share === undefined && limit === undefined)
    throw new TcError(`HFSC: no parameters given\n${hfscClassUsage}`)
  if (limit !== undefined && share === undefined)
    throw new TcError(`HFSC: Upper-limit Service Curve without Link-Share Service Curve\n${hfscClassUsage}`)
  return options
}

/** `m1 BPS d TIME m2 BPS`, or `umax BYTES dmax TIME rate BPS`. */
const readCurve = (words: Words, name: string): ServiceCurve => {
  const value = (reader: (text: string) => number | undefined, word: string): number => {
    const read = reader(words.value())
    if (read === undefined) throw new TcError(`HFSC: Illegal "${word}"\nHFSC: Illegal "${name}"`)
    return read
  }
  const got: Record<string, number> = {}
  const readers: Readonly<Record<string, (text: string) => number | undefined>> = {
    ...{ m1: rateOf, d: timeOf, m2: rateOf },
    ...{ umax: sizeOf, dmax: timeOf, rate: rateOf },
  }
  for (let word = words.peek; word !== undefined && Object.hasOwn(readers, word); word = words.peek) {
    words.take()
    got[word] = value(readers[word] as (text: string) => number | undefined, word)
  }
  const later = got.m2 ?? got.rate
  if (later === undefined && got.m1 === undefined) throw new TcError(`HFSC: Illegal "${name}"`)
  const { umax, dmax } = got
  // So much work in so much time: faster at first if that is more than the rate, or else nothing until it must be.
  if (umax !== undefined && dmax !== undefined && later !== undefined) {
    const steep = (umax * 1e9) / dmax
    return steep > later
      ? { first: steep, duration: dmax, later }
      : { first: 0, duration: Math.max(0, dmax - (umax * 1e9) / later), later }
  }
  return { first: got.m1 ?? 0, duration: got.d ?? dmax ?? 0, later: later ?? 0 }
}
