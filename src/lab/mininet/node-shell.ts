import type { Namespace } from '../../host/index.ts'
import { type Command, OpenFile, type Process, sink } from '../../machine/index.ts'
import { first, Signal, type Task, utf8Decoder, type Wait } from '../../runtime/index.ts'
import { Keyboard } from '../keyboard.ts'
import type { Box } from './box.ts'

/** The prompt of a node's shell: no program prints this byte, so that it says that a command has ended. */
const sentinel = '\x7f'
/** What it prints when it can be asked, and the prompt behind that. */
const begun = `\x02${sentinel}`
/** `[1] 123`, which a shell says of a job, and ours of its process, which `sendCmd` asks for. */
const jobLine = /\[\d+\] \d+\n/g
const pidLine = /\x01(\d+)\n/

/**
 * The shell of a node: its directory, variables and jobs stay between commands. It has a process, and so a pid, from the
 * beginning, but runs only when it is first written to: most hosts of a large network never are.
 */
export class NodeShell {
  readonly process: Process
  readonly keyboard = new Keyboard()
  /** A command was sent, and its end was not read yet. */
  waiting = false
  /** The process that the last command left in the background. */
  lastPid: number | undefined
  private text = ''
  private begun = false
  private isReady = false
  private readonly came = new Signal()
  private readonly wanted = new Signal()

  constructor(box: Box, namespace: Namespace, name: string) {
    const { machine } = box
    const terminal = { columns: 80 }
    const decode = utf8Decoder()
    const screen = sink(bytes => {
      this.text += decode(bytes)
      this.came.wake()
    }, terminal)
    const files = new Map([
      [0, new OpenFile(this.keyboard.stream(terminal))],
      [1, new OpenFile(screen)],
      [2, new OpenFile(screen)],
    ])
    const { wanted } = this
    const shell: Command = function* (process) {
      yield wanted.wait
      return yield* (machine.commands.bash as Command)(process)
    }
    const env = new Map(machine.init.env)
    env.set('PS1', sentinel)
    this.process = machine.init.spawn(shell, {
      args: ['bash', '--norc', '--noediting', '-is', `mininet:${name}`],
      env,
      files,
      namespace,
      cwd: '/root',
    })
    for (const file of files.values()) file.close()
  }

  /** Sends a command line; its output is read with `monitor` until `waiting` is false again. */
  send(line: string): void {
    const wantsPid = line.endsWith('&')
    this.lastPid = undefined
    this.waiting = true
    this.write(`${wantsPid ? `${line} printf "\\001%d\\012" $!` : line}\n`)
  }

  /** Types text, as for a program that reads. */
  write(text: string): void {
    if (!this.begun) {
      this.begun = true
      this.wanted.wake()
      // As Mininet begins: jobs end without a word. A shell within has a prompt of its own.
      this.keyboard.type('export -n PS1; set +m; printf "\\002"\n')
    }
    this.keyboard.type(text)
  }

  /**
   * Forgets what it prompted with before anything was asked, once that is there: a shell that is begun together with many others
   * may not run at once.
   */
  private get ready(): boolean {
    if (this.isReady) return true
    const end = this.text.indexOf(begun)
    if (end < 0) return false
    this.text = this.text.slice(end + begun.length)
    this.isReady = true
    return true
  }

  /** Whether it waits for a command, though nobody may have read that. */
  get atPrompt(): boolean {
    return !this.waiting || !this.isReady || this.text.includes(sentinel)
  }

  /** Something is printed. */
  get news(): Wait {
    return this.came.wait
  }

  /** Something was printed, or can never be. */
  get readable(): boolean {
    return (this.ready && this.text !== '') || this.process.ended
  }

  /** Waits until something is printed, or, with `or`, for something else; gives what there is. */
  *monitor(or?: Wait): Task<string> {
    if (!this.readable) yield or === undefined ? this.came.wait : first(this.came.wait, or)
    return this.take()
  }

  /** Waits for the end of the command; gives what it printed since it was last read. */
  *finish(told: (text: string) => void = () => {}): Task<string> {
    let all = ''
    while (this.waiting) {
      const text = yield* this.monitor()
      told(text)
      all += text
    }
    return all
  }

  /** A line that is there whole. */
  readLine(): string | undefined {
    if (!this.ready) return undefined
    const end = this.text.indexOf('\n')
    if (end < 0) return undefined
    const line = this.text.slice(0, end)
    this.text = this.text.slice(end + 1)
    return line
  }

  private take(): string {
    if (!this.ready && !this.process.ended) return ''
    let { text } = this
    this.text = ''
    if (this.process.ended) this.waiting = false
    const said = pidLine.exec(text)
    if (said !== null) {
      this.lastPid = Number(said[1])
      text = text.replace(jobLine, '').replace(pidLine, '')
    }
    if (text.includes(sentinel)) {
      this.waiting = false
      text = text.replaceAll(sentinel, '')
    }
    return text
  }
}
