/** The `<mutation>` of RFC 7047 §5.1. */
import type { Atom } from './atom.ts'
import { type BaseType, type ColumnType, describe, isScalar } from './column.ts'
import { type Datum, misfit, setOf } from './datum.ts'
import { checkAtom, datumFromJson, type NamedUuid } from './datum-json.ts'
import { subtract, unite } from './datum-merge.ts'
import { type Checked, Fault, syntaxFault } from './fault.ts'
import { isInt64, type Json, narrow } from './json.ts'
import type { Column, Table } from './table.ts'

export type Mutation = { column: Column; mutator: Mutator; argument: Datum }
type Mutator = '+=' | '-=' | '*=' | '/=' | '%=' | 'insert' | 'delete'

const mutators = new Set<string>(['+=', '-=', '*=', '/=', '%=', 'insert', 'delete'])

export const mutationFromJson = (json: Json, table: Table, named: NamedUuid): Checked<Mutation> => {
  const [name, mutator, argumentJson] = Array.isArray(json) && json.length === 3 ? json : []
  if (typeof name !== 'string' || typeof mutator !== 'string') return syntaxFault('Parse error in mutation.', json)
  const column = table.column(name)
  if (column === undefined) return syntaxFault(`No column ${name} in table ${table.name}.`, json, 'unknown column')
  const { type } = column
  if (type.fixed) {
    return syntaxFault(`Cannot mutate immutable column ${name} in table ${table.name}.`, json, 'constraint violation')
  }
  if (!isMutator(mutator)) return new Fault('unknown mutator', `No mutator named ${mutator}.`)
  if (!applies(mutator, type)) {
    const details = `Type mismatch: "${mutator}" operator may not be applied to column ${name} of type ${describe(type)}.`
    return syntaxFault(details, json)
  }
  const argument = argumentFromJson(argumentJson as Json, mutator, type, named)
  return argument instanceof Fault ? argument : { column, mutator, argument }
}

const isMutator = (word: string): word is Mutator => mutators.has(word)

const applies = (mutator: Mutator, type: ColumnType): boolean => {
  if (mutator === 'insert' || mutator === 'delete') return !isScalar(type)
  if (type.value !== undefined) return false
  return type.key.type === 'integer' || (type.key.type === 'real' && mutator !== '%=')
}

const argumentFromJson = (json: Json, mutator: Mutator, type: ColumnType, named: NamedUuid): Checked<Datum> => {
  if (mutator === 'insert') return datumFromJson(json, { ...type, min: 0 }, { named })
  if (mutator !== 'delete') return datumFromJson(json, { key: { type: type.key.type }, min: 1, max: 1 })
  const loose = { ...type, min: 0 as const, max: Number.POSITIVE_INFINITY }
  const entries = datumFromJson(json, loose, { named })
  if (type.value === undefined || !(entries instanceof Fault)) return entries
  // Entries to delete may be named by their keys alone.
  return datumFromJson(json, { key: type.key, min: 0, max: Number.POSITIVE_INFINITY }, { named })
}

/** The column's new value, or why it may not have it. */
export const mutate = ({ column, mutator, argument }: Mutation, value: Datum): Checked<Datum> => {
  const { type } = column
  if (mutator === 'insert' || mutator === 'delete') {
    const changed = mutator === 'insert' ? unite(value, argument) : subtract(value, argument)
    if (misfit(type, changed) === undefined) return changed
    const details = `Attempted to store ${changed.keys.length} elements in ${describe(type)}.`
    return new Fault('constraint violation', details)
  }
  const keys: Atom[] = []
  for (const key of value.keys) {
    const result = calculate(mutator, key, argument.keys[0] as Atom, type.key)
    if (result instanceof Fault) return result
    const fault = checkAtom(result, type.key)
    if (fault !== undefined) return fault
    keys.push(result)
  }
  const changed = setOf(...keys)
  return changed.keys.length === keys.length
    ? changed
    : new Fault('constraint violation', `Result of "${mutator}" operation contains duplicates.`)
}

type Arithmetic = Exclude<Mutator, 'insert' | 'delete'>

const calculate = (mutator: Arithmetic, a: Atom, b: Atom, { type }: BaseType): Checked<Atom> => {
  if ((mutator === '/=' || mutator === '%=') && (b === 0 || b === 0n)) {
    return new Fault('domain error', 'Division by zero.')
  }
  if (type === 'real') {
    const result = real(mutator, Number(a), Number(b))
    return Number.isFinite(result) ? result : outOfRange(mutator)
  }
  const result = whole(mutator, BigInt(a), BigInt(b))
  // The remainder is refused where the quotient is.
  const fits = isInt64(result) && (mutator !== '%=' || isInt64(BigInt(a) / BigInt(b)))
  return fits ? narrow(result) : outOfRange(mutator)
}

const outOfRange = (mutator: Arithmetic): Fault =>
  new Fault('range error', `Result of "${mutator}" operation is out of range.`)

const real = (mutator: Arithmetic, a: number, b: number): number =>
  mutator === '+=' ? a + b : mutator === '-=' ? a - b : mutator === '*=' ? a * b : a / b

const whole = (mutator: Arithmetic, a: bigint, b: bigint): bigint =>
  mutator === '+=' ? a + b : mutator === '-=' ? a - b : mutator === '*=' ? a * b : mutator === '/=' ? a / b : a % b
