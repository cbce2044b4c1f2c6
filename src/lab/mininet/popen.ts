import type { Namespace } from '../../host/index.ts'
import { type Process, type SignalName, sink } from '../../machine/index.ts'
import { elapsed, first, Signal, start, type Task, utf8Decoder, type Wait } from '../../runtime/index.ts'
import { Keyboard } from '../keyboard.ts'
import type { Box } from './box.ts'

/** A program that a node runs beside its shell, in the words of Python's `subprocess.Popen`. */
export class Popen {
  readonly process: Process
  readonly box: Box
  private readonly input = new Keyboard()
  private readonly came = new Signal()
  private out = ''
  private err = ''

  constructor(box: Box, words: readonly string[], namespace: Namespace, like: Process) {
    this.box = box
    const [decodeOut, decodeErr] = [utf8Decoder(), utf8Decoder()]
    const out = sink(bytes => {
      this.out += decodeOut(bytes)
      this.came.wake()
    })
    const err = sink(bytes => {
      this.err += decodeErr(bytes)
      this.came.wake()
    })
    this.process = box.spawn(words, namespace, { out, err, input: this.input.stream(undefined), like })
    start(this.process.wait(), { done: () => this.came.wake() })
  }

  /** Something is printed, or it ends. */
  get news(): Wait {
    return this.came.wait
  }

  /** What it printed and nobody has read yet, errors last. */
  said(): string {
    return this.out + this.err
  }

  get pid(): number {
    return this.process.pid
  }

  /** The status once it has ended; minus the number of the signal that ended it. */
  get returncode(): number | undefined {
    const { status, endedBy } = this.process
    return status === undefined ? undefined : endedBy === undefined ? status : 128 - status
  }

  poll(): number | undefined {
    return this.returncode
  }

  wait(): Promise<number> {
    return this.box.calls.run(this.ended())
  }

  private *ended(): Task<number> {
    yield* this.process.wait()
    return this.returncode as number
  }

  sendSignal(name: SignalName): void {
    this.process.signal(name)
  }

  terminate(): void {
    this.process.signal('TERM')
  }

  kill(): void {
    this.process.signal('KILL')
  }

  /** Writes to its stdin; undefined is the end. */
  write(text: string | undefined): void {
    if (text === undefined) this.input.hangUp()
    else this.input.type(text)
  }

  /** The next line of its stdout with its `\n`, waited for at most `timeoutms`; '' when there is none (any more). */
  readline(timeoutms?: number): Promise<string> {
    return this.box.calls.run(this.line(timeoutms))
  }

  private *line(timeoutms: number | undefined): Task<string> {
    const { clock } = this.box
    const until = timeoutms === undefined ? undefined : clock.now() + timeoutms * 1e6
    while (!this.out.includes('\n') && !this.process.ended && (until === undefined || clock.now() < until)) {
      const waits = [this.came.wait]
      if (until !== undefined) waits.push(elapsed(clock, until - clock.now()))
      yield first(...waits)
    }
    return this.takeLine() ?? ''
  }

  /** A line of its stdout that is there, with its `\n`; what stands there without one once it has ended. */
  takeLine(): string | undefined {
    const end = this.out.indexOf('\n')
    if (this.out === '' || (end < 0 && !this.process.ended)) return undefined
    const line = end < 0 ? this.out : this.out.slice(0, end + 1)
    this.out = this.out.slice(line.length)
    return line
  }

  /** Waits for its end, with `input` as its stdin; what it printed since it was last read. */
  async communicate(input = ''): Promise<{ stdout: string; stderr: string }> {
    if (input !== '') this.write(input)
    this.write(undefined)
    await this.wait()
    const said = { stdout: this.out, stderr: this.err }
    this.out = ''
    this.err = ''
    return said
  }
}
