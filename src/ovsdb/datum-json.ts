/** The `<value>` of RFC 7047 §5.1: JSON to datums and back. */
import { type Atom, compareAtoms, formatAtom, isId, isUuid } from './atom.ts'
import type { BaseType, ColumnType } from './column.ts'
import type { Datum } from './datum.ts'
import { type Checked, Fault, syntaxFault } from './fault.ts'
import type { Json } from './json.ts'
import { printReal } from './json-text.ts'

/** The UUID that a `named-uuid` stands for; asks for one before its row is inserted, too. */
export type NamedUuid = (name: string) => string

/** What reading an atom may need: without `named`, only UUIDs in full; `loose` leaves a type's limits aside. */
export type ReadOptions = { named?: NamedUuid; loose?: boolean }

export const atomFromJson = (json: Json, base: BaseType, { named, loose }: ReadOptions = {}): Checked<Atom> => {
  const atom = ofType(json, base, named)
  if (atom instanceof Fault || loose) return atom
  return checkAtom(atom, base) ?? atom
}

const ofType = (json: Json, { type }: BaseType, named: NamedUuid | undefined): Checked<Atom> => {
  switch (type) {
    case 'string':
      if (typeof json === 'string') return json
      break
    case 'boolean':
      if (typeof json === 'boolean') return json
      break
    case 'integer':
      if (typeof json === 'bigint' || Number.isSafeInteger(json)) return json as Atom
      break
    case 'real':
      if (typeof json === 'number') return json
      if (typeof json === 'bigint') return Number(json)
      break
    case 'uuid':
      return uuidFromJson(json, named)
  }
  return syntaxFault(`expected ${type}`, json)
}

const uuidFromJson = (json: Json, named: NamedUuid | undefined): Checked<string> => {
  const kind = Array.isArray(json) && json.length === 2 ? json[0] : undefined
  const text = Array.isArray(json) ? json[1] : undefined
  if (kind === 'uuid' && typeof text === 'string') {
    return isUuid(text) ? text.toLowerCase() : syntaxFault(`"${text}" is not a valid UUID`, json)
  }
  if (kind === 'named-uuid' && typeof text === 'string' && named !== undefined) {
    return isId(text) ? named(text) : syntaxFault('named-uuid string is not a valid <id>', json)
  }
  return syntaxFault('expected ["uuid", <string>]', json)
}

const violation = (details: string): Fault => new Fault('constraint violation', details)

/** What limits of its type an atom breaks. */
export const checkAtom = (atom: Atom, base: BaseType): Fault | undefined => {
  const { type, oneOf, min, max, minLength, maxLength } = base
  if (oneOf !== undefined && !oneOf.includes(atom)) {
    const allowed = oneOf.map(other => formatAtom(other, type)).join(', ')
    return violation(`${formatAtom(atom, type)} is not one of the allowed values ([${allowed}])`)
  }
  if ((min !== undefined && (atom as number) < min) || (max !== undefined && (atom as number) > max)) {
    const print = (limit: Atom): string => (type === 'real' ? printReal(Number(limit)) : String(limit))
    if (min !== undefined && max !== undefined) {
      return violation(`${print(atom)} is not in the valid range ${print(min)} to ${print(max)} (inclusive)`)
    }
    return violation(
      min !== undefined
        ? `${print(atom)} is less than minimum allowed value ${print(min)}`
        : `${print(atom)} is greater than maximum allowed value ${print(max ?? 0)}`,
    )
  }
  if (typeof atom !== 'string' || (minLength === undefined && maxLength === undefined)) return undefined
  const length = [...atom].length
  if (minLength !== undefined && length < minLength) {
    return violation(`"${atom}" length ${length} is less than minimum allowed length ${minLength}`)
  }
  return maxLength !== undefined && length > maxLength
    ? violation(`"${atom}" length ${length} is greater than maximum allowed length ${maxLength}`)
    : undefined
}

/** A column's value: a single atom stands for a set of one. */
export const datumFromJson = (json: Json, column: ColumnType, options: ReadOptions = {}): Checked<Datum> => {
  if (column.value !== undefined) return mapFromJson(json, column, column.value, options)
  const isSet = Array.isArray(json) && json.length > 0 && json[0] === 'set'
  if (!isSet) {
    const atom = atomFromJson(json, column.key, options)
    return atom instanceof Fault ? atom : { keys: [atom] }
  }
  const items = elements(json, 'set', column)
  if (items instanceof Fault) return items
  const keys: Atom[] = []
  for (const item of items) {
    const atom = atomFromJson(item, column.key, options)
    if (atom instanceof Fault) return atom
    keys.push(atom)
  }
  keys.sort(compareAtoms)
  for (let i = 1; i < keys.length; i++) {
    if (keys[i] === keys[i - 1]) return new Fault('ovsdb error', 'set contains duplicate')
  }
  return { keys }
}

const mapFromJson = (json: Json, column: ColumnType, value: BaseType, options: ReadOptions): Checked<Datum> => {
  const items = elements(json, 'map', column)
  if (items instanceof Fault) return items
  const entries: [Atom, Atom][] = []
  for (const item of items) {
    if (!Array.isArray(item) || item.length !== 2) return syntaxFault('expected 2-element array', item)
    const key = atomFromJson(item[0] as Json, column.key, options)
    if (key instanceof Fault) return key
    const to = atomFromJson(item[1] as Json, value, options)
    if (to instanceof Fault) return to
    entries.push([key, to])
  }
  entries.sort(([a], [b]) => compareAtoms(a, b))
  for (let i = 1; i < entries.length; i++) {
    if (entries[i]?.[0] === entries[i - 1]?.[0]) return new Fault('ovsdb error', 'map contains duplicate key')
  }
  return { keys: entries.map(([key]) => key), values: entries.map(([, to]) => to) }
}

/** The array in `["set", [...]]` or `["map", [...]]`, if it has as many elements as the column may. */
const elements = (json: Json, kind: 'set' | 'map', { min, max }: ColumnType): Checked<Json[]> => {
  const items = Array.isArray(json) && json.length === 2 && json[0] === kind ? json[1] : undefined
  if (!Array.isArray(items)) return syntaxFault(`expected ["${kind}", <array>]`, json)
  if (items.length >= min && items.length <= max) return items
  const most = max === Number.POSITIVE_INFINITY ? 4294967295 : max
  const range = min === most ? 'exactly one member' : `${min} to ${most} members`
  return syntaxFault(`${kind} must have ${range} but ${items.length} are present`, json)
}

/** The name by which a transaction knows a row that it makes, if the UUID is that of one. */
export type NameOf = (uuid: string) => string | undefined

export const atomToJson = (atom: Atom, { type }: BaseType, nameOf?: NameOf): Json => {
  if (type !== 'uuid') return atom
  const name = nameOf?.(String(atom))
  return name === undefined ? ['uuid', String(atom)] : ['named-uuid', name]
}

export const datumToJson = ({ keys, values }: Datum, { key, value }: ColumnType, nameOf?: NameOf): Json => {
  if (value !== undefined) {
    return ['map', keys.map((atom, i) => [atomToJson(atom, key, nameOf), atomToJson(values?.[i] ?? '', value, nameOf)])]
  }
  return keys.length === 1
    ? atomToJson(keys[0] as Atom, key, nameOf)
    : ['set', keys.map(atom => atomToJson(atom, key, nameOf))]
}
