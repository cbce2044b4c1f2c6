/**
 * The lab's prompt on a terminal.
 *
 * One program has the terminal at a time, as in a shell: the prompt while it waits for a line, a command while it runs.
 * Each has a line editor of its own, so that the lines typed into a machine's shell are in that shell's history. What was
 * typed ahead is not lost: whole lines go to the command, then to the prompt; the begun line moves to the next editor.
 */
import { appendFileSync, closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Foreground, LabSession, Surroundings } from '../lab/index.ts'
import type { Drive } from './drive.ts'
import { sentence } from './sentence.ts'

const historyLength = 1000
const question = 'weft> '

/** Opens a file as the prompt's `capture` wants it. A write that fails later is said once; the rest is dropped. */
export const create: (warn: (text: string) => void) => Surroundings['create'] = warn => path => {
  let file: number
  try {
    file = openSync(path, 'w')
  } catch (error) {
    return { ok: false, why: sentence(error) }
  }
  let broken = false
  return {
    ok: true,
    write: bytes => {
      if (broken) return
      try {
        writeSync(file, bytes)
      } catch (error) {
        broken = true
        warn(`*** ${path}: ${sentence(error)}\n`)
      }
    },
    close: () => closeSync(file),
  }
}

/** Lines typed before, the latest first; none if the file cannot be read. */
const readHistory = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).slice(-historyLength).reverse()
  } catch {
    return []
  }
}

const remember = (path: string, line: string): void => {
  try {
    appendFileSync(path, `${line}\n`)
  } catch {
    // A home that cannot be written to has no history, which is no reason to stop.
  }
}

/** A terminal, and the file that keeps the history. */
export type Terminal = { input: NodeJS.ReadableStream; output: NodeJS.WritableStream; history: string }

export const ownTerminal = (): Terminal => ({
  input: process.stdin,
  output: process.stdout,
  history: join(homedir(), '.weft_history'),
})

/** Who has the terminal, and what it wants to hear. */
type Holder = {
  prompt: string
  /** The latest line first; lines are added. */
  history: string[]
  /** What was typed of the line already. */
  begun: string
  complete(line: string): string[]
  line(text: string): void
  /** Ctrl-C. */
  interrupt(): void
  /** Ctrl-D, or the end of the input, after which nothing comes. */
  end(hungUp: boolean): void
}

type Editor = {
  setPrompt(text: string): void
  /** Leaves the terminal to the next holder; gives what was begun of a line. */
  close(): string
}

const edit = ({ input, output }: Terminal, holder: Holder): Editor => {
  const editor = createInterface({
    input,
    output,
    terminal: true,
    prompt: holder.prompt,
    history: [...holder.history],
    historySize: historyLength,
    removeHistoryDuplicates: true,
    completer: (line: string): [string[], string] => {
      const words = holder.complete(line)
      // A word that is whole is followed by the next.
      return [words.length === 1 ? [`${words[0]} `] : words, line.split(/\s+/).at(-1) ?? '']
    },
  })
  let closed = false
  let hungUp = false
  const inputEnded = (): void => {
    hungUp = true
  }
  input.prependOnceListener('end', inputEnded)
  editor.on('history', lines => {
    holder.history.splice(0, holder.history.length, ...lines)
  })
  editor.on('line', text => {
    if (!closed) holder.line(text)
  })
  editor.on('SIGINT', () => holder.interrupt())
  editor.on('close', () => {
    input.removeListener('end', inputEnded)
    if (closed) return
    closed = true
    holder.end(hungUp)
  })
  if (holder.prompt !== '') editor.prompt()
  if (holder.begun !== '') editor.write(holder.begun)
  return {
    setPrompt: text => editor.setPrompt(text),
    close: () => {
      const begun = closed ? '' : editor.line
      closed = true
      editor.close()
      return begun
    },
  }
}

/** Reads lines from the terminal and runs them, until `exit` or the end of the input. */
export const runPrompt = async (session: LabSession, drive: Drive, terminal = ownTerminal()): Promise<void> => {
  const { output } = terminal
  const histories = new Map([['', readHistory(terminal.history)]])
  const historyOf = (name: string): string[] => {
    const there = histories.get(name) ?? []
    histories.set(name, there)
    return there
  }
  /** Lines that nobody has run yet, and the one that is being typed. */
  let ahead: string[] = []
  let begun = ''
  let hungUp = false

  /** The next line at the prompt; undefined when there is none. */
  const ask = (): Promise<string | undefined> =>
    new Promise(resolve => {
      let answered = false
      let editor: Editor
      const answer = (line: string | undefined): void => {
        if (answered) {
          if (line !== undefined) ahead.push(line)
          return
        }
        answered = true
        // After the lines that came in one piece with this one.
        queueMicrotask(() => {
          begun = editor.close()
          resolve(line)
        })
      }
      const hold = (): void => {
        editor = edit(terminal, {
          prompt: question,
          history: historyOf(''),
          begun,
          complete: line => session.complete(line),
          line: answer,
          interrupt: () => {
            output.write('^C\n')
            editor.close()
            begun = ''
            hold()
          },
          end: () => answer(undefined),
        })
      }
      hold()
    })

  const run = async (line: string): Promise<void> => {
    const started: Foreground = session.run(line)
    for (const text of ahead.splice(0)) started.type(`${text}\n`)
    if (hungUp) started.hangUp()
    const shellOf = session.network.machines.has(line.trim()) ? line.trim() : undefined
    let editor: Editor | undefined
    const hold = (): void => {
      editor = edit(terminal, {
        prompt: session.unfinished,
        history: historyOf(shellOf ?? '\n'),
        begun,
        complete: text => (shellOf === undefined ? [] : session.complete(`${shellOf} ${text}`)),
        line: text => {
          session.unfinished = ''
          started.type(`${text}\n`)
          drive.poke()
        },
        interrupt: () => {
          output.write('^C')
          session.unfinished = '^C'
          editor?.close()
          begun = ''
          started.interrupt()
          hold()
          drive.poke()
        },
        end: ended => {
          hungUp = ended
          begun = ''
          if (ended) {
            started.hangUp()
            started.interrupt()
          } else {
            started.type(undefined)
            hold()
          }
          drive.poke()
        },
      })
    }
    if (started.status === undefined) {
      hold()
      session.onPrint = () => editor?.setPrompt(session.unfinished)
      await drive.finish(
        () => started.status !== undefined,
        () => started.waiting,
      )
      session.onPrint = undefined
      if (!hungUp) begun = editor?.close() ?? ''
    }
    ahead = [...started.unread().split('\n').slice(0, -1), ...ahead]
    // The prompt begins a line of its own.
    if (session.unfinished !== '') output.write('\n')
    session.unfinished = ''
  }

  while (!session.over && !hungUp) {
    let line = ahead.shift()
    if (line !== undefined) output.write(`${question}${line}\n`)
    else line = await ask()
    if (line === undefined) {
      output.write('\n')
      break
    }
    if (line.trim() !== '') remember(terminal.history, line)
    await run(line)
  }
  session.close()
}
