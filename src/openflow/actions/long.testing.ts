/** What the tests of actions with bytes of their own have in common. */

import type { OfAction } from '../action.ts'
import { checkActions } from '../action-check.ts'
import { formatActions, parseActions } from '../action-text.ts'
import { decodeActions, encodeActions } from '../action-wire.ts'
import { Reader, Writer } from '../bytes.ts'
import { parseFlow } from '../flow-text.ts'
import type { Version } from '../protocol.ts'

/** The actions of a text that is right. */
export const actionsOf = (text: string): OfAction[] => {
  const actions = parseActions(text)
  if (typeof actions === 'string') throw new Error(actions)
  return actions
}

/** What is wrong with a text, or undefined. */
export const wrongOf = (text: string): string | undefined => {
  const actions = parseActions(text)
  return typeof actions === 'string' ? actions : undefined
}

export const hexOf = (actions: readonly OfAction[], version: Version = 4): string => {
  const out = new Writer()
  encodeActions(out, actions, version)
  return Array.from(out.done(), byte => byte.toString(16).padStart(2, '0')).join('')
}

export const readHex = (hex: string, version: Version = 4): ReturnType<typeof decodeActions> =>
  decodeActions(new Reader(Uint8Array.from(hex.match(/../g) ?? [], pair => Number.parseInt(pair, 16))), version)

/** What a list of bytes says, or the name of its error. */
export const textOf = (hex: string, version: Version = 4): string => {
  const read = readHex(hex, version)
  return read.ok ? formatActions(read.value) : read.error
}

/** Whether a flow's actions fit its match: the name of the error, or undefined. */
export const checkOf = (line: string): string | undefined => {
  const read = parseFlow(line, 'add')
  if (read.ok) {
    const check = checkActions(read.flow.actions, read.flow.match, undefined)
    return check.ok ? undefined : check.error
  }
  return /\((OFP\w+|NX\w+)\)$/.exec(read.error)?.[1] ?? read.error
}
