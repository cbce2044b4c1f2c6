import { type OfAction, OfPort } from './action.ts'
import type { ActionContext, ActionFormatter, ActionParser, ActionParsers } from './actions/codec.ts'
import { controllerParsers, formatController } from './actions/controller.ts'
import { formatGotoTable, formatWriteMetadata, instructionParsers } from './actions/instructions.ts'
import { formatLoad, formatMove, loadMoveParsers } from './actions/load-move.ts'
import { formatSetTransport, modParsers } from './actions/mod.ts'
import { formatNote, noteParsers } from './actions/note.ts'
import { formatOutput, formatOutputReg, outputParsers, toPort } from './actions/output.ts'
import { kinds, kindsByType } from './actions/registry.ts'
import { formatResubmit, resubmitParsers } from './actions/resubmit.ts'
import { formatSetField, setFieldParsers } from './actions/set-field.ts'
import { formatDecTtl, ttlParsers } from './actions/ttl.ts'
import { refusal } from './actions/unsupported.ts'
import { formatPushVlan, formatStripVlan, formatVlanPcp, formatVlanVid, vlanParsers } from './actions/vlan.ts'
import { type PortNames, parsePort, type Warn } from './port-text.ts'
import { splitWords } from './words.ts'

const parsers = new Map<string, ActionParser>(
  [
    outputParsers,
    controllerParsers,
    resubmitParsers,
    setFieldParsers,
    loadMoveParsers,
    modParsers,
    vlanParsers,
    ttlParsers,
    noteParsers,
    instructionParsers,
    ...kinds.map(kind => kind.parsers),
  ].flatMap((table: ActionParsers) => Object.entries(table)),
)

const formatters: { [T in OfAction['type']]?: ActionFormatter<T> } = {
  output: formatOutput,
  output_reg: formatOutputReg,
  controller: formatController,
  set_field: formatSetField,
  load: formatLoad,
  move: formatMove,
  set_transport: formatSetTransport,
  set_vlan_vid: formatVlanVid,
  set_vlan_pcp: formatVlanPcp,
  strip_vlan: formatStripVlan,
  push_vlan: formatPushVlan,
  dec_ttl: formatDecTtl,
  resubmit: formatResubmit,
  note: formatNote,
  write_metadata: formatWriteMetadata,
  goto_table: formatGotoTable,
}

/** The order of instructions since OpenFlow 1.1: all actions are one instruction, `apply_actions`. */
const instructions = ['apply_actions', 'write_metadata', 'goto_table']
const instructionOf = (type: OfAction['type']): number => Math.max(0, instructions.indexOf(type))

/** Why a list is not in the order that instructions have, in the words of ovs-ofctl; undefined if it is. */
export const misordered = (actions: readonly OfAction[]): string | undefined => {
  let last = 0
  for (const { type } of actions) {
    const next = instructionOf(type)
    if (next > 0 && next === last) {
      return `duplicate ${type} instruction not allowed, for OpenFlow 1.1+ compatibility`
    }
    if (next < last) {
      return `invalid instruction ordering: ${instructions[next]} must appear before ${instructions[last]}, for OpenFlow 1.1+ compatibility`
    }
    last = next
  }
  return undefined
}

/**
 * Actions as ovs-ofctl reads them after `actions=`: names in any case, separated by commas or white space, ports by
 * number or name. A string says what is wrong, in its words.
 */
export const parseActions = (text: string, ports?: PortNames, warn: Warn = () => {}): OfAction[] | string => {
  const context: ActionContext = { ports, warn, nested: (inside, _outer) => parseActions(inside, ports, warn) }
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
  return misordered(actions) ?? actions
}

const parseAction = (key: string, name: string, value: string, context: ActionContext): OfAction | string => {
  const parse = parsers.get(key)
  if (parse !== undefined) return parse(value, context)
  const refused = refusal(key)
  if (refused !== undefined) return refused
  const port = name === '' ? undefined : parsePort(name, context.ports, context.warn)
  return port === undefined ? `unknown action ${name}` : toPort(port)
}

const formatOne = <T extends OfAction['type']>(action: Extract<OfAction, { type: T }>, ports?: PortNames): string => {
  const format = (formatters[action.type as T] ?? kindsByType[action.type as T]?.format) as
    | ActionFormatter<T>
    | undefined
  const nested = (actions: readonly OfAction[]): string => formatActions(actions, ports)
  return format?.(action as Parameters<ActionFormatter<T>>[0], { ports, nested }) ?? action.type
}

/** As `dump-flows` prints after `actions=`; with `ports`, names instead of numbers. No actions are `drop`. */
export const formatActions = (actions: readonly OfAction[], ports?: PortNames): string =>
  actions.length === 0 ? 'drop' : actions.map(action => formatOne(action, ports)).join(',')

/** Whether a port may be output to: a real one, or a reserved one with a meaning. */
export const isOutputPort = (port: number): boolean =>
  port < OfPort.max || (port >= OfPort.inPort && port <= OfPort.local)
