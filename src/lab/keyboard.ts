import type { Errno, Stream, Terminal } from '../machine/index.ts'
import { fromUtf8, Signal, type Task, utf8 } from '../runtime/index.ts'

/**
 * The keyboard of a program: each read gives one line at the most, as a terminal does (termios(3), canonical mode), so that
 * what a program leaves unread is there for the next one.
 */
export class Keyboard {
  /** Lines, and `undefined` for each end of input. */
  private typed: (Uint8Array | undefined)[] = []
  private readonly changed = new Signal()
  private readers = 0
  private gone = false
  /** Told when somebody begins to wait for a line. */
  onWanted: (() => void) | undefined

  /** Somebody waits for a line. */
  get wanted(): boolean {
    return this.readers > 0 && this.typed.length === 0 && !this.gone
  }

  /** Text that ends in `\n`; `undefined` is Ctrl-D, the end of the input for whoever reads next. */
  type(text: string | undefined): void {
    if (text === undefined) this.typed.push(undefined)
    else for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) this.typed.push(utf8(line))
    this.changed.wake()
  }

  /** Ctrl-C throws away what was not read yet. */
  flush(): void {
    this.typed = []
  }

  /** From now on every read is at the end of the input, after what was typed. */
  hangUp(): void {
    this.gone = true
    this.changed.wake()
  }

  /** Takes back what nobody read. */
  unread(): string {
    const lines = this.typed.map(line => (line === undefined ? '' : fromUtf8(line)))
    this.typed = []
    return lines.join('')
  }

  /** What a program's stdin leads to. */
  stream(terminal: Terminal | undefined): Stream {
    const read = (most?: number) => this.read(most)
    return {
      kind: terminal === undefined ? 'pipe' : 'terminal',
      terminal,
      read,
      // biome-ignore lint/correctness/useYield: it refuses at once
      *write(): Task<Errno> {
        return 'EBADF'
      },
    }
  }

  private *read(most = Number.POSITIVE_INFINITY): Task<Uint8Array | undefined> {
    this.readers++
    try {
      while (this.typed.length === 0) {
        if (this.gone) return undefined
        this.onWanted?.()
        if (this.typed.length > 0) break
        yield this.changed.wait
      }
    } finally {
      this.readers--
    }
    const line = this.typed.shift()
    if (line === undefined || line.length <= most) return line
    this.typed.unshift(line.subarray(most))
    return line.subarray(0, most)
  }
}
