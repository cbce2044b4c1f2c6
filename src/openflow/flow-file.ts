import type { FlowCommand } from './flow-mod.ts'
import { type FlowRead, type FlowTextOptions, parseFlow } from './flow-text.ts'

/** What a line may begin with, in the order that beginnings of the words are tried. */
const commands: readonly FlowCommand[] = ['add', 'delete', 'delete_strict', 'modify', 'modify_strict']

/** A flow behind what to do with it (`delete table=1`), the beginning of which is enough; else it is added. */
export const parseFlowLine = (line: string, options: FlowTextOptions = {}): FlowRead => {
  const text = line.replace(/^[ \t\r\n]+/, '')
  const word = /^[^, \t\r\n]*/.exec(text)?.[0] ?? ''
  const command = commands.find(known => known.startsWith(word))
  return command === undefined ? parseFlow(text, 'add', options) : parseFlow(text.slice(word.length), command, options)
}

/**
 * The flow of a line of a file, in which `#` starts a comment; undefined if it says none. With `command` undefined the line
 * may begin with what to do.
 */
export const parseFileLine = (
  line: string,
  command: FlowCommand | undefined,
  options: FlowTextOptions,
): FlowRead | undefined => {
  const content = withoutComment(line)
  if (content === '') return undefined
  return command === undefined ? parseFlowLine(content, options) : parseFlow(content, command, options)
}

/** A flow that a line says. */
export type FileFlow = Extract<FlowRead, { ok: true }>

const withoutComment = (line: string): string => {
  const mark = line.indexOf('#')
  return (mark < 0 ? line : line.slice(0, mark)).trim()
}

export type FlowFile = { ok: true; flows: FileFlow[] } | { ok: false; error: string }

/**
 * Reads flows a line each. A text is what is wrong, and where: `flows.txt:3: unknown action foo`. With `command` undefined
 * a line may begin with what to do (`delete table=1`), and is added otherwise.
 */
export const parseFlowFile = (
  text: string,
  name: string,
  command: FlowCommand | undefined,
  options: FlowTextOptions = {},
): FlowFile => {
  const flows: FileFlow[] = []
  for (const [i, line] of text.split('\n').entries()) {
    const flow = parseFileLine(line, command, options)
    if (flow === undefined) continue
    if (!flow.ok) return { ok: false, error: `${name}:${i + 1}: ${flow.error}` }
    flows.push(flow)
  }
  return { ok: true, flows }
}
