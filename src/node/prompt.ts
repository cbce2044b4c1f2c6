import { appendFileSync, closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Foreground, LabSession, Surroundings } from '../lab/index.ts'
import type { Drive } from './drive.ts'
import { sentence } from './sentence.ts'

const historyFile = join(homedir(), '.weft_history')
const historyLength = 1000

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

const readHistory = (): string[] => {
  try {
    return readFileSync(historyFile, 'utf8').split('\n').filter(Boolean).slice(-historyLength).reverse()
  } catch {
    return []
  }
}

const remember = (line: string): void => {
  try {
    appendFileSync(historyFile, `${line}\n`)
  } catch {
    // A home that cannot be written to has no history, which is no reason to stop.
  }
}

/** Reads lines from the terminal and runs them, until `exit` or the end of the input. */
export const runPrompt = (session: LabSession, drive: Drive): Promise<void> =>
  new Promise(resolve => {
    const terminal = createInterface({
      input: process.stdin,
      output: process.stdout,
      prompt: 'weft> ',
      history: readHistory(),
      historySize: historyLength,
      removeHistoryDuplicates: true,
      completer: (line: string): [string[], string] => [session.complete(line), line.split(/\s+/).at(-1) ?? ''],
    })
    let foreground: Foreground | undefined

    const run = async (line: string): Promise<void> => {
      terminal.setPrompt('')
      const started = session.run(line)
      foreground = started
      await drive.finish(() => started.status !== undefined)
      foreground = undefined
      if (session.over) terminal.close()
      else {
        terminal.setPrompt('weft> ')
        terminal.prompt()
      }
    }

    terminal.on('line', line => {
      if (foreground !== undefined) {
        foreground.type(`${line}\n`)
        drive.poke()
        return
      }
      if (line.trim() !== '') remember(line)
      void run(line)
    })
    terminal.on('SIGINT', () => {
      process.stdout.write('^C\n')
      if (foreground === undefined) terminal.prompt()
      else {
        foreground.interrupt()
        drive.poke()
      }
    })
    terminal.on('close', () => {
      // The end of the input also ends what runs.
      foreground?.type(undefined)
      foreground?.interrupt()
      drive.poke()
      session.close()
      if (!session.over) process.stdout.write('\n')
      resolve()
    })
    terminal.prompt()
  })
