/**
 * Figures. A bench is set up once, then runs rounds; the rounds of all benches take turns, so that a machine that is
 * busy for a while slows all alike, and the median of a bench's rounds is its figure.
 */
export type Bench = {
  /** `soft/l2` and the like. */
  name: string
  /** What the figure counts: `frames/s`, `us`, `bytes/frame`. */
  unit: string
  /** How many rounds at most, for one whose round takes seconds. */
  rounds?: number
  /** Makes what the rounds need. A round gives its figure. */
  setUp(): () => number
}

export type Figure = { name: string; value: number; unit: string }

/** Seconds of processor time that `run` takes: what else the machine does meanwhile does not count. */
export const seconds = (run: () => void): number => {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

/** How often a second `run`, which does `count` things at a time, does one of them. */
export const perSecond = (count: number, run: () => void): number => count / seconds(run)

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Whether a figure is, or begins with, one of `names`; all are if none is given. */
export const isChosen = (figure: string, names: readonly string[]): boolean =>
  names.length === 0 || names.some(prefix => figure.startsWith(prefix))

/** The figures of these benches. */
export const measure = (benches: readonly Bench[], rounds = 7): Figure[] => {
  const running = benches.map(bench => ({ bench, round: bench.setUp(), values: [] as number[] }))
  // The first round of each warms the code up.
  for (const { round } of running) round()
  for (let i = 0; i < rounds; i++)
    for (const { bench, round, values } of running) if (i < (bench.rounds ?? rounds)) values.push(round())
  return running.map(({ bench: { name, unit }, values }) => ({ name, value: median(values), unit }))
}

/** Four digits are as many as a figure can bear. */
const short = (value: number): string => (Math.abs(value) < 1000 ? `${Number(value.toPrecision(4))}` : value.toFixed(0))

export const print = (figures: readonly Figure[], json: boolean): string =>
  json
    ? `${JSON.stringify(figures, undefined, 2)}\n`
    : figures.map(({ name, value, unit }) => `${name} ${short(value)} ${unit}\n`).join('')
