import type { FlowCommand } from './flow-mod.ts'
import { type FlowRead, type FlowTextOptions, parseFlow } from './flow-text.ts'

const commands: readonly FlowCommand[] = ['add', 'modify', 'modify_strict', 'delete', 'delete_strict']

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
    const word =
      command === undefined ? commands.find(known => content.startsWith(`${known} `) || content === known) : undefined
    const flow = parseFlow(word === undefined ? content : content.slice(word.length), word ?? command ?? 'add', options)
    if (!flow.ok) return { ok: false, error: `${name}:${i + 1}: ${flow.error}` }
    flows.push(flow)
  }
  return { ok: true, flows }
}
