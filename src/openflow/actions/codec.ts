import type { OfAction } from '../action.ts'
import type { PortNames, Warn } from '../port-text.ts'

/** What the text of an action may refer to, and where its warnings go. */
export type ActionContext = { ports: PortNames | undefined; warn: Warn }

/** Reads what follows an action's name; a string says what is wrong, in the words of ovs-ofctl. */
export type ActionParser = (argument: string, context: ActionContext) => OfAction | string

export type ActionOf<T extends OfAction['type']> = Extract<OfAction, { type: T }>

/** Writes an action as `dump-flows` shows it. */
export type ActionFormatter<T extends OfAction['type']> = (action: ActionOf<T>, ports: PortNames | undefined) => string

/** Parsers by the names that the text uses. */
export type ActionParsers = Record<string, ActionParser>
