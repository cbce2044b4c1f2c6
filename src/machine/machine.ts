import { type Clock, fromUtf8, type Random, type Task } from '../runtime/index.ts'
import type { Command, Commands, Found, Process, System } from './command.ts'
import { addSettingFiles } from './commands/net/proc-files.ts'
import { Effort } from './effort.ts'
import { FileSystem } from './files/file-system.ts'
import { basename } from './files/path.ts'
import { fill } from './files/standard.ts'
import { findProgram } from './find.ts'
import type { Kernel } from './network.ts'
import { MachineProcess, type ProcessTable } from './process.ts'
import { interactive, script } from './shell/sh.ts'
import { nowhere, OpenFile, type Stream, sink } from './streams.ts'

export type MachineOptions = {
  kernel: Kernel
  clock: Clock
  random: Random
  hostname: string
  /** The programs; `baseCommands` with the network's added. */
  commands: Commands
  /** Milliseconds since 1970 when the clock reads 0. */
  epoch?: number
  /** The pid of the first process after init. */
  firstPid?: number
  /** How many processes there are at most; 1000 unless told otherwise. */
  processLimit?: number
}

/** Where a program's first three descriptors lead (what is not given: to /dev/null), and its directory. */
export type Io = { stdin?: Stream; stdout?: Stream; stderr?: Stream; cwd?: string }

/** What a run to the end gave. */
export type Ran = { status: number; stdout: string; stderr: string }

/**
 * A simulated Linux box: a network kernel, files, processes and the programs it has. Everything runs inside events of its
 * clock; `run` starts a command line as if typed at a prompt, `exec` waits for it and collects what it prints.
 */
export class Machine implements System {
  hostname: string
  readonly kernel: Kernel
  readonly clock: Clock
  readonly random: Random
  readonly files: FileSystem
  readonly effort: Effort
  readonly commands: Commands
  readonly booted: number
  /** Pid 1: the parent of what the lab starts, and the viewer for files that the lab writes. */
  readonly init: Process
  private readonly table: ProcessTable
  private readonly epoch: number
  private readonly alive = new Map<number, Process>()

  constructor(options: MachineOptions) {
    this.hostname = options.hostname
    this.kernel = options.kernel
    this.clock = options.clock
    this.random = options.random
    this.commands = options.commands
    this.booted = options.clock.now()
    this.epoch = options.epoch ?? Date.UTC(2026, 0, 1)
    this.files = new FileSystem(options.clock)
    this.effort = new Effort(options.clock)
    let next = 1
    this.table = {
      system: this,
      nextPid: () => next++,
      add: process => this.alive.set(process.pid, process),
      gone: process => this.alive.delete(process.pid),
      limit: options.processLimit ?? 1000,
    }
    this.init = new MachineProcess(this.table, undefined, {
      args: ['init'],
      cwd: '/',
      env: environment,
      namespace: options.kernel.root,
    })
    next = options.firstPid ?? 100
    const facts = {
      hostname: () => this.hostname,
      setHostname: (name: string) => {
        this.hostname = name
      },
      uptime: () => (this.clock.now() - this.booted) / 1e9,
    }
    fill(this.files, this.init, facts, this.commands)
    addSettingFiles(this.files, this.init, this.kernel)
  }

  get processes(): ReadonlyMap<number, Process> {
    return this.alive
  }

  wallTime(): number {
    return this.epoch + this.clock.now() / 1e6
  }

  find(name: string, process: Process): Found {
    return findProgram(this, name, process)
  }

  /** Runs a line of shell in a process of its own, with the messages of a prompt (`bash: foo: command not found`). */
  run(line: string, io: Io = {}): Process {
    return this.start(script(line, { prompt: true }), ['bash'], io)
  }

  /** A shell that reads lines from `io.stdin` and prompts when that is a terminal. */
  shell(io: Io): Process {
    return this.start(interactive, ['bash'], io)
  }

  /** Runs one program of the table with these arguments, without a shell; status 127 if there is none. */
  spawn(args: readonly string[], io: Io = {}): Process {
    const command: Command = this.commands[basename(args[0] ?? '')] ?? missing
    return this.start(command, args, io)
  }

  /** Runs a line, or a program with its arguments, to its end and gives what it printed. Its stdin is empty. */
  *exec(line: string | readonly string[], cwd = '/root'): Task<Ran> {
    const out: Uint8Array[] = []
    const err: Uint8Array[] = []
    const io = { stdout: sink(bytes => out.push(bytes.slice())), stderr: sink(bytes => err.push(bytes.slice())), cwd }
    const process = typeof line === 'string' ? this.run(line, io) : this.spawn(line, io)
    const status = yield* process.wait()
    return { status, stdout: text(out), stderr: text(err) }
  }

  /** Ctrl-C at the terminal of process `pid`: SIGINT to it and to what it runs in the foreground. False if it has gone. */
  interrupt(pid: number): boolean {
    const process = this.alive.get(pid)
    if (process === undefined) return false
    const reached = [...this.alive.values()].filter(
      each => each === process || (!each.background && descends(each, process)),
    )
    // A kernel signals all of them before any runs. Here a shell must know of it before its program ends of it, and
    // the end of a pipeline before the beginning, whose closed pipe would end it in another way.
    reached.sort((a, b) => depth(a) - depth(b) || b.pid - a.pid)
    for (const each of reached) each.signal('INT')
    return true
  }

  private start(main: Command, args: readonly string[], io: Io): Process {
    const files = new Map([
      [0, new OpenFile(io.stdin ?? nowhere)],
      [1, new OpenFile(io.stdout ?? nowhere)],
      [2, new OpenFile(io.stderr ?? io.stdout ?? nowhere)],
    ])
    const process = this.init.spawn(main, { args, files, cwd: io.cwd ?? '/root' })
    for (const file of files.values()) file.close()
    return process
  }
}

const environment: ReadonlyMap<string, string> = new Map([
  ['HOME', '/root'],
  ['LANG', 'C'],
  ['LOGNAME', 'root'],
  ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ['SHELL', '/bin/bash'],
  ['TERM', 'xterm'],
  ['USER', 'root'],
])

const missing: Command = process => process.fail(`${process.args[0] ?? ''}: command not found`, 127)

const depth = (process: Process): number => (process.parent === undefined ? 0 : 1 + depth(process.parent))

const descends = (process: Process, from: Process): boolean => {
  for (let at = process.parent; at !== undefined; at = at.parent) if (at === from) return true
  return false
}

const text = (parts: Uint8Array[]): string => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return fromUtf8(all)
}
