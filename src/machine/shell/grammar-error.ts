/**
 * Why a text is not a shell program. `incomplete` when more text could make it one (an open quote, a `|` at the end): a
 * prompt then asks for more.
 */
export class GrammarError {
  readonly message: string
  readonly line: number
  readonly incomplete: boolean
  /** For an unexpected token: bash prints the line that holds it after the message. */
  readonly showsLine: boolean

  constructor(message: string, line: number, is: { incomplete?: boolean; showsLine?: boolean } = {}) {
    this.message = message
    this.line = line
    this.incomplete = is.incomplete ?? false
    this.showsLine = is.showsLine ?? false
  }
}
