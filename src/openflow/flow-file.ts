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

/** A flow that a line says. */
export type FileFlow = Extract<FlowRead, { ok: true }>

/**
 * Reads flows a line each and hands on one after the other; `#` starts a comment. A text is what is wrong, and where:
 * `flows.txt:3: unknown action foo`. With `command` undefined a line may begin with what to do (`delete table=1`), and is
 * added otherwise.
 */
export const eachFlow = (
  text: string,
  name: string,
  command: FlowCommand | undefined,
  options: FlowTextOptions,
  take: (flow: FileFlow) => void,
): string | undefined => {
  let number = 0
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    const content = withoutComment(text.slice(at, end))
    at = end + 1
    number++
    if (content === '') continue
    const flow = command === undefined ? parseFlowLine(content, options) : parseFlow(content, command, options)
    if (!flow.ok) return `${name}:${number}: ${flow.error}`
    take(flow)
  }
  return undefined
}

const withoutComment = (line: string): string => {
  const mark = line.indexOf('#')
  return (mark < 0 ? line : line.slice(0, mark)).trim()
}

export type FlowFile = { ok: true; flows: FileFlow[] } | { ok: false; error: string }

/** As `eachFlow`, all at once. */
export const parseFlowFile = (
  text: string,
  name: string,
  command: FlowCommand | undefined,
  options: FlowTextOptions = {},
): FlowFile => {
  const flows: FileFlow[] = []
  const error = eachFlow(text, name, command, options, flow => void flows.push(flow))
  return error === undefined ? { ok: true, flows } : { ok: false, error }
}
