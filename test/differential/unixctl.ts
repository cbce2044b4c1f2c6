import { connect, type Socket } from 'node:net'

/** Stands for an answer of a daemon that ended. */
export const closedAnswer = 'error: the daemon closed the connection'

/** How long a daemon may take for an answer, ms. */
export const patience = 20_000

/** The control socket of a daemon, kept open: JSON-RPC requests are answered in their order. */
export class Unixctl {
  private readonly socket: Socket
  private readonly waiting: ((text: string) => void)[] = []
  private text = ''
  private depth = 0
  private quoted = false
  private escaped = false

  constructor(path: string) {
    this.socket = connect(path)
    this.socket.setEncoding('utf8').on('data', chunk => this.take(String(chunk)))
    this.socket.on('close', () => {
      for (const done of this.waiting.splice(0)) done(closedAnswer)
    })
    this.socket.on('error', () => this.socket.destroy())
  }

  call(method: string, params: readonly string[]): Promise<string> {
    return new Promise(resolve => {
      if (this.socket.destroyed) {
        resolve(closedAnswer)
        return
      }
      // A daemon that says nothing for so long is as good as gone.
      const timer = setTimeout(() => this.socket.destroy(), patience)
      this.waiting.push(text => {
        clearTimeout(timer)
        resolve(text)
      })
      this.socket.write(JSON.stringify({ method, params, id: 0 }))
    })
  }

  close(): void {
    this.socket.destroy()
  }

  /** Answers follow each other without anything between, so braces are counted. */
  private take(chunk: string): void {
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      const character = chunk[i]
      if (this.escaped) this.escaped = false
      else if (this.quoted) {
        if (character === '\\') this.escaped = true
        else if (character === '"') this.quoted = false
      } else if (character === '"') this.quoted = true
      else if (character === '{') this.depth++
      else if (character === '}' && --this.depth === 0) {
        this.answer(this.text + chunk.slice(from, i + 1))
        this.text = ''
        from = i + 1
      }
    }
    this.text += chunk.slice(from)
  }

  private answer(json: string): void {
    const { result, error } = JSON.parse(json) as { result?: string | null; error?: string | null }
    this.waiting.shift()?.(typeof result === 'string' ? result : `error: ${(error ?? '').replace(/\n$/, '')}`)
  }
}
