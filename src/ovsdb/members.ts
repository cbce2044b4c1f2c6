import { isId } from './atom.ts'
import { Fault, syntaxFault } from './fault.ts'
import { isObject, type Json, type JsonObject, member } from './json.ts'

/** The kinds of member that messages have; an integer may be large, a name is an `<id>`. */
export type MemberType = 'boolean' | 'integer' | 'real' | 'string' | 'array' | 'object' | 'id'

const is: Readonly<Record<MemberType, (json: Json) => boolean>> = {
  boolean: json => typeof json === 'boolean',
  integer: json => Number.isSafeInteger(json) || typeof json === 'bigint',
  real: json => typeof json === 'number' && !Number.isSafeInteger(json),
  string: json => typeof json === 'string',
  array: Array.isArray,
  object: isObject,
  id: json => typeof json === 'string' && isId(json),
}

/**
 * Takes an object's members one by one and remembers the first thing that is wrong with it, also that a member is left
 * which nobody took. `what` is what is read, for the words of the error.
 */
export class Members {
  private readonly object: JsonObject | undefined
  private readonly what: string
  private readonly taken = new Set<string>()
  private fault: Fault | undefined

  constructor(json: Json | undefined, what: string) {
    this.object = isObject(json) ? json : undefined
    this.what = what
    if (this.object === undefined) this.fault = new Fault('syntax error', `Parsing ${what} failed: Object expected.`)
  }

  required(name: string, ...types: MemberType[]): Json | undefined {
    const value = this.optional(name, ...types)
    if (this.object !== undefined && !this.taken.has(name)) this.wrong(`Required '${name}' member is missing.`)
    return value
  }

  optional(name: string, ...types: MemberType[]): Json | undefined {
    const value = this.object && member(this.object, name)
    if (value === undefined) return undefined
    this.taken.add(name)
    if (types.some(type => is[type](value))) return value
    this.wrong(`Type mismatch for member '${name}'.`)
    return undefined
  }

  wrong(details: string): void {
    this.fault ??= syntaxFault(`Parsing ${this.what} failed: ${details}`, this.object)
  }

  /** What is wrong so far. */
  get failed(): Fault | undefined {
    return this.fault
  }

  /** What is wrong, once all members that may be there were asked for. */
  finish(): Fault | undefined {
    if (this.fault !== undefined || this.object === undefined) return this.fault
    const names = Object.keys(this.object)
    if (names.length === this.taken.size) return undefined
    const [first, ...more] = names.filter(name => !this.taken.has(name))
    const others = more.length === 0 ? '' : ` and ${more.length} other member${more.length > 1 ? 's' : ''}`
    const verb = more.length === 0 ? 'is' : 'are'
    this.wrong(`Member '${first}'${others} ${verb} present but not allowed here.`)
    return this.fault
  }
}
