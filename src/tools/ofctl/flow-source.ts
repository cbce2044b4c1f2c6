/** Where flows come from: a line, a file, a switch. */

import { type FlowCommand, type FlowRead, parseFlow, parseFlowFile } from '../../openflow/index.ts'
import { type BodyOf, noBuffer } from '../../openflow/message.ts'
import { fromUtf8, type Task } from '../../runtime/index.ts'
import { type Call, fatal, flushLog } from './command.ts'
import type { Names } from './names.ts'

export type ReadFlow = Extract<FlowRead, { ok: true }>

const isDelete = ({ command }: ReadFlow['flow']): boolean => command.startsWith('delete')

/** The message for a flow: its match goes as it was given, and the switch normalizes it. */
export const flowMessage = ({ flow, given }: Pick<ReadFlow, 'flow' | 'given'>): BodyOf<'flow_mod'> => ({
  type: 'flow_mod',
  bufferId: noBuffer,
  ...flow,
  match: given,
  // A change adds the flow if there is none, and then it has a cookie.
  newCookie: flow.newCookie ?? (isDelete(flow) || flow.cookieMask !== 0n ? undefined : 0n),
})

/** `-` is stdin; a folder has nothing in it. `failing` is what the command says of a file that is not there. */
export function* readBytes(call: Call, file: string, failing = 'open failed'): Task<Uint8Array> {
  if (file === '-') return yield* call.stdio.readAll()
  const bytes = call.connect.readFile(file)
  if (bytes === 'Is a directory') return new Uint8Array(0)
  return typeof bytes === 'string' ? yield* fatal(call, `${file}: ${failing} (${bytes})`) : bytes
}

export function* readText(call: Call, file: string): Task<string> {
  return fromUtf8(yield* readBytes(call, file))
}

export function* readFlow(call: Call, text: string, command: FlowCommand, names: Names): Task<ReadFlow> {
  const read = parseFlow(text, command, { ...names, warn: call.warn, paint: call.paint })
  yield* flushLog(call)
  return read.ok ? read : yield* fatal(call, read.error)
}

/** A file of flows. With `command` undefined each line may say what to do. */
export type FlowSource = { file: string; bytes: Uint8Array; command: FlowCommand | undefined; names: Names }

export function* readFlows(call: Call, { bytes, file, command, names }: FlowSource): Task<ReadFlow[]> {
  const read = parseFlowFile(fromUtf8(bytes), file, command, { ...names, warn: call.warn, paint: call.paint })
  yield* flushLog(call)
  return read.ok ? read.flows : yield* fatal(call, read.error)
}
