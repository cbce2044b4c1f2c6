import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { BadWords, help, type MnOptions, type MnPlatform, parseOptions, runMn, usage } from '../lab/mininet/index.ts'
import type { Drive, VirtualDrive } from '../node/drive.ts'
import { eraseTypes } from '../node/erase-types.ts'
import { readLines, runOnTerminal } from '../node/mininet-prompt.ts'
import { create } from '../node/prompt.ts'
import { loadCustom } from './mn-custom.ts'

/** The Mininet whose words these are. */
const mininetVersion = '2.3.0'

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** `weft mn`. */
export const mn = async (args: string[]): Promise<number> => {
  let words: ReturnType<typeof parseOptions>
  try {
    words = parseOptions(args)
  } catch (error) {
    if (!(error instanceof BadWords)) throw error
    process.stderr.write(`${usage}\nmn: error: ${error.message}\n`)
    return 2
  }
  const { options, rest } = words
  if (options.help || rest.length > 0) {
    process.stdout.write(help())
    return 0
  }
  if (options.version) {
    process.stderr.write(`${mininetVersion}\n`)
    return 0
  }
  return await run(options)
}

type Written = { write(stream: NodeJS.WriteStream, text: string): void; flush(): void }

const direct: Written = {
  write: (stream, text) => void stream.write(text),
  flush: () => undefined,
}

/** Writes what is printed in one turn at once, in its order. */
const gathered = (): Written => {
  let text = ''
  let to: NodeJS.WriteStream = process.stderr
  const flush = (): void => {
    const whole = text
    text = ''
    if (whole !== '') to.write(whole)
  }
  return {
    flush,
    write: (stream, more) => {
      if (stream !== to) flush()
      to = stream
      if (text === '') setImmediate(flush)
      text += more
    },
  }
}

const run = async (options: MnOptions): Promise<number> => {
  const onTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true && options.test.length === 0
  let printed = 0
  // A test prints a word for each ping. At a prompt others write too, and in between.
  const { write, flush } = options.test.length > 0 ? gathered() : direct
  let interrupt = (): void => undefined
  const onSignal = (): void => interrupt()
  const closers: (() => void)[] = []
  const drives = onTerminal || options.realTime || callsOutside(options) ? await import('../node/drive.ts') : undefined
  const outside = callsOutside(options) ? await import('../node/openflow-network.ts') : undefined
  let drive: (Drive & { enter?(happen: () => void): void }) | undefined
  const platform: MnPlatform = {
    print: text => {
      printed += text.length
      write(process.stdout, text)
    },
    say: text => {
      printed += text.length
      write(process.stderr, text)
    },
    readFile: readText,
    inspect: value => inspect(value, { depth: 1 }),
    erase: eraseTypes,
    interactive: onTerminal,
    load: loadCustom,
    readTopo: async path => (await import('./mn-topo-file.ts')).readTopoFile(path),
    create: create(text => process.stderr.write(text)),
    // Until then a signal ends the process: a custom file that never ends hears of nothing else.
    onInterrupt: then => {
      interrupt = then
      process.on('SIGINT', onSignal)
    },
    now: () => performance.now() / 1000,
    interact: prompt =>
      onTerminal ? runOnTerminal(prompt, drive as VirtualDrive) : readLines(prompt, process.stdin, process.stdout),
    ...(drives === undefined
      ? {}
      : {
          drive: clock => {
            drive =
              options.realTime || outside !== undefined
                ? new drives.PacedDrive(clock)
                : new drives.VirtualDrive(clock, () => printed)
            closers.push(() => drive?.stop())
            return drive
          },
        }),
    ...(outside === undefined
      ? {}
      : {
          outside: () => {
            const network = outside.openFlowNetwork(happen =>
              drive?.enter === undefined ? happen() : drive.enter(happen),
            )
            closers.push(() => network.close())
            return network
          },
        }),
  }
  try {
    return await runMn(options, platform)
  } finally {
    process.off('SIGINT', onSignal)
    flush()
    for (const close of closers) close()
  }
}

/** Whether a controller outside of the lab may be called, which makes the lab's time be the computer's. */
const callsOutside = ({ controller }: MnOptions): boolean => controller.some(words => /^remote\b/.test(words))
