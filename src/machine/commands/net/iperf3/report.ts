import type { Task } from '../../../../runtime/index.ts'
import type { Process } from '../../../command.ts'
import { kernelRelease } from '../../small.ts'
import { jsonText, type Value } from './cjson.ts'
import type { Iperf3Options } from './options.ts'
import { connectedJson, endJson, intervalJson, testStartJson } from './report-json.ts'
import type { Row, Test } from './test.ts'
import { finalText, intervalHeading, intervalText, separator } from './text.ts'
import { version } from './usage.ts'

/** The kernel as `-J` and `-v` name it. */
export const systemText = (process: Process): string =>
  `Linux ${process.machine.hostname} ${kernelRelease} #1 SMP PREEMPT_DYNAMIC @0 x86_64`

/** What a test has to tell: lines as they come, or one JSON object at the end. */
export class Report {
  private readonly process: Process
  private readonly options: Iperf3Options
  /** `start` of the JSON object: filled in the order of its keys. */
  private readonly start: Record<string, Value> = {}
  private readonly intervals: Value[] = []
  private end: Value = {}
  private headed = false

  constructor(process: Process, options: Iperf3Options) {
    this.process = process
    this.options = options
    if (!options.json) return
    Object.assign(this.start, { connected: [], version, system_info: systemText(process) })
  }

  /** A line, with the title before it. */
  *line(text: string, title?: string): Task<void> {
    if (this.options.json) return
    yield* this.process.print(
      title === undefined
        ? text
        : text.replace(/^(?=.|\n)/gm, (_, at: number) => (at < text.length ? `${title}:  ` : '')),
    )
  }

  /** Something for the head of the JSON object. */
  fact(key: string, value: Value): void {
    this.start[key] = value
  }

  /** The time of the machine. */
  stamp(): void {
    const now = new Date(this.process.machine.wallTime())
    this.fact('timestamp', { time: now.toUTCString(), timesecs: Math.floor(now.getTime() / 1000) })
  }

  *connected(test: Test): Task<void> {
    this.start.connected = test.streams.map(connectedJson)
    for (const stream of test.streams) {
      const { local_host, local_port, remote_host, remote_port } = connectedJson(stream) as Record<string, Value>
      const ends = `local ${local_host} port ${local_port} connected to ${remote_host} port ${remote_port}`
      yield* this.line(`[${`${stream.label}`.padStart(3)}] ${ends}\n`, test.options.title)
    }
  }

  began(test: Test): void {
    this.fact('test_start', testStartJson(test))
  }

  *interval(test: Test, rows: readonly Row[]): Task<void> {
    if (rows.length === 0) return
    if (this.options.json) this.intervals.push(intervalJson(test, rows))
    else {
      const before = !this.headed ? intervalHeading(test) : test.options.parallel > 1 ? separator : ''
      this.headed = true
      yield* this.line(before + intervalText(test, rows, this.options.format), test.options.title)
    }
  }

  *final(test: Test): Task<void> {
    yield* this.interval(test, test.last)
    if (this.options.json) this.end = endJson(test)
    else yield* this.line(separator + finalText(test, this.options.format), test.options.title)
  }

  /** The last of it: the JSON object, or what went wrong, with its `kind` in text. Gives the status. */
  *finish(error?: string, kind = ''): Task<number> {
    const { process, options } = this
    if (options.json) {
      const { start, intervals, end } = this
      yield* process.print(`${jsonText({ start, intervals, end, error }, true)}\n`)
      return 0
    }
    if (error === undefined) return 0
    return yield* process.fail(`iperf3: ${kind}${error}`)
  }
}
