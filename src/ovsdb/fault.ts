import type { Json, JsonObject } from './json.ts'
import { printJson } from './json-text.ts'

/** An `<error>` of RFC 7047 §3.1: `error` is one of its words, `details` says more, `syntax` is the JSON that is meant. */
export class Fault {
  readonly error: string
  readonly details: string
  readonly syntax: string | undefined

  constructor(error: string, details: string, syntax?: string) {
    this.error = error
    this.details = details
    this.syntax = syntax
  }

  /** As it stands in a reply. */
  toJson(): JsonObject {
    const { error, details, syntax } = this
    return syntax === undefined ? { details, error } : { syntax, details, error }
  }

  /** As tools print it. */
  toString(): string {
    const { error, details, syntax } = this
    return `${syntax === undefined ? '' : `syntax "${syntax}": `}${error}: ${details}`
  }
}

/** What a file would not do; `reason` is the system's word for it. */
export class IoFault extends Fault {
  private readonly reason: string

  constructor(details: string, reason: string) {
    super('I/O error', details)
    this.reason = reason
  }

  override toJson(): JsonObject {
    return { ...super.toJson(), 'io-error': this.reason }
  }

  override toString(): string {
    return `${super.toString()} (${this.reason})`
  }
}

/** What is read from JSON, or why not. */
export type Checked<T> = T | Fault

/** `json` is what is wrong; undefined where no JSON can be shown. */
export const syntaxFault = (details: string, json?: Json, error = 'syntax error'): Fault =>
  new Fault(error, details, json === undefined ? undefined : printJson(json, true))
