/** The words of netem: tc-netem(8). */
import {
  type Distribution,
  distributions,
  type Likelihood,
  type NetemOptions,
  usualNetem,
} from '../../../../host/index.ts'
import { netemUsage } from './usage.ts'
import { countOf, percentOf, rateOf, TcError, timeOf, type Words } from './words.ts'

const illegal = (what: string): TcError => new TcError(`Illegal "${what}"`)

const read = <T>(words: Words, reader: (text: string) => T | undefined, what: string): T => {
  const value = reader(words.value())
  if (value === undefined) throw illegal(what)
  return value
}

/** A percentage, and perhaps how much draws are alike. */
const likelihood = (words: Words, what: string): Likelihood => {
  const probability = read(words, percentOf, what)
  return { probability, correlation: words.maybe(percentOf) ?? 0 }
}

const isNumber = (text: string): boolean => /^[0-9.]/.test(text)
const ifNumber =
  <T>(reader: (text: string) => T | undefined) =>
  (text: string): T | undefined =>
    isNumber(text) ? reader(text) : undefined

const setters: Readonly<Record<string, (words: Words, options: NetemOptions) => void>> = {
  limit(words, options) {
    options.limit = read(words, countOf, 'limit')
  },
  delay(words, options) {
    options.delay = read(words, timeOf, 'latency')
    const jitter = words.maybe(ifNumber(timeOf))
    if (jitter === undefined) return
    options.jitter = jitter
    options.delayCorrelation = words.maybe(ifNumber(percentOf)) ?? 0
  },
  loss(words, options) {
    if (words.peek === 'gemodel') {
      words.take()
      const toBad = read(words, percentOf, 'loss gemodel p')
      const toGood = words.maybe(ifNumber(percentOf)) ?? 1 - toBad
      const lossWhenBad = words.maybe(ifNumber(percentOf)) ?? 1
      options.bursts = { toBad, toGood, lossWhenBad, lossWhenGood: words.maybe(ifNumber(percentOf)) ?? 0 }
      return
    }
    if (words.peek === 'random') words.take()
    options.loss = likelihood(words, 'loss percent')
  },
  duplicate(words, options) {
    options.duplicate = likelihood(words, 'duplicate')
  },
  corrupt(words, options) {
    options.corrupt = likelihood(words, 'corrupt')
  },
  reorder(words, options) {
    options.reorder = likelihood(words, 'reorder')
  },
  gap(words, options) {
    options.gap = read(words, countOf, 'gap')
  },
  distribution(words, options) {
    const name = words.value()
    if (!(distributions as readonly string[]).includes(name)) {
      const path = `/usr/lib/x86_64-linux-gnu/tc//${name}.dist`
      throw new TcError(`No distribution data for ${name} (${path}: No such file or directory)`)
    }
    options.distribution = name as Distribution
  },
  rate(words, options) {
    options.rate = read(words, rateOf, 'rate')
    options.overhead = words.maybe(text => (/^-?[0-9]+$/.test(text) ? Number(text) : undefined)) ?? 0
  },
}
const shorter: Readonly<Record<string, string>> = { latency: 'delay', drop: 'loss' }

export const readNetem = (words: Words): NetemOptions => {
  const options: NetemOptions = { ...usualNetem }
  let hasDistribution = false
  for (let word = words.take(); word !== undefined; word = words.take()) {
    const name = shorter[word] ?? word
    if (!Object.hasOwn(setters, name)) throw new TcError(`What is "${word}"?\n${netemUsage}`)
    setters[name]?.(words, options)
    hasDistribution ||= name === 'distribution'
  }
  const impossible = (text: string): TcError => new TcError(`${text}\n${netemUsage}`)
  if (options.reorder.probability > 0) {
    if (options.delay === 0) throw impossible('reordering not possible without specifying some delay')
    if (options.gap === 0) options.gap = 1
  } else if (options.gap > 0) throw impossible('gap specified without reorder probability')
  if (hasDistribution && (options.delay === 0 || options.jitter === 0))
    throw impossible('distribution specified but no latency and jitter values')
  return options
}
