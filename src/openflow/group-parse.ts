/** Groups as ovs-ofctl reads them (ovs-ofctl(8), "Group Syntax"). Errors are in its words, without its name in front. */
import { type FieldName, field, fieldNamed, fieldNames, fullMask } from '../flow/fields.ts'
import { OfPort } from './action.ts'
import { protocolsOfList } from './action-check.ts'
import { parseActions } from './action-text.ts'
import { parseFieldValue } from './field-text.ts'
import {
  type Bucket,
  type GroupCommand,
  type GroupMod,
  type GroupType,
  noSelection,
  OfBucket,
  OfGroup,
  type Selection,
} from './group.ts'
import { defaultWeight } from './group-wire.ts'
import { parse32, parse64, parseUpTo } from './number.ts'
import { type PortNames, parsePort, type Warn } from './port-text.ts'
import { type Protocols, protocol, protocolsOf } from './protocol.ts'
import { splitWords } from './words.ts'

export type GroupTextOptions = { ports?: PortNames | undefined; tables?: PortNames | undefined; warn?: Warn }

/** A change of groups that was read, with the protocols that can say it. */
export type GroupRead = { ok: true; mod: GroupMod; protocols: Protocols } | { ok: false; error: string }
const wrong = (error: string): GroupRead => ({ ok: false, error })

/** Those that have buckets' numbers and ways to select. */
const withSelection: Protocols = protocol.of10 | protocol.nxm | protocolsOf(6)

/** What a command takes beside a group's number. */
type Takes = { type: boolean; buckets: boolean; commandBucket: boolean }
const takes: Readonly<Record<GroupCommand, Takes>> = {
  add: { type: true, buckets: true, commandBucket: false },
  modify: { type: true, buckets: true, commandBucket: false },
  add_or_mod: { type: true, buckets: true, commandBucket: false },
  delete: { type: false, buckets: false, commandBucket: false },
  insert_bucket: { type: false, buckets: true, commandBucket: true },
  remove_bucket: { type: false, buckets: false, commandBucket: true },
}

const typeNames: Readonly<Record<string, GroupType>> = {
  all: 'all',
  select: 'select',
  indirect: 'indirect',
  ff: 'fast_failover',
  fast_failover: 'fast_failover',
}

const commandBuckets: Readonly<Record<string, number>> = {
  all: OfBucket.all,
  first: OfBucket.first,
  last: OfBucket.last,
}

type State = {
  command: GroupCommand
  options: GroupTextOptions
  group: number | undefined
  type: GroupType | undefined
  commandBucket: number | undefined
  method: string
  parameter: bigint
  fields: Selection['fields']
  protocols: Protocols
}

/** Reads a group for a command: `group_id=1,type=select,bucket=output:1,bucket=output:2`. */
export const parseGroup = (text: string, command: GroupCommand, options: GroupTextOptions = {}): GroupRead => {
  const allowed = takes[command]
  const [head = '', ...bucketTexts] = text.split('bucket=')
  if (bucketTexts.length > 0 && !allowed.buckets) return wrong('bucket is not needed')
  const state: State = {
    command,
    options,
    group: command === 'delete' ? OfGroup.all : undefined,
    type: undefined,
    commandBucket: command === 'remove_bucket' ? OfBucket.all : undefined,
    method: '',
    parameter: 0n,
    fields: [],
    protocols: allowed.commandBucket ? withSelection : protocol.any,
  }
  for (const { name, value } of splitWords(head)) {
    const error = takeWord(name, value, state, allowed)
    if (error !== undefined) return wrong(error)
  }
  const lacking = missing(state, allowed)
  if (lacking !== undefined) return wrong(lacking)
  const buckets: Bucket[] = []
  for (const each of bucketTexts) {
    const bucket = parseBucket(each, state)
    if (typeof bucket === 'string') return wrong(bucket)
    buckets.push(bucket)
    if (state.type === 'indirect' && buckets.length > 1) return wrong('Indirect groups can have at most one bucket.')
  }
  const { method, parameter, fields } = state
  return {
    ok: true,
    mod: {
      command,
      type: state.type ?? 'all',
      group: state.group as number,
      commandBucket: state.commandBucket ?? OfBucket.all,
      buckets,
      selection: method === '' ? noSelection : { method, parameter, fields },
    },
    protocols: state.protocols,
  }
}

const missing = (state: State, allowed: Takes): string | undefined => {
  if (state.group === undefined) return 'must specify a group_id'
  if (allowed.type && state.type === undefined) return 'must specify a type'
  if (allowed.commandBucket && state.commandBucket === undefined) return 'must specify a command bucket id'
  if (state.fields.length > 0 && state.method !== 'hash')
    return 'fields may only be specified with "selection_method=hash"'
  if (state.parameter !== 0n && state.method === '')
    return 'selection_method_param is only allowed with "selection_method"'
  return undefined
}

const takeWord = (name: string, value: string, state: State, allowed: Takes): string | undefined => {
  switch (name) {
    case 'command_bucket_id':
      return takeCommandBucket(value, state, allowed)
    case 'group_id': {
      if (value === 'all') {
        state.group = OfGroup.all
        return undefined
      }
      const group = parse32(value)
      if (typeof group === 'string') return group
      if (group > OfGroup.max) return `invalid group id ${group}`
      state.group = group
      return undefined
    }
    case 'type': {
      if (!allowed.type) return 'type is not needed'
      const type = Object.hasOwn(typeNames, value) ? typeNames[value] : undefined
      if (type === undefined) return `invalid group type ${value}`
      state.type = type
      return undefined
    }
    default:
      return takeSelection(name, value, state, allowed)
  }
}

const takeCommandBucket = (value: string, state: State, allowed: Takes): string | undefined => {
  if (!allowed.commandBucket) return 'command bucket id is not needed'
  const word = Object.hasOwn(commandBuckets, value) ? commandBuckets[value] : undefined
  const bucket = word ?? parse32(value)
  if (typeof bucket === 'string') return bucket
  if (word === undefined && bucket > OfBucket.max) return `invalid command bucket id ${bucket}`
  if (bucket === OfBucket.all && state.command === 'insert_bucket') return 'command_bucket_id=all is not permitted'
  state.commandBucket = bucket
  return undefined
}

const longestMethod = 15

const takeSelection = (name: string, value: string, state: State, allowed: Takes): string | undefined => {
  switch (name) {
    case 'selection_method':
      if (!allowed.type) return 'selection method is not needed'
      if (value.length > longestMethod) return `selection method is longer than ${longestMethod} bytes long`
      state.method = value
      state.protocols &= withSelection
      return undefined
    case 'selection_method_param': {
      if (!allowed.type) return 'selection method param is not needed'
      const parameter = parse64(value)
      if (typeof parameter === 'string') return parameter
      state.parameter = parameter
      state.protocols &= withSelection
      return undefined
    }
    case 'fields':
      if (!allowed.type) return 'fields are not needed'
      state.protocols &= withSelection
      return takeFields(value, state)
    default:
      return `unknown keyword ${name}`
  }
}

/** Fields with their masks: `ip_src,ip_dst=255.255.0.0`; they are kept in the order of the field table. */
const takeFields = (text: string, state: State): string | undefined => {
  const masks = new Map<FieldName, bigint>(state.fields.map(each => [each.field, each.mask]))
  for (const { name, value } of splitWords(text)) {
    const found = /^[A-Z]/.test(name) ? undefined : fieldNamed(name)
    if (found === undefined) return `: unknown field ${name}`
    if (masks.has(found)) return `${name}: duplicate field`
    const mask = value === '' ? fullMask(found) : parseMask(found, value, state)
    if (typeof mask === 'string') return mask
    masks.set(found, mask)
  }
  state.fields = fieldNames.flatMap(name => (masks.has(name) ? [{ field: name, mask: masks.get(name) as bigint }] : []))
  return undefined
}

const parseMask = (name: FieldName, text: string, { options }: State): bigint | string => {
  const parsed = parseFieldValue(name, text, options.ports, options.warn ?? (() => {}))
  if (typeof parsed === 'string') return parsed
  if (parsed.mask !== fullMask(name) && field(name).maskable === true) return `${text}: wildcards not allowed here`
  return parsed.value === 0n ? ': values are wildcards here and must not be all-zeros' : parsed.value
}

/** Reads what follows `bucket=`: words of its own, and actions under their names or after `actions=`. */
const parseBucket = (text: string, state: State): Bucket | string => {
  const { options } = state
  const { ports, tables, warn = () => {} } = options
  const type = state.type ?? 'all'
  const bucket: Draft = { id: undefined, weight: defaultWeight(type), watchPort: undefined, watchGroup: undefined }
  let actionText: string | undefined
  for (const { name, value } of splitWords(text)) {
    const key = name.toLowerCase()
    if (key === 'action' || key === 'actions') actionText = `${actionText ?? ''}${value},`
    else if (Object.hasOwn(bucketWords, key)) {
      const error = bucketWords[key as keyof typeof bucketWords](value, bucket, options)
      if (error !== undefined) return error
    } else actionText = `${actionText ?? ''}${name}(${value}),`
  }
  if (actionText === undefined) return 'bucket must specify actions'
  if (type === 'fast_failover' && bucket.watchPort === undefined && bucket.watchGroup === undefined)
    return 'fast failover bucket requires watch_port or watch_group'
  const actions = parseActions(actionText.slice(0, -1), ports, warn, tables, true)
  if (typeof actions === 'string') return actions
  // What came before says nothing of the protocols any more, as ovs-ofctl has it.
  state.protocols = protocolsOfList(actions)
  if (type !== 'select' && bucket.weight !== 0) return 'Only select groups can have bucket weights.'
  return { ...bucket, actions }
}

type Draft = {
  id: number | undefined
  weight: number
  watchPort: number | undefined
  watchGroup: number | undefined
}

/** Words of a bucket; what they return is what is wrong. */
const bucketWords = {
  weight(value: string, bucket: Draft): string | undefined {
    const weight = parseUpTo(value, 0xffff)
    if (weight === undefined) return `invalid weight "${value}"`
    bucket.weight = weight
    return undefined
  },
  watch_port(value: string, bucket: Draft, { ports, warn }: GroupTextOptions): string | undefined {
    const port = parsePort(value, ports, warn)
    if (port === undefined || (port >= OfPort.max && port !== OfPort.none)) return `${value}: invalid watch_port`
    bucket.watchPort = port === OfPort.none ? undefined : port
    return undefined
  },
  watch_group(value: string, bucket: Draft): string | undefined {
    const group = parse32(value)
    if (typeof group === 'string') return group
    if (group > OfGroup.max) return `invalid watch_group id ${group}`
    bucket.watchGroup = group
    return undefined
  },
  bucket_id(value: string, bucket: Draft): string | undefined {
    const id = parse32(value)
    if (typeof id === 'string') return id
    if (id > OfBucket.max) return `invalid bucket_id id ${id}`
    bucket.id = id
    return undefined
  },
} as const

/** What a line of `add-groups` begins with, in the order that beginnings of the words are tried. */
const lineCommands: readonly (readonly [word: string, command: GroupCommand])[] = [
  ['add', 'add'],
  ['delete', 'delete'],
  ['modify', 'modify'],
  ['add_or_mod', 'add_or_mod'],
  ['insert_bucket', 'insert_bucket'],
  ['remove_bucket', 'remove_bucket'],
]

/** A line of a file of groups: it may begin with a command, or the beginning of its word; else it adds. */
export const parseGroupLine = (line: string, options: GroupTextOptions = {}): GroupRead => {
  const word = /^[^ ]*/.exec(line)?.[0] ?? ''
  const found = lineCommands.find(([name]) => name.startsWith(word))
  if (found === undefined) return parseGroup(line, 'add', options)
  return parseGroup(line.slice(word.length), found[1], options)
}
