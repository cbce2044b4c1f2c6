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

export type FlowFile = { ok: true; flows: Extract<FlowRead, { ok: true }>[] } | { ok: false; error: string }

/**
 * Reads flows a line each; `#` starts a comment. An error names the file and the line: `flows.txt:3: unknown action foo`.
 * With `command` undefined a line may begin with what to do (`delete table=1`), and is added otherwise.
 */
export const parseFlowFile = (
  text: string,
  name: string,
  command: FlowCommand | undefined,
  options: FlowTextOptions = {},
): FlowFile => {
  const flows: Extract<FlowRead, { ok: true }>[] = []
  for (const [i, line] of text.split('\n').entries()) {
    const content = line.replace(/#.*$/, '').trim()
    if (content === '') continue
    const flow = command === undefined ? parseFlowLine(content, options) : parseFlow(content, command, options)
    if (!flow.ok) return { ok: false, error: `${name}:${i + 1}: ${flow.error}` }
    flows.push(flow)
  }
  return { ok: true, flows }
}
