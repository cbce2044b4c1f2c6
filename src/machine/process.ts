import { type Clock, type Random, type Running, Signal, start, type Task, utf8, utf8Decoder } from '../runtime/index.ts'
import { type Caught, type Command, Exit, type Process, type SpawnOptions, type System } from './command.ts'
import { endsByDefault, type SignalName, signalNumbers } from './signals.ts'
import type { OpenFile } from './streams.ts'

/** Bytes that one process may hold of its input; more, and it ends as a program does that gets no memory. */
export const maxMemory = 64 << 20
/** How deep processes and calls of shell functions nest. */
const maxNesting = 400

/** What the process table needs of a new process; `MachineProcess` fills it in. */
export type ProcessTable = {
  system: System
  nextPid(): number
  add(process: Process): void
  gone(process: Process): void
  /** How many processes a machine has at most: a fork bomb goes off in here. */
  readonly limit: number
}

class Caughts implements Caught {
  count = 0
  private readonly signal = new Signal()
  readonly wait = this.signal.wait

  came(): void {
    this.count++
    this.signal.wake()
  }
}

/** A process of a simulated machine. Made by `spawn` of its parent; init is made by the machine. */
export class MachineProcess implements Process {
  readonly pid: number
  readonly parent: Process | undefined
  readonly machine: System
  readonly clock: Clock
  readonly random: Random
  readonly started: number
  readonly env: Map<string, string>
  readonly files: Map<number, OpenFile>
  readonly background: boolean
  args: readonly string[]
  cwd: string
  namespace: Process['namespace']
  mounts: Process['mounts']
  cpu: Process['cpu']
  nesting: number
  status: number | undefined
  endedBy: SignalName | undefined
  private readonly table: ProcessTable
  private readonly over = new Signal()
  private readonly caught = new Map<SignalName, Caughts>()
  private readonly ignored = new Set<SignalName>()
  private running: Running | undefined
  private unread = ''
  private decode = utf8Decoder()
  private partial = new Uint8Array(0)

  constructor(
    table: ProcessTable,
    parent: Process | undefined,
    options: SpawnOptions & { namespace: Process['namespace'] },
  ) {
    this.table = table
    this.machine = table.system
    this.clock = table.system.clock
    this.random = table.system.random
    this.pid = table.nextPid()
    this.parent = parent
    this.nesting = parent === undefined ? 0 : parent.nesting + 1
    this.started = this.clock.now()
    this.args = options.args
    this.env = new Map(options.env ?? parent?.env ?? [])
    this.cwd = options.cwd ?? parent?.cwd ?? '/'
    this.namespace = options.namespace
    this.mounts = options.mounts ?? parent?.mounts
    this.cpu = options.cpu ?? parent?.cpu
    this.background = options.background ?? parent?.background ?? false
    this.files = new Map()
    for (const [fd, file] of options.files ?? parent?.files ?? []) this.files.set(fd, file.dup())
    if (this.background) this.ignoreSignal('INT').ignoreSignal('QUIT')
    table.add(this)
  }

  /** Begins to run; inside this call until the program first waits. */
  run(main: Command): void {
    this.running = start(main(this), {
      done: status => this.end(status & 255, undefined),
      failed: error => {
        if (!(error instanceof Exit)) {
          this.end(255, undefined)
          throw error
        }
        this.end(error.status & 255, undefined)
      },
    })
    // A signal to itself, sent before it first waited, has ended it already.
    if (this.ended) this.running.stop()
  }

  get ended(): boolean {
    return this.status !== undefined
  }

  get isTerminal(): boolean {
    return this.files.get(1)?.stream.terminal !== undefined
  }

  get columns(): number {
    return this.files.get(1)?.stream.terminal?.columns ?? (Number(this.env.get('COLUMNS') ?? 0) || 80)
  }

  *print(text: string): Task<void> {
    if (text !== '') yield* this.printBytes(utf8(text))
  }

  *printBytes(bytes: Uint8Array): Task<void> {
    yield* this.write(1, bytes)
  }

  *error(text: string): Task<void> {
    yield* this.write(2, utf8(`${text}\n`))
  }

  *fail(text: string, status = 1): Task<number> {
    yield* this.error(text)
    return status
  }

  private *write(fd: number, bytes: Uint8Array): Task<void> {
    const refused = yield* this.files.get(fd)?.stream.write(bytes) ?? nothing()
    yield* this.work(bytes.length)
    if (refused !== 'EPIPE') return
    this.signal('PIPE')
    if (this.ended) throw new Exit(this.status as number)
  }

  *read(most?: number): Task<Uint8Array | undefined> {
    if (this.partial.length > 0) {
      const part = this.partial.subarray(0, most)
      this.partial = this.partial.subarray(part.length)
      return part
    }
    const got = yield* this.files.get(0)?.stream.read(most) ?? nothing()
    if (got !== undefined) yield* this.work(got.length)
    return typeof got === 'string' ? undefined : got
  }

  *readAll(): Task<Uint8Array> {
    const parts: Uint8Array[] = []
    let size = 0
    for (let part = yield* this.read(); part !== undefined; part = yield* this.read()) {
      parts.push(part)
      size += part.length
      if (size > maxMemory) {
        yield* this.error(`${this.args[0]}: memory exhausted`)
        throw new Exit(1)
      }
    }
    const all = new Uint8Array(size)
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }

  *readLine(): Task<string | undefined> {
    for (;;) {
      const end = this.partial.indexOf(10)
      if (end >= 0) {
        // The newline goes through the decoder too, so that half a character before it is not held back.
        const line = this.unread + this.decode(this.partial.subarray(0, end + 1)).slice(0, -1)
        this.unread = ''
        this.partial = this.partial.slice(end + 1)
        return line
      }
      this.unread += this.decode(this.partial)
      this.partial = new Uint8Array(0)
      const more = yield* this.read()
      if (more === undefined) {
        const line = this.unread + this.decode(newline).slice(0, -1)
        this.unread = ''
        return line === '' ? undefined : line
      }
      this.partial = more.slice()
    }
  }

  exit(status: number): never {
    throw new Exit(status)
  }

  signal(name: SignalName): void {
    if (this.ended) return
    if (name !== 'KILL') {
      const caught = this.caught.get(name)
      caught?.came()
      if (caught !== undefined || this.ignored.has(name)) return
    }
    if (!endsByDefault(name)) return
    this.end(128 + signalNumbers[name], name)
  }

  catchSignal(name: SignalName): Caught {
    const caught = new Caughts()
    this.caught.set(name, caught)
    return caught
  }

  ignoreSignal(name: SignalName): this {
    this.caught.delete(name)
    this.ignored.add(name)
    return this
  }

  resetSignal(name: SignalName): void {
    this.caught.delete(name)
    this.ignored.delete(name)
  }

  get maySpawn(): boolean {
    return this.nesting < maxNesting && this.machine.processes.size < this.table.limit
  }

  spawn(main: Command, options: SpawnOptions): Process {
    if (!this.maySpawn) throw new Exit(254)
    const child = new MachineProcess(this.table, this, { ...options, namespace: options.namespace ?? this.namespace })
    // An ignored signal stays ignored in a child; a caught one does not stay caught.
    for (const name of this.ignored) child.ignoreSignal(name)
    child.run(main)
    return child
  }

  *work(units: number): Task<void> {
    const pause = (this.cpu ?? this.machine.effort).spend(units)
    if (pause !== undefined) yield pause
  }

  *wait(): Task<number> {
    while (this.status === undefined) yield this.over.wait
    return this.status
  }

  private end(status: number, by: SignalName | undefined): void {
    if (this.ended) return
    this.status = status
    this.endedBy = by
    this.running?.stop()
    for (const file of this.files.values()) file.close()
    this.files.clear()
    this.table.gone(this)
    this.over.wake()
  }
}

const newline = Uint8Array.of(10)

// biome-ignore lint/correctness/useYield: a closed descriptor is at its end
function* nothing(): Task<undefined> {
  return undefined
}
