/** A flow as a line of text, as `ovs-ofctl add-flow` and its kin take it. */
import { type FieldName, fieldNamed } from '../flow/fields.ts'
import type { Match } from '../flow/match.ts'
import { isMatchWord, normalize, parseMatchField } from '../flow/match-text.ts'
import type { Paint } from '../flow/paint.ts'
import { checkActions, protocolsOfMatch } from './action-check.ts'
import { parseActions } from './action-text.ts'
import { type FlowCommand, type FlowMod, plainFlowMod } from './flow-mod.ts'
import { noCookie } from './message.ts'
import { parse64, parseGroupNumber, parseUpTo } from './number.ts'
import { type PortNames, parsePort, type Warn } from './port-text.ts'
import { type Protocols, protocol } from './protocol.ts'
import { parseTable } from './table-text.ts'
import { splitWords, type Word } from './words.ts'

export type FlowTextOptions = {
  ports?: PortNames | undefined
  tables?: PortNames | undefined
  warn?: Warn
  /** Of what is told to `warn`. */
  paint?: Paint
}

/**
 * A flow that was read, with the protocols that can say it. `given` is its match before it was normalized: what ovs-ofctl
 * sends, as a switch normalizes by itself.
 */
export type FlowRead = { ok: true; flow: FlowMod; protocols: Protocols; given: Match } | { ok: false; error: string }
const wrong = (error: string): { ok: false; error: string } => ({ ok: false, error })

/** What dump-flows prints beside a flow, and what is passed over when it comes back. */
const statistics = new Set(['duration', 'n_packets', 'n_bytes', 'idle_age', 'hard_age'])

/** Which words a command takes beside a match. */
type Takes = { priority: boolean; timeouts: boolean; importance: boolean; outPort: boolean; actions: boolean }
const takes: Record<FlowCommand, Takes> = {
  add: { priority: true, timeouts: true, importance: true, outPort: false, actions: true },
  modify: { priority: true, timeouts: true, importance: true, outPort: false, actions: true },
  modify_strict: { priority: true, timeouts: true, importance: false, outPort: false, actions: true },
  delete: { priority: false, timeouts: false, importance: false, outPort: true, actions: false },
  delete_strict: { priority: true, timeouts: false, importance: false, outPort: true, actions: false },
}

/**
 * Reads a flow for a command: `table=0,priority=100,in_port=1,actions=output:2`. Everything after `actions=` is the
 * actions. An error is in the words of ovs-ofctl, without its name in front.
 */
export const parseFlow = (text: string, command: FlowCommand, options: FlowTextOptions = {}): FlowRead => {
  const { ports, tables, warn = () => {}, paint } = options
  const allowed = takes[command]
  const { head, actions } = cutActions(text, allowed.actions)
  if (allowed.actions && actions === undefined) return wrong('must specify an action')
  const flow = plainFlowMod(command)
  const state: State = { flow, allowed, ports, tables, warn, protocols: protocol.any, named: new Set() }
  for (const word of splitWords(head)) {
    const error = takeWord(word, head, state)
    if (error !== undefined) return wrong(error)
  }
  if (command === 'add' && flow.cookieMask !== 0n) return wrong('flow additions cannot use a cookie mask')
  if (flow.table !== undefined) state.protocols &= protocol.withTable
  const normal = normalize(flow.match, paint)
  for (const note of normal.notes) warn('ofp_match', note, 'INFO')
  state.protocols &= protocolsOfMatch(flow.match, state.named)
  if (actions !== undefined) {
    const parsed = parseActions(actions, ports, warn, tables)
    if (typeof parsed === 'string') return wrong(parsed)
    const check = checkActions(parsed, flow.match, flow.table, warn)
    if (!check.ok) return wrong(`actions are invalid with specified match (${check.error})`)
    state.protocols &= check.protocols
    if (state.protocols === protocol.none)
      return wrong('actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)')
    flow.actions = parsed
  }
  const given = flow.match
  flow.match = normal.match
  return { ok: true, flow, protocols: state.protocols, given }
}

/** Splits at `actions=` or `action=`, wherever the word stands. */
const cutActions = (text: string, wanted: boolean): { head: string; actions: string | undefined } => {
  if (!wanted) return { head: text, actions: undefined }
  const at = /(?:^|[\s,])actions?=/.exec(text)
  if (at === null) return { head: text, actions: undefined }
  return { head: text.slice(0, at.index), actions: text.slice(at.index + at[0].length) }
}

type State = {
  flow: FlowMod
  allowed: Takes
  ports: PortNames | undefined
  tables: PortNames | undefined
  warn: Warn
  protocols: Protocols
  named: Set<FieldName>
}

const flags = {
  send_flow_rem: ['sendFlowRemoved', protocol.any],
  check_overlap: ['checkOverlap', protocol.any],
  reset_counts: ['resetCounts', protocol.oxm],
  no_packet_counts: ['noPacketCounts', protocol.since13],
  no_byte_counts: ['noByteCounts', protocol.since13],
} as const
const isFlag = (name: string): name is keyof typeof flags => Object.hasOwn(flags, name)

const takeWord = (word: Word, head: string, state: State): string | undefined => {
  const { flow, allowed, ports, warn } = state
  const { name, value } = word
  if (isFlag(name) && allowed.actions) {
    const [property, protocols] = flags[name]
    flow[property] = true
    state.protocols &= protocols
    return undefined
  }
  const hasValue = value !== ''
  if (isMatchWord(name) && !known.has(name)) {
    const bare = head.slice(word.start, word.end) === name
    if (name === 'eth' && bare) return undefined
    const named = fieldNamed(name.replace(/\[.*$/, ''))
    if (named !== undefined) state.named.add(named)
    const options = ports === undefined ? { warn } : { portNumber: (text: string) => ports.number(text), warn }
    return parseMatchField(name, bare ? undefined : value, flow.match, options)
  }
  if (!hasValue) return `field ${name} missing value`
  switch (name) {
    case 'table': {
      const table = parseTable(value, warn, state.tables)
      if (table === undefined) return `unknown table "${value}"`
      flow.table = table === 255 ? undefined : table
      return undefined
    }
    case 'priority':
      return allowed.priority ? take16(flow, 'priority', name, value) : `unknown keyword ${name}`
    case 'idle_timeout':
      return allowed.timeouts ? take16(flow, 'idleTimeout', name, value) : `unknown keyword ${name}`
    case 'hard_timeout':
      return allowed.timeouts ? take16(flow, 'hardTimeout', name, value) : `unknown keyword ${name}`
    case 'importance':
      return allowed.importance ? take16(flow, 'importance', name, value) : `unknown keyword ${name}`
    case 'cookie':
      return takeCookie(state, value)
    case 'out_port': {
      if (!allowed.outPort) break
      const port = parsePort(value, ports, warn)
      if (port === undefined) return `${value} is not a valid OpenFlow port`
      flow.outPort = port
      return undefined
    }
    case 'out_group': {
      if (!allowed.outPort) break
      const group = parseGroupNumber(value, warn)
      if (group === undefined) return `${value} is not a valid OpenFlow group`
      flow.outGroup = group
      state.protocols &= protocol.since11
      return undefined
    }
  }
  return statistics.has(name) ? undefined : `unknown keyword ${name}`
}

const known = new Set(['table', 'priority', 'cookie'])

const take16 = (
  flow: FlowMod,
  property: 'priority' | 'idleTimeout' | 'hardTimeout' | 'importance',
  name: string,
  value: string,
): string | undefined => {
  const number = parseUpTo(value, 0xffff)
  if (number === undefined) return `invalid ${name} "${value}"`
  flow[property] = number
  return undefined
}

/** `VALUE` is the cookie to give, `VALUE/MASK` the one to look for; -1 is all ones. */
const takeCookie = (state: State, text: string): string | undefined => {
  const { flow, allowed } = state
  const slash = text.indexOf('/')
  const valueText = slash < 0 ? text : text.slice(0, slash)
  if (slash < 0) {
    if (!allowed.actions) return `cannot set cookie (to match on a cookie, specify a mask, e.g. cookie=${valueText}/-1)`
    const value = cookieOf(valueText)
    if (typeof value === 'string') return value
    // To a change all ones are none.
    flow.newCookie = value === noCookie && flow.command !== 'add' ? undefined : value
    return undefined
  }
  const mask = cookieOf(text.slice(slash + 1))
  if (typeof mask === 'string') return mask
  const value = cookieOf(valueText)
  if (typeof value === 'string') return value
  flow.cookie = value & mask
  flow.cookieMask = mask
  // OpenFlow 1.0 itself has no cookies to look for.
  if (mask !== 0n) state.protocols &= ~protocol.of10
  return undefined
}

const cookieOf = (text: string): bigint | string => (text === '-1' ? 0xffffffffffffffffn : parse64(text))
