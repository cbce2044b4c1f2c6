import { type Paint, plain } from '../flow/paint.ts'
import type { OfAction } from './action.ts'
import { misplaced } from './action-order.ts'
import type { ActionContext, ActionFormatter, ActionParser, FormatContext, Outer } from './actions/codec.ts'
import { toPort } from './actions/output.ts'
import { kinds, kindsByType } from './actions/registry.ts'
import { type PortNames, parsePort, type Warn } from './port-text.ts'
import { splitWords } from './words.ts'

export { isOutputPort } from './actions/output.ts'

const parsers = new Map<string, ActionParser>(kinds.flatMap(kind => Object.entries(kind.parsers)))

/** How deep actions may stand in actions, as in ovs-ofctl. */
const deepest = 99

/**
 * Actions as ovs-ofctl reads them after `actions=`: names in any case, separated by commas or white space, ports and
 * tables by number or name. A string says what is wrong, in its words. `onlyActions` refuses instructions: buckets.
 */
export const parseActions = (
  text: string,
  ports?: PortNames,
  warn: Warn = () => {},
  tables?: PortNames,
  onlyActions = false,
): OfAction[] | string => {
  let depth = 0
  const context: ActionContext = {
    ports,
    tables,
    warn,
    nested(inside, outer) {
      if (depth >= deepest) return 'Action nested too deeply'
      depth++
      const actions = parseList(inside, context, outer)
      depth--
      return actions
    },
  }
  return parseList(text, context, undefined, onlyActions)
}

const parseList = (
  text: string,
  context: ActionContext,
  outer?: Outer,
  onlyActions = outer !== undefined,
): OfAction[] | string => {
  const actions: OfAction[] = []
  let dropped = false
  for (const { name, value } of splitWords(text)) {
    const key = name.toLowerCase()
    if (key === 'drop') {
      dropped = true
      continue
    }
    const action = parseAction(key, name, value, context)
    if (typeof action === 'string') return action
    actions.push(action)
  }
  if (dropped && actions.length > 0) return '"drop" must not be accompanied by any other action or instruction'
  return misplaced(actions, outer, onlyActions)?.words ?? actions
}

const parseAction = (key: string, name: string, value: string, context: ActionContext): OfAction | string => {
  const parse = parsers.get(key)
  if (parse !== undefined) return parse(value, context)
  if (key === 'apply_actions') return 'apply_actions is the default instruction'
  const port = name === '' ? undefined : parsePort(name, context.ports, context.warn)
  return port === undefined ? `unknown action ${name}` : toPort(port)
}

/** As `dump-flows` prints after `actions=`; with `ports` and `tables`, names instead of numbers. None are `drop`. */
export const formatActions = (
  actions: readonly OfAction[],
  ports?: PortNames,
  tables?: PortNames,
  paint: Paint = plain,
): string => {
  const context: FormatContext = { paint, ports, tables, nested: inside => formatList(inside, context) }
  return formatList(actions, context)
}

const formatList = (actions: readonly OfAction[], context: FormatContext): string => {
  if (actions.length === 0) return context.paint.drop('drop')
  let text = ''
  for (const action of actions) {
    const format = kindsByType[action.type]?.format as ActionFormatter<OfAction['type']> | undefined
    text += `${text === '' ? '' : ','}${format?.(action, context) ?? action.type}`
  }
  return text
}
