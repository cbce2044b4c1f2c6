/** A person at a real terminal, made by script(1). */
import { spawn } from 'node:child_process'
import { until } from './waiting.testing.ts'

export const [ctrlC, ctrlD, up, tab] = ['\x03', '\x04', '\x1b[A', '\t']

/** A screen's text: without the line editor's movements. */
const shown = (text: string): string => text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r', '')

export type Person = {
  /** Types keys and waits for a text; gives what came up to its end. */
  type(keys: string, wanted: string): Promise<string>
  /** The status that the program ends with. */
  ended: Promise<number | null>
  /** What is on the screen and was not waited for. */
  rest(): string
}

/** Somebody at a program whose home, and directory, is `home`. */
export const personAt = (command: string, home: string): Person => {
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: home, env: { ...process.env, HOME: home } })
  let screen = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    screen += text
  })
  return {
    ended: new Promise(resolve => {
      child.on('close', resolve)
    }),
    async type(keys, wanted) {
      child.stdin.write(keys)
      await until(
        () => shown(screen).includes(wanted),
        () => `${JSON.stringify(wanted)} never came:\n${shown(screen)}`,
      )
      const text = shown(screen)
      const end = text.indexOf(wanted) + wanted.length
      screen = text.slice(end)
      return text.slice(0, end)
    },
    rest: () => shown(screen),
  }
}
