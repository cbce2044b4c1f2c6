import { appendFileSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Prompt } from '../lab/mininet/index.ts'
import type { Drive } from '../node/drive.ts'

const question = 'mininet> '
const historyLength = 1000
const historyFile = (): string => join(homedir(), '.mininet_history')

/** Lines of a pipe or a file, one after the other, as if typed; each is prompted for, as Mininet does. */
export const readLines = async (
  prompt: Prompt,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<void> => {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  output.write(question)
  for await (const line of lines) {
    if (await prompt.run(line)) {
      lines.close()
      return
    }
    output.write(question)
  }
  await prompt.run('EOF')
}

/** Lines typed before, the latest first. */
const readHistory = (): string[] => {
  try {
    return readFileSync(historyFile(), 'utf8').split('\n').filter(Boolean).slice(-historyLength).reverse()
  } catch {
    return []
  }
}

const remember = (line: string): void => {
  try {
    appendFileSync(historyFile(), `${line}\n`)
  } catch {
    // A home that cannot be written to has no history, which is no reason to stop.
  }
}

/**
 * The prompt on a terminal, with history and completion. While a node's command runs, lines that are typed are its, and Ctrl-C;
 * lines typed while anything else runs wait for their turn.
 */
export const runOnTerminal = (
  prompt: Prompt,
  drive: Drive,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stdout,
): Promise<void> =>
  new Promise(resolve => {
    const ahead: string[] = []
    let running = false
    let over = false
    const editor: Interface = createInterface({
      input,
      output,
      terminal: true,
      prompt: question,
      history: readHistory(),
      historySize: historyLength,
      removeHistoryDuplicates: true,
      completer: (line: string): [string[], string] => {
        const words = prompt.complete(line)
        return [words.length === 1 ? [`${words[0]} `] : words, line.split(/\s+/).at(-1) ?? '']
      },
    })
    const end = (): void => {
      over = true
      editor.close()
      resolve()
    }
    const next = async (): Promise<void> => {
      running = true
      for (let line = ahead.shift(); line !== undefined; line = ahead.shift()) {
        if (line.trim() !== '') remember(line)
        editor.setPrompt('')
        if (await prompt.run(line)) return end()
        editor.setPrompt(question)
      }
      running = false
      editor.prompt()
    }
    editor.on('line', line => {
      const { foreground } = prompt
      if (foreground !== undefined) {
        foreground.write(`${line}\n`)
        drive.poke()
        return
      }
      ahead.push(line)
      if (!running) void next()
    })
    editor.on('SIGINT', () => {
      output.write('^C')
      if (running) {
        prompt.interrupt()
        drive.poke()
        return
      }
      output.write('\n')
      // What was begun of the line is thrown away.
      editor.write(null, { ctrl: true, name: 'u' })
      editor.prompt()
    })
    editor.on('close', () => {
      if (over) return
      const { foreground } = prompt
      if (foreground !== undefined) {
        foreground.shell.keyboard.hangUp()
        foreground.sendInt()
        drive.poke()
      }
      void prompt.run('EOF').then(end)
    })
    editor.prompt()
  })
