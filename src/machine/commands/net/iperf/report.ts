import type { Task } from '../../../../runtime/index.ts'
import { second } from '../../../../runtime/index.ts'
import type { Process } from '../../../command.ts'
import { csvText, type Ends, idText, lineText, lossText, sizeText, tcpHeading, udpHeading } from './text.ts'

/** What a receiver of datagrams knows of its flow. Times in seconds. */
export type Arrivals = { jitter: number; lost: number; total: number; disordered: number }

/** One direction of one connection, as it is measured. Times are the clock's nanoseconds. */
export class Flow {
  readonly label: string
  readonly id: number
  readonly ends: Ends
  readonly began: number
  bytes = 0
  datagrams = 0
  over = false
  /** For datagrams that are received. */
  arrivals: Arrivals | undefined
  /** What was known when the interval began. */
  private since: { at: number; bytes: number; arrivals: Arrivals | undefined }

  constructor(id: number, ends: Ends, began: number, reverse = false) {
    this.id = id
    this.label = idText(id, reverse)
    this.ends = ends
    this.began = began
    this.since = { at: began, bytes: 0, arrivals: undefined }
  }

  /** What came to pass since the last time this was asked. */
  interval(now: number): { from: number; to: number; bytes: number; arrivals: Arrivals | undefined } {
    const { since, arrivals } = this
    this.since = { at: now, bytes: this.bytes, arrivals: arrivals && { ...arrivals } }
    const from = (since.at - this.began) / second
    const news = arrivals && {
      jitter: arrivals.jitter,
      lost: arrivals.lost - (since.arrivals?.lost ?? 0),
      total: arrivals.total - (since.arrivals?.total ?? 0),
      disordered: arrivals.disordered - (since.arrivals?.disordered ?? 0),
    }
    return { from, to: (now - this.began) / second, bytes: this.bytes - since.bytes, arrivals: news }
  }
}

/** Flows that are summed up: those of one client. */
export class Group {
  readonly flows: Flow[] = []
  sentOver = 0
}

/** What an iperf prints while it measures: each flow's line at each interval and at the end, and sums. */
export class Report {
  private readonly process: Process
  private readonly format: string
  private readonly csv: boolean
  private readonly silent: boolean
  private headingDue = true

  constructor(process: Process, options: { format: string; csv: boolean; without: ReadonlySet<string> }) {
    this.process = process
    this.format = options.format
    this.csv = options.csv
    this.silent = options.without.has('D')
  }

  /** A connection was told of: the next line has a heading above it again. */
  begin(): void {
    this.headingDue = true
  }

  *heading(datagrams: boolean): Task<void> {
    if (!this.headingDue || this.csv || this.silent) return
    this.headingDue = false
    yield* this.process.print(datagrams ? udpHeading : tcpHeading)
  }

  /** The lines of an interval that ends now. */
  *interval(group: Group): Task<void> {
    const live = group.flows.filter(flow => !flow.over)
    const now = this.process.clock.now()
    let sum = 0
    let first: Interval | undefined
    for (const flow of live) {
      const interval = flow.interval(now)
      first ??= interval
      sum += interval.bytes
      yield* this.line(flow, interval)
    }
    if (first !== undefined && group.flows.length > 1 && !this.csv && !this.silent)
      yield* this.process.print(`${lineText('[SUM]', first.from, first.to, sum, this.format)}\n`)
  }

  /** A flow is over: its line from the beginning to `now`. */
  *final(flow: Flow, now: number): Task<void> {
    flow.over = true
    const { arrivals, bytes } = flow
    yield* this.line(flow, { from: 0, to: (now - flow.began) / second, bytes, arrivals })
    if (arrivals !== undefined && arrivals.disordered > 0 && !this.csv && !this.silent) {
      const span = `${flow.label} 0.0000-${((now - flow.began) / second).toFixed(4)} sec`
      yield* this.process.print(`${span}  ${arrivals.disordered} datagrams received out-of-order\n`)
    }
  }

  /** The sum of a group all of whose flows are over, if there is more than one. */
  *sum(group: Group, now: number): Task<void> {
    const [one, ...more] = group.flows
    if (one === undefined || more.length === 0 || this.csv || this.silent) return
    const began = Math.min(...group.flows.map(flow => flow.began))
    const bytes = group.flows.reduce((sum, flow) => sum + flow.bytes, 0)
    const text = lineText('[SUM]', 0, (now - began) / second, bytes, this.format)
    if (one.arrivals === undefined) {
      yield* this.process.print(`${text}\n`)
      return
    }
    const all = group.flows.map(flow => flow.arrivals ?? { jitter: 0, lost: 0, total: 0, disordered: 0 })
    const lost = all.reduce((sum, { lost }) => sum + lost, 0)
    const total = all.reduce((sum, { total }) => sum + total, 0)
    yield* this.process.print(`${tcpHeading}${text}   ${lossText(lost, total)}\n`)
  }

  private *line(flow: Flow, { from, to, bytes, arrivals }: Interval): Task<void> {
    if (this.silent) return
    const { process } = this
    if (this.csv) {
      const text = csvText(process.machine.wallTime(), flow.ends, flow.id, from, to, bytes)
      yield* process.print(`${text}${arrivals === undefined ? '' : arrivalsCsv(arrivals)}\n`)
      return
    }
    yield* this.heading(arrivals !== undefined)
    yield* process.print(`${lineText(flow.label, from, to, bytes, this.format)}${arrivalsText(arrivals)}\n`)
  }

  /** What a server reported of a client's datagrams. */
  *serverReport(flow: Flow, time: number, bytes: number, arrivals: Arrivals): Task<void> {
    const { process } = this
    if (this.silent) return
    if (this.csv) {
      const text = csvText(process.machine.wallTime(), flow.ends, flow.id, 0, time, bytes)
      yield* process.print(`${text}${arrivalsCsv(arrivals)}\n`)
      return
    }
    const line = lineText(flow.label, 0, time, bytes, this.format)
    yield* process.print(`${flow.label} Server Report:\n${udpHeading}${line}${arrivalsText(arrivals)}\n`)
    if (arrivals.disordered > 0)
      yield* process.print(
        `${flow.label} 0.0000-${time.toFixed(4)} sec  ${arrivals.disordered} datagrams received out-of-order\n`,
      )
  }
}

type Interval = { from: number; to: number; bytes: number; arrivals: Arrivals | undefined }

const arrivalsText = (arrivals: Arrivals | undefined): string => {
  if (arrivals === undefined) return ''
  const jitter = (arrivals.jitter * 1000).toFixed(3).padStart(7)
  return ` ${jitter} ms ${lossText(arrivals.lost, arrivals.total)}`
}

const arrivalsCsv = ({ jitter, lost, total, disordered }: Arrivals): string =>
  `,${[(jitter * 1000).toFixed(3), lost, total, ((100 * lost) / Math.max(1, total)).toFixed(3), disordered].join(',')}`

/** `128 KByte (default)`, or what came of a wish. */
export const windowText = (size: number, wanted: number | undefined): string => {
  const text = sizeText(size, 'A')
  if (wanted === undefined) return `${text} (default)`
  return size === wanted ? text : `${text} (WARNING: requested ${sizeText(wanted, 'A')})`
}
