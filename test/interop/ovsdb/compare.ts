import { isObject, type Json, type JsonObject, printJson } from '../../../src/ovsdb/index.ts'

const uuidForm = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** UUIDs of two servers that stand for the same row. */
export class Pairs {
  private readonly theirs = new Map<string, string>()
  private readonly ours = new Map<string, string>()

  add(our: string, their: string): void {
    this.theirs.set(our, their)
    this.ours.set(their, our)
  }

  toTheirs(text: string): string {
    return text.replace(uuidForm, uuid => this.theirs.get(uuid) ?? uuid)
  }

  /** Text of theirs as ours would be; what stands for no row is `?`. */
  toOurs(text: string): string {
    return text.replace(uuidForm, uuid => this.ours.get(uuid) ?? (uuid.startsWith('11111111-2222') ? uuid : '?'))
  }

  /** Our text with what stands for no row as `?`. */
  own(text: string): string {
    return text.replace(uuidForm, uuid => (this.theirs.has(uuid) || uuid.startsWith('11111111-2222') ? uuid : '?'))
  }
}

/** Values without what may differ: sets and rows have no order, versions are anyone's, an error names two rows in any order. */
export const canonical = (json: Json): Json => {
  if (Array.isArray(json)) {
    const inner = json.map(canonical)
    if ((inner[0] === 'set' || inner[0] === 'map') && Array.isArray(inner[1])) return [inner[0], sorted(inner[1])]
    return inner
  }
  if (!isObject(json)) return json
  const entries = Object.entries(json).map(([name, value]): [string, Json] => {
    if (name === '_version') return [name, '?']
    if (name === 'rows' && Array.isArray(value)) return [name, sorted(value.map(canonical))]
    if (name === 'details' && typeof value === 'string') return [name, anyOrder(value)]
    return [name, canonical(value)]
  })
  return Object.fromEntries(entries)
}

const sorted = (list: Json[]): Json[] =>
  list
    .map(item => [printJson(item, true), item] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, item]) => item)

/** An error names two rows in any order. */
const anyOrder = (details: string): string => {
  const parts = /^(.*) {2}First row, (.*)\. {2}Second row, (.*)\.$/.exec(details)
  return parts === null ? details : [parts[1], ...[parts[2], parts[3]].sort()].join(' | ')
}

/** A value that the column does not take: of the row that `update` gives, or of what `mutate` makes of any row. */
const wrongValue =
  /"details":"(?:Attempted to store|Division by zero|Result of|[^"]* is not one of|[^"]* is not in the valid|[^"]* is (?:less|greater) than)(?:[^"\\]|\\.)*","error":"[^"]*"/

/** What remains of errors when it may be any of several rows or columns that break a rule: which one is up to a hash. */
export const anyCulprit = (text: string): string =>
  text
    .replace(/"details":"cannot delete .*? reference\(s\)"/, '"details":"cannot delete"')
    .replace(/"details":"Cannot update immutable column .*? in/, '"details":"Cannot update immutable column ? in')
    .replace(wrongValue, '"details":"wrong value","error":"?"')
    .replace(/"details":"Table [^"]* references nonexistent row [^"]*"/, '"details":"nonexistent"')
    .replace(/"details":"Transaction causes multiple rows (?:[^"\\]|\\.)*"/, '"details":"duplicate"')
    .replace(/"details":"transaction causes (?:[^"\\]|\\.)*"/, '"details":"too many"')
    .replace(/"details":"Deletion of [0-9]+ weak (?:[^"\\]|\\.)*"/, '"details":"weak"')
    .replace(/"details":"Weak reference (?:[^"\\]|\\.)*"/, '"details":"weak"')

export const canonicalText = (json: Json): string => printJson(canonical(json), true)

/** The UUIDs of rows that both inserted. */
export const learn = (pairs: Pairs, ours: readonly Json[], theirs: readonly Json[]): void => {
  for (const [i, own] of ours.entries()) {
    const a = isObject(own) ? (own as JsonObject).uuid : undefined
    const other = theirs[i]
    const b = isObject(other) ? other.uuid : undefined
    if (Array.isArray(a) && Array.isArray(b)) pairs.add(String(a[1]), String(b[1]))
  }
}
