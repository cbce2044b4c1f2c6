/** Actions in hex, a list a line, as ovs-ofctl's `parse-actions` and `parse-instructions` take them. */

import { newMatch } from '../flow/match.ts'
import type { Paint } from '../flow/paint.ts'
import type { OfAction } from './action.ts'
import { checkReceived } from './action-check.ts'
import { formatActions } from './action-text.ts'
import { decodeActions, decodeInstructions, encodeActions, encodeInstructions } from './action-wire.ts'
import { Reader, Writer } from './bytes.ts'
import { atoi } from './c-number.ts'
import type { Decoded } from './error.ts'
import { refused } from './error.ts'
import { hexBytes } from './hex-text.ts'
import type { Warn } from './port-text.ts'
import { protocolsOf, type Version } from './protocol.ts'

/** What was printed, and why it ended early, if it did. */
export type ActionLines = { output: string; fatal: string | undefined }

/**
 * Reads every line of `text` and gives what is printed for it: the actions, then the bytes that differ if they are
 * written again, or the error, which names the version by `name`. A line may begin with the flow's table
 * and a comma. `#` begins a comment.
 */
export const parseActionLines = (
  text: string,
  version: Version,
  kind: 'actions' | 'instructions',
  { warn = () => {}, paint, name = `OpenFlow1${version - 1}` }: { warn?: Warn; paint?: Paint; name?: string } = {},
): ActionLines => {
  let output = ''
  for (const whole of text.split('\n')) {
    const line = whole.replace(/#.*/, '')
    if (line.trim() === '') continue
    const comma = line.indexOf(',')
    const bytes = hexBytes(line.slice(comma + 1))
    if (bytes === undefined) return { output, fatal: 'Trailing garbage in hex data' }
    const table = comma < 0 ? 0 : atoi(line.slice(0, comma), 8)
    const actions = read(bytes, version, kind, table, warn)
    if (actions.ok)
      output += `actions=${formatActions(actions.value, undefined, undefined, paint)}\n${rewritten(bytes, actions.value, version, kind)}\n`
    else output += `bad ${name} ${kind}: ${actions.error}\n\n`
  }
  return { output, fatal: undefined }
}

const read = (
  bytes: Uint8Array,
  version: Version,
  kind: 'actions' | 'instructions',
  table: number,
  warn: Warn,
): Decoded<readonly OfAction[]> => {
  if (kind === 'actions') return decodeActions(new Reader(bytes), version, { warn })
  const actions = decodeInstructions(new Reader(bytes), version, { warn })
  if (!actions.ok) return actions
  const error = checkReceived(actions.value, newMatch(), table, protocolsOf(version), { warn })
  return error === undefined ? actions : refused(error)
}

/** The bytes that are others when the actions are written again, a line each. */
const rewritten = (
  before: Uint8Array,
  actions: readonly OfAction[],
  version: Version,
  kind: 'actions' | 'instructions',
): string => {
  const out = new Writer()
  if (kind === 'actions') encodeActions(out, actions, version)
  else encodeInstructions(out, actions, version)
  const after = out.done()
  let lines = ''
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    if (before[i] === after[i]) continue
    lines += `${String(i).padStart(2)}: ${byteText(before[i])} -> ${byteText(after[i])}\n`
  }
  return lines
}

const byteText = (byte: number | undefined): string =>
  byte === undefined ? '(none)' : byte.toString(16).padStart(2, '0')
