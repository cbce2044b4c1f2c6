import { printed } from './platform.ts'

/** Mininet's levels, from all to almost nothing; `output` is what commands of the prompt print. */
export const levels = { debug: 10, info: 20, output: 25, warning: 30, warn: 30, error: 40, critical: 50 } as const
export type Level = keyof typeof levels

/** What Mininet says, by how much it matters. Nothing is added to a text: lines end where it has a `\n`. */
export class Output {
  /** What is below is not printed. */
  level: Level
  /** How many characters were printed so far. */
  printed = 0
  private readonly write: (text: string) => void

  constructor(level: Level = 'output', write: (text: string) => void = printed) {
    this.level = level
    this.write = write
  }

  isShown(level: Level): boolean {
    return levels[level] >= levels[this.level]
  }

  debug(text: string): void {
    this.say('debug', text)
  }

  info(text: string): void {
    this.say('info', text)
  }

  /** What a command of the prompt, or a test, was asked for. */
  output(text: string): void {
    this.say('output', text)
  }

  warn(text: string): void {
    this.say('warn', text)
  }

  error(text: string): void {
    this.say('error', text)
  }

  say(level: Level, text: string): void {
    if (text === '' || !this.isShown(level)) return
    this.printed += text.length
    this.write(text)
  }
}
