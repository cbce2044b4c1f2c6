import type { LinkTraffic } from './link-traffic.ts'
import type { Mininet } from './mininet.ts'

/** What the prompt's surroundings provide. */
export type Around = {
  /** Prints to stdout, where Mininet prints help and times. */
  print(text: string): void
  /** The text of a file of those who type, or undefined. */
  readFile(path: string): string | undefined
  /** A value as text, for `py`. */
  inspect(value: unknown): string
  /** Makes JavaScript of what is typed behind `py`; TypeScript may be. */
  erase(code: string): string
  /** Somebody can type what a program asks for; without, it reads the end. */
  readonly interactive: boolean
}

/** The prompt as its commands see it. */
export interface PromptView {
  readonly net: Mininet
  readonly around: Around
  readonly evaluator: {
    value(code: string): Promise<unknown>
    statement(code: string): Promise<void>
    text(value: unknown): string
  }
  /** What passed the links since it was last asked. */
  readonly traffic: LinkTraffic
  /** Runs another line; true if it ends the prompt. */
  one(line: string): Promise<boolean>
}

/** A command: what is behind its name. True ends the prompt. */
export type PromptCommand = (prompt: PromptView, rest: string) => Promise<boolean | undefined> | boolean | undefined

/** Lines as a terminal has them, whose driver puts a carriage return before each newline. */
export const onTerminal = (text: string): string => text.replaceAll('\n', '\r\n')
