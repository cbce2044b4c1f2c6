import { appendFileSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { inspect } from 'node:util'
import { type Mininet, Prompt, type PromptCommand, untilConnected } from '../lab/mininet/index.ts'
import { second } from '../runtime/index.ts'
import { type Drive, VirtualDrive } from './drive.ts'
import { eraseTypes } from './erase-types.ts'

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

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * Mininet's prompt on a network, for scripts: on a terminal with history and completion, otherwise the lines of standard input.
 * `script` is a file whose lines are run instead, `commands` are some of one's own. The network runs on when it is over.
 */
export const CLI = async (
  net: Mininet,
  { script, commands }: { script?: string; commands?: Readonly<Record<string, PromptCommand>> } = {},
): Promise<void> => {
  const { box, output } = net
  const onTerminal = script === undefined && process.stdin.isTTY === true && process.stdout.isTTY === true
  let printed = 0
  const around = {
    print: (text: string): void => {
      printed += text.length
      process.stdout.write(text)
    },
    readFile: readText,
    inspect: (value: unknown) => inspect(value, { depth: 1 }),
    erase: eraseTypes,
    interactive: onTerminal,
  }
  output.info('*** Starting CLI:\n')
  // Whoever types takes longer than switches take to find their controllers.
  await box.calls.run(untilConnected(net.switches, box.clock, second))
  const prompt = new Prompt(net, around, commands)
  if (script !== undefined) await prompt.one(`source ${script}`)
  else if (!onTerminal) await readLines(prompt, process.stdin, process.stdout)
  else {
    const { drive } = box.calls
    const virtual = new VirtualDrive(box.clock, () => printed + output.printed)
    box.calls.drive = virtual
    await runOnTerminal(prompt, virtual)
    box.calls.drive = drive
  }
}
