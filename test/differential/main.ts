/**
 * `npm run differential -- [--cases N] [--seed S] [--jobs N] [--category NAME,…] [--rounds N,…] [--show N] [--whole] [--json]`: random tables and packets
 * through `ofproto/trace` of a real ovs-vswitchd and of Weft. Ends with 1 if they disagree in what is not listed.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Category, categories } from './actions.ts'
import { minimise } from './minimise.ts'
import { formatDisagreement, formatRefusal, formatResult, setupCommands } from './report.ts'
import { fromJson, merge, toJson } from './result-json.ts'
import { packetsPerRound } from './round.ts'
import { closePair, type Disagreement, newResult, type Result, run, startPair } from './runner.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    category: { type: 'string' },
    /** Only these rounds of the seed, whole. */
    rounds: { type: 'string' },
    show: { type: 'string', default: '10' },
    /** Disagreements are shown as they were found, with all flows and groups. */
    whole: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Of a job: which of how many. */
    part: { type: 'string' },
  },
})

const fail = (why: string): never => {
  process.stderr.write(`differential: ${why}\n`)
  process.exit(2)
}
const number = (name: 'cases' | 'seed' | 'jobs' | 'show'): number =>
  /^[0-9]+$/.test(values[name]) ? Number(values[name]) : fail(`--${name} takes a whole number, not '${values[name]}'`)
const [cases, seed, jobs, show] = [number('cases'), number('seed'), Math.max(1, number('jobs')), number('show')]
const isCategory = (name: string): name is Category => categories.some(category => category === name)
const wanted = (values.category?.split(',') ?? categories).map(name =>
  isCategory(name) ? name : fail(`no category '${name}'; there are ${categories.join(', ')}`),
)
const rounds = values.rounds
  ?.split(',')
  .map(text => (/^[0-9]+$/.test(text) ? Number(text) : fail(`--rounds takes whole numbers, not '${text}'`)))
const casesInAll = rounds === undefined ? cases : rounds.length * packetsPerRound

let shown = 0
const progress = (done: number, disagreed: number): void => {
  if (!process.stderr.isTTY || Date.now() - shown < 200) return
  shown = Date.now()
  process.stderr.write(`\r${done} of ${casesInAll} cases, ${disagreed} disagreements `)
}

type Told = { done: number; disagreed: number } | { result: string }

/** One job: some of the rounds, with a real switch of its own. Its result goes to the process that asked for it. */
const job = async (part: string): Promise<void> => {
  const [first = 0, step = 1] = part.split('/').map(Number)
  const pair = await startPair()
  try {
    const tell = (told: Told): void => void process.send?.(told)
    const told = ({ cases: done, news }: Result): void => tell({ done, disagreed: news })
    const result = await run(pair, { seed, cases, rounds, first, step, categories: wanted, progress: told })
    await new Promise(resolve => process.send?.({ result: toJson(result) }, resolve))
  } finally {
    await closePair(pair)
    process.disconnect?.()
  }
}

const inJobs = async (): Promise<Result> => {
  const told = new Map<number, { done: number; disagreed: number }>()
  const sum = (of: 'done' | 'disagreed'): number => [...told.values()].reduce((total, each) => total + each[of], 0)
  const results = Array.from(
    { length: jobs },
    (_, i) =>
      new Promise<Result>((resolve, reject) => {
        let result: Result | undefined
        const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--part', `${i}/${jobs}`])
        child.on('message', (message: Told) => {
          if ('result' in message) result = fromJson(message.result)
          else {
            told.set(i, message)
            progress(sum('done'), sum('disagreed'))
          }
        })
        child.on('exit', status =>
          result === undefined ? reject(new Error(`job ${i} ended with ${status}`)) : resolve(result),
        )
      }),
  )
  return (await Promise.all(results)).reduce(merge, newResult())
}

/** Disagreements as small as they get. */
const smallest = async (found: readonly Disagreement[]): Promise<Disagreement[]> => {
  const few = found.slice(0, show)
  if (few.length === 0 || values.whole) return few
  const pair = await startPair()
  const small: Disagreement[] = []
  try {
    for (const each of few) small.push(await minimise(pair, each))
  } finally {
    await closePair(pair)
  }
  return small
}

const main = async (): Promise<void> => {
  const result = await inJobs()
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  const small = await smallest(result.disagreements)
  if (values.json) process.stdout.write(`${toJson({ ...result, disagreements: small })}\n`)
  else {
    for (const refusal of result.refusals.slice(0, show)) process.stdout.write(formatRefusal(refusal))
    if (small.length > 0) process.stdout.write(`# The bridges of all that follows:\n${setupCommands()}\n`)
    for (const found of small) process.stdout.write(formatDisagreement(found))
    process.stdout.write(formatResult(result))
  }
  process.exitCode = result.news + result.refusals.length === 0 ? 0 : 1
}

await (values.part === undefined ? main() : job(values.part))
