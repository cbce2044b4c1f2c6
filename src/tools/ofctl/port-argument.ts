import { parsePort } from '../../openflow/port-text.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal, takesNames } from './command.ts'
import { portNames } from './names.ts'

/** Reads a port; only a word that is no number has the switch asked for names. */
export function* portArgument(call: Call, name: string, text: string): Task<number> {
  const port =
    parsePort(text, undefined, call.warn) ??
    (takesNames(call) ? parsePort(text, yield* portNames(call, name), call.warn) : undefined)
  return port ?? (yield* fatal(call, `${name}: unknown port \`${text}'`))
}

/** OFPP_ANY. */
export const anyPort = 0xffff
