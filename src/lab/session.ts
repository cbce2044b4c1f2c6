import { type Machine, type Process, sink } from '../machine/index.ts'
import { type Running, start, type Task, utf8Decoder } from '../runtime/index.ts'
import { formatIp, formatMac } from '../wire/address.ts'
import { CableCapture } from './capture.ts'
import { missing } from './check.ts'
import { checked, pingAll } from './demonstration.ts'
import { Keyboard } from './keyboard.ts'
import type { Lab } from './lab.ts'
import type { Network } from './network.ts'
import { isRight } from './ping.ts'
import { plug } from './plug.ts'
import { wiring } from './wiring.ts'

/** What the prompt's surroundings provide: a screen, and files to write captures to. */
export type Surroundings = {
  print(text: string): void
  /** Terminal width in characters, which may change; undefined when the output is not a terminal. */
  readonly columns: number | undefined
  /** Opens a file for writing. A refusal is a text such as `No such file or directory`. */
  create(path: string): { ok: true; write(bytes: Uint8Array): void; close(): void } | { ok: false; why: string }
}

/** A command that runs. `status` is undefined until it has ended. */
export type Foreground = {
  readonly status: number | undefined
  readonly waiting: Waiting
  /** Ctrl-C. */
  interrupt(): void
  /** Text typed while it runs, with the `\n` of its lines; undefined is Ctrl-D. */
  type(text: string | undefined): void
  /** No more will be typed: every read from now on is at its end. */
  hangUp(): void
  /** Takes back what was typed and not read. */
  unread(): string
}

/**
 * What a command waits for: that time passes, that a line is typed, or both, as a shell with a job in the background does.
 */
export type Waiting = 'time' | 'line' | 'both'

const help: readonly (readonly [string, string])[] = [
  ['help', 'this text'],
  ['nodes', 'the machines and their addresses'],
  ['net', 'the cables, and what they do to frames'],
  ['link A B up|down', 'plug in or pull out the cables between two: link s1 h1 down'],
  ['pingall', 'ping between all that have something in common'],
  ['check', 'what is still missing for the lab to be as it should be, a sentence each'],
  ['task', 'what the lab asks of you'],
  ['NODE COMMAND...', 'run a command on a machine: web1 ping -c 3 10.0.0.2'],
  ['NODE', 'a prompt on that machine; exit comes back'],
  ['capture FILE', 'record every cable into a pcapng file; capture alone stops it'],
  ['exit', 'end the lab (also Ctrl-D)'],
]

/** The lab's prompt without its terminal: takes lines, runs them, says when they ended. */
export class LabSession {
  readonly network: Network
  readonly lab: Lab
  /** `exit` was typed. */
  over = false
  /** What was printed since the last end of line: a program's own prompt. */
  unfinished = ''
  /** Told when something was printed. */
  onPrint: (() => void) | undefined
  private readonly around: Surroundings
  private capture: { recorder: CableCapture; path: string; close(): void } | undefined

  constructor(network: Network, lab: Lab, around: Surroundings) {
    this.network = network
    this.lab = lab
    this.around = around
  }

  private readonly print = (text: string): void => {
    if (text === '') return
    this.around.print(text)
    const end = text.lastIndexOf('\n')
    this.unfinished = end < 0 ? this.unfinished + text : text.slice(end + 1)
    this.onPrint?.()
  }

  /** Starts what a line says. It may have ended when this returns; otherwise the clock has to run. */
  run(line: string): Foreground {
    const [first = '', ...rest] = line.trim().split(/\s+/)
    const machine = this.network.machines.get(first)
    if (machine !== undefined) return this.onMachine(machine, line.trim().slice(first.length).trim())
    return this.builtin(this.command(first, rest))
  }

  /** Words that could stand where the last word of `line` stands. */
  complete(line: string): string[] {
    const words = line.trimStart().split(/\s+/)
    const last = words.at(-1) ?? ''
    const machine = words.length > 1 ? this.network.machines.get(words[0] as string) : undefined
    const own = ['help', 'nodes', 'net', 'link', 'pingall', 'check', 'task', 'capture', 'exit']
    const names = [...this.network.machines.keys()]
    const choices =
      words.length < 2 ? [...own, ...names] : words.length === 2 && machine ? Object.keys(machine.commands) : []
    return choices.filter(word => word.startsWith(last)).sort()
  }

  /** Ends a capture that runs. */
  close(): void {
    if (this.capture === undefined) return
    const { recorder, path, close } = this.capture
    recorder.stop()
    close()
    this.print(`*** ${recorder.packets} frames in ${path}\n`)
    this.capture = undefined
  }

  private *command(name: string, args: string[]): Task<number> {
    const { print } = this
    switch (name) {
      case '':
        return 0
      case '?':
      case 'help':
        print(help.map(([words, text]) => `${words.padEnd(17)} ${text}\n`).join(''))
        return 0
      case 'nodes':
        print(nodes(this.network))
        return 0
      case 'net':
        print(wiring(this.network))
        return 0
      case 'link':
        return this.plug(args)
      case 'pingall':
        return (yield* pingAll(this.network, this.lab, print)).every(isRight) ? 0 : 1
      case 'check':
        return yield* this.check()
      case 'task':
        print(`${this.lab.exercise?.task ?? 'everything is set up; help names what can be done'}\n`)
        return 0
      case 'capture':
        return this.record(args)
      case 'exit':
      case 'quit':
        this.over = true
        return 0
      default:
        print(`*** Unknown command: ${[name, ...args].join(' ')}\n`)
        return 1
    }
  }

  private *check(): Task<number> {
    const sentences = yield* missing(this.network, this.lab)
    this.print(checked(sentences))
    return sentences.length === 0 ? 0 : 1
  }

  private plug(words: string[]): number {
    const wrong = plug(this.network, words)
    if (wrong === undefined) return 0
    this.print(`*** ${wrong}\n`)
    return 1
  }

  private record([path, ...more]: string[]): number {
    const { print } = this
    if (more.length > 0) {
      print('*** capture FILE\n')
      return 1
    }
    if (path === undefined && this.capture === undefined) {
      print('*** no capture runs; capture FILE starts one\n')
      return 1
    }
    if (path === undefined) {
      this.close()
      return 0
    }
    const file = this.around.create(path)
    if (!file.ok) {
      print(`*** ${path}: ${file.why}\n`)
      return 1
    }
    this.close()
    this.capture = {
      recorder: new CableCapture(this.network.cables, file.write, this.network.epoch),
      path,
      close: file.close,
    }
    print(`*** recording ${this.network.cables.length} cables into ${path}\n`)
    return 0
  }

  private builtin(task: Task<number>): Foreground {
    let status: number | undefined
    const running: { task?: Running } = {}
    running.task = start(task, {
      done: value => {
        status = value
      },
    })
    return {
      get status() {
        return status
      },
      interrupt: () => {
        if (status !== undefined) return
        running.task?.stop()
        status = 130
      },
      ...keyboard(new Keyboard()),
      waiting: 'time',
    }
  }

  private onMachine(machine: Machine, line: string): Foreground {
    const { print, around } = this
    const terminal =
      around.columns === undefined
        ? undefined
        : {
            get columns() {
              return around.columns ?? 80
            },
          }
    const decode = utf8Decoder()
    const out = sink(bytes => print(decode(bytes)), terminal)
    const keys = new Keyboard()
    const io = { stdin: keys.stream(terminal), stdout: out, stderr: out }
    const process = line === '' ? machine.shell(io) : machine.run(line, io)
    return {
      get status() {
        return process.status
      },
      get waiting() {
        if (!keys.wanted) return 'time'
        return [...machine.processes.values()].some(isJob) ? 'both' : 'line'
      },
      interrupt: () => {
        keys.flush()
        machine.interrupt(process.pid)
      },
      ...keyboard(keys),
    }
  }
}

const keyboard = (keys: Keyboard): Pick<Foreground, 'type' | 'hangUp' | 'unread'> => ({
  type: text => keys.type(text),
  hangUp: () => keys.hangUp(),
  unread: () => keys.unread(),
})

const isJob = (process: Process): boolean => process.background

/** A line for each machine: its name and its addresses. */
const nodes = (network: Network): string => {
  const width = Math.max(0, ...[...network.machines.keys()].map(name => name.length))
  return [...network.machines]
    .map(([name, machine]) => `${name.padEnd(width)}  ${addressesOf(machine).join('  ')}`.trimEnd())
    .map(line => `${line}\n`)
    .join('')
}

const addressesOf = (machine: Machine): string[] => {
  const { addresses, links } = machine.kernel.root
  return links
    .all()
    .filter(link => !link.isLoopback)
    .flatMap(link =>
      addresses
        .of(link)
        .filter(({ ip }) => typeof ip === 'number')
        .map(({ ip, length }) => `${link.name} ${formatIp(ip)}/${length} ${formatMac(link.mac)}`),
    )
}
