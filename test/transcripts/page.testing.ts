/** Documentation pages as tests: what their fenced blocks show is what a lab's prompt prints. */
import { readFileSync } from 'node:fs'
import { demonstrate, findLab, type Lab, LabSession, Network } from '../../src/lab/index.ts'

/** A line typed at the prompt, and the lines that the page says it prints. */
export type Shown = { line: string; output: string[]; at: number }

export const root = new URL('../../', import.meta.url)
export const page = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** The fenced blocks of a page, each with the number of the line behind its fence. */
export const blocks = (text: string): { lines: string[]; at: number }[] => {
  const found: { lines: string[]; at: number }[] = []
  let open: { lines: string[]; at: number } | undefined
  for (const [i, line] of text.split('\n').entries()) {
    if (!line.startsWith('```')) open?.lines.push(line)
    else if (open === undefined) open = { lines: [], at: i + 2 }
    else {
      found.push(open)
      open = undefined
    }
  }
  return found
}

/** What a page types at `prompt`, in order. A block whose first line has no prompt shows something else. */
export const session = (text: string, prompt = 'weft> '): Shown[] => {
  const shown: Shown[] = []
  for (const { lines, at } of blocks(text)) {
    if (!lines[0]?.startsWith(prompt)) continue
    for (const [i, line] of lines.entries()) {
      if (line.startsWith(prompt)) shown.push({ line: line.slice(prompt.length), output: [], at: at + i })
      else shown.at(-1)?.output.push(line)
    }
  }
  return shown
}

/** Whether a page's lines say what was printed: `…` alone stands for any lines, `…` inside a line for any text. */
export const says = (wanted: readonly string[], printed: readonly string[]): boolean => {
  const [first, ...rest] = wanted
  if (first === undefined) return printed.length === 0
  if (first.trim() === '…') return printed.some((_, i) => says(rest, printed.slice(i))) || says(rest, [])
  return printed[0] !== undefined && saysLine(first, printed[0]) && says(rest, printed.slice(1))
}

const saysLine = (wanted: string, printed: string): boolean => {
  const parts = wanted.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(printed)
}

/** Printed text as a page can hold it: no spaces at the end of a line, no empty lines at the end. */
export const linesOf = (text: string): string[] => {
  const lines = text.split('\n').map(line => line.trimEnd())
  while (lines.at(-1) === '') lines.pop()
  return lines
}

/** A lab as `weft lab` leaves it at its prompt, on a terminal: some tools print names of ports there, not numbers. */
export class Prompt {
  readonly demonstration: string
  readonly files = new Map<string, Uint8Array[]>()
  private printed = ''
  private readonly network = new Network({ seed: 1 })
  private readonly session: LabSession

  constructor(name: string) {
    const lab = findLab(name) as Lab
    const print = (text: string): void => {
      this.printed += text
    }
    lab.build(this.network)
    this.network.settle()
    this.network.finish(demonstrate(this.network, lab, print))
    this.demonstration = this.printed
    this.session = new LabSession(this.network, lab, {
      print,
      columns: 120,
      create: path => {
        const blocks: Uint8Array[] = []
        this.files.set(path, blocks)
        return { ok: true, write: bytes => blocks.push(bytes), close: () => {} }
      },
    })
  }

  /** Types a line and waits for its end; gives what it printed. */
  type(line: string): string[] {
    this.printed = ''
    const running = this.session.run(line)
    this.network.clock.runWhile(() => running.status === undefined)
    return linesOf(this.printed)
  }
}
