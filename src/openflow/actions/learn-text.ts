/** `learn(…)` as text (ovs-actions(7), "The learn action"). */
import { formatFieldValue, hex } from '../../flow/field-text.ts'
import { fullMask } from '../../flow/fields.ts'
import { ctStates, formatFlags, tunnelFlags } from '../../flow/flags.ts'
import type { Paint } from '../../flow/paint.ts'
import type { Subfield } from '../action.ts'
import { atoi, strtoull } from '../c-number.ts'
import { isWritable, parseFieldValue, widthOf } from '../field-text.ts'
import { defaultPriority } from '../flow-mod.ts'
import type { Learn, LearnSpec } from '../learn.ts'
import { formatSubfield, parseSubfield } from '../subfield.ts'
import { formatTable, parseTable } from '../table-text.ts'
import { splitWords } from '../words.ts'
import type { ActionContext, ActionFormatter, ActionOf, ActionParser, FormatContext } from './codec.ts'
import { parseSubfield32 } from './field-header.ts'
import { parseInteger, writtenInteger } from './integer-text.ts'
import { parseMove } from './load-move.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type State = Mutable<Learn> & { specs: LearnSpec[] }

/** Words with a number of 16 bits. */
const numbers = {
  priority: 'priority',
  idle_timeout: 'idleTimeout',
  hard_timeout: 'hardTimeout',
  fin_idle_timeout: 'finIdleTimeout',
  fin_hard_timeout: 'finHardTimeout',
} as const
const isNumber = (name: string): name is keyof typeof numbers => Object.hasOwn(numbers, name)

export const parseLearn: ActionParser = (argument, context) => {
  const learn: State = {
    table: 1,
    priority: defaultPriority,
    idleTimeout: 0,
    hardTimeout: 0,
    finIdleTimeout: 0,
    finHardTimeout: 0,
    cookie: 0n,
    sendFlowRemoved: false,
    deleteLearned: false,
    limit: 0,
    result: undefined,
    specs: [],
  }
  for (const { name, value } of splitWords(argument)) {
    const wrong = takeWord(learn, name, value, argument, context)
    if (wrong !== undefined) return wrong
  }
  return { type: 'learn', learn }
}

const takeWord = (
  learn: State,
  name: string,
  value: string,
  whole: string,
  context: ActionContext,
): string | undefined => {
  if (isNumber(name)) {
    learn[numbers[name]] = atoi(value, 16)
    return undefined
  }
  switch (name) {
    case 'table':
      return takeTable(learn, value, whole, context)
    case 'cookie':
      learn.cookie = strtoull(value)
      return undefined
    case 'send_flow_rem':
      learn.sendFlowRemoved = true
      return undefined
    case 'delete_learned':
      learn.deleteLearned = true
      return undefined
    case 'limit':
      learn.limit = atoi(value)
      return undefined
    case 'result_dst':
      return takeResult(learn, value)
  }
  const spec = parseSpec(name, value, whole, context)
  if (typeof spec === 'string') return spec
  learn.specs.push(spec)
  return undefined
}

const takeTable = (learn: State, value: string, whole: string, { warn, tables }: ActionContext): string | undefined => {
  const table = parseTable(value, warn, tables)
  if (table === undefined) return `unknown table "${value}"`
  learn.table = table
  return table === 255 ? `${whole}: table id 255 not valid for \`learn' action` : undefined
}

const takeResult = (learn: State, value: string): string | undefined => {
  const result = parseSubfield(value)
  if (typeof result === 'string') return result
  learn.result = result
  if (!isWritable(result.field)) return `${value} is read-only`
  return result.count === 1 ? undefined : "result_dst in 'learn' action must be a single bit"
}

/** A field of the match, `load` or `output`. */
const parseSpec = (name: string, value: string, whole: string, context: ActionContext): LearnSpec | string => {
  const field = parseSubfield(name)
  if (typeof field !== 'string') {
    const named = parseSubfield32(name, whole)
    return typeof named === 'string' ? named : parseMatch(name, named, value, whole, context)
  }
  if (name === 'load') return parseLoad(value, context)
  if (name !== 'output') return `${whole}: unknown keyword ${name}`
  const source = parseSubfield(value)
  return typeof source === 'string' ? source : { source, target: { type: 'output' } }
}

/** `field=other` or `field=constant`; without a value, the same field of the frame. */
const parseMatch = (
  name: string,
  field: Subfield,
  value: string,
  whole: string,
  context: ActionContext,
): LearnSpec | string => {
  const target = { type: 'match', field } as const
  if (value === '') return { source: field, target }
  const source = parseSubfield(value)
  if (typeof source !== 'string') {
    if (source.count === field.count) return { source, target }
    return `${whole}: bit widths of ${name} (${source.count}) and ${value} (${field.count}) differ`
  }
  const constant = parseConstant(field, value, whole, context)
  if (typeof constant !== 'string') return { source: { value: constant, count: field.count }, target }
  return `${whole}: ${name} value ${value} cannot be parsed as a subfield (${source}) or an immediate value (${constant})`
}

/** For a whole field in the field's own format, for part of one a number. */
const parseConstant = (
  { field, start, count }: Subfield,
  text: string,
  whole: string,
  { ports, warn }: ActionContext,
): bigint | string => {
  if (start === 0 && count === widthOf(field)) {
    const parsed = parseFieldValue(field, text, ports, warn, true)
    if (typeof parsed === 'string') return parsed
    if (parsed.mask !== fullMask(field)) return `${text}: wildcards not allowed here`
    // As many bytes as the bits take are kept.
    return BigInt.asUintN(8 * Math.ceil(count / 8), parsed.value)
  }
  const number = parseInteger(text, field)
  if (number === undefined || number.rest !== '') return `${whole}: cannot parse integer value`
  if (number.value >> BigInt(count) === 0n) return number.value
  return `${whole}: value ${writtenInteger(field, number.value)} does not fit into ${count} bits`
}

/** `load:constant->field`, `load:field->field`. */
const parseLoad = (value: string, context: ActionContext): LearnSpec | string => {
  const arrow = value.indexOf('->')
  if (arrow === 0) return `load: missing source before \`->' in \`${value}'`
  if (arrow < 0) return `load: missing \`->' in \`${value}'`
  const number = parseInteger(value)
  if (number === undefined) {
    const moved = parseMove(value, context)
    if (typeof moved === 'string' || moved.type !== 'move') return String(moved)
    return { source: moved.source, target: { type: 'load', field: moved.target } }
  }
  if (!number.rest.startsWith('->')) return `load: garbage before \`->' in \`${value}'`
  const field = parseSubfield32(value.slice(arrow + 2), value)
  if (typeof field === 'string') return field
  if (number.value >> BigInt(field.count) !== 0n) return `${value}: value does not fit into ${field.count} bits`
  return { source: { value: number.value, count: field.count }, target: { type: 'load', field } }
}

export const formatLearn: ActionFormatter<'learn'> = ({ learn }: ActionOf<'learn'>, { ports, tables, paint }) => {
  const parts = [`${paint.special('table=')}${formatTable(learn.table, tables)}`]
  const number = (name: string, value: number): void => {
    if (value !== 0) parts.push(`${paint.param(`${name}=`)}${value}`)
  }
  number('idle_timeout', learn.idleTimeout)
  number('hard_timeout', learn.hardTimeout)
  number('fin_idle_timeout', learn.finIdleTimeout)
  // Of these two the comma is coloured too.
  let rest = ''
  if (learn.finHardTimeout !== 0) rest += `${paint.param(',fin_hard_timeout=')}${learn.finHardTimeout}`
  if (learn.priority !== defaultPriority) rest += `${paint.special(',priority=')}${learn.priority}`
  parts.push(`${parts.pop()}${rest}`)
  if (learn.sendFlowRemoved) parts.push(paint.value('send_flow_rem'))
  if (learn.deleteLearned) parts.push(paint.value('delete_learned'))
  if (learn.cookie !== 0n) parts.push(`${paint.param('cookie=')}${hex(learn.cookie)}`)
  number('limit', learn.limit)
  if (learn.result !== undefined) parts.push(`${paint.param('result_dst=')}${formatSubfield(learn.result)}`)
  for (const spec of learn.specs) parts.push(formatSpec(spec, ports, paint))
  return `${paint.learn('learn(')}${parts.join(',')}${paint.learn(')')}`
}

const formatSpec = ({ source, target }: LearnSpec, ports: FormatContext['ports'], paint: Paint): string => {
  if (target.type !== 'match') {
    const text = 'value' in source ? hex(source.value) : formatSubfield(source)
    if (target.type === 'output') return `${paint.special('output:')}${text}`
    return `${paint.special('load:')}${text}${paint.special('->')}${formatSubfield(target.field)}`
  }
  const { field, start, count } = target.field
  if (!('value' in source)) {
    const same = source.field === field && source.start === start
    const name = paint.param(formatSubfield(target.field))
    return same ? name : `${name}${paint.param('=')}${formatSubfield(source)}`
  }
  if (start !== 0 || count !== widthOf(field))
    return `${paint.param(`${formatSubfield(target.field)}=`)}${hex(source.value)}`
  return `${paint.param(`${field}=`)}${formatConstant(field, source.value, ports)}`
}

/** A whole field's value. Some fields Open vSwitch writes here as nowhere else, oddly or not. */
const formatConstant = (field: Subfield['field'], value: bigint, ports: FormatContext['ports']): string => {
  switch (field) {
    case 'recirc_id':
      return value.toString()
    case 'tun_flags':
      return formatFlags(value, fullMask(field), tunnelFlags)
    case 'ct_state':
      return formatSigns(value)
  }
  const text = formatFieldValue(field, value, fullMask(field), port => ports?.name(port))
  return field === 'packet_type' ? `packet_type=${text}` : text
}

/** All 32 bits, whether they have names or not. */
const formatSigns = (value: bigint): string => {
  const signs = ctStates.map((name, bit) => `${(value >> BigInt(bit)) & 1n ? '+' : '-'}${name}`)
  return signs.join('') + '-[Unknown]'.repeat(32 - ctStates.length)
}
