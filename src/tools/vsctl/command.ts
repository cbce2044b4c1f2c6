import type { TableStyle } from '../table.ts'
import type { Model } from './model.ts'
import type { Needs, VsctlTransaction } from './rows.ts'

export { Needs, textOf, type VsctlTransaction } from './rows.ts'

/** What a command has to do its work: the transaction that all commands of one call share, and where output goes. */
export interface Call {
  readonly transaction: VsctlTransaction
  /** The bridges, ports and interfaces as the transaction has them now. */
  readonly model: Model
  /** Without the command's name. */
  readonly args: readonly string[]
  /** `--may-exist` and the like, by name with dashes; those without a value have an empty one. */
  readonly options: ReadonlyMap<string, string>
  /** Lines of output; printed when the whole call has succeeded. */
  readonly lines: string[]
  /** Lines of a table, printed as they are in the place of `lines`. */
  readonly table: string[]
  /** The words as typed, for messages that quote them. */
  readonly text: string
  /** `@name` to the UUID of the row that it stands for. */
  readonly names: Map<string, NamedRow>
  /** UUIDs of the interfaces that the call made, for the look at what became of them. */
  readonly made: string[]
  /** What the original would log. */
  warn(module: string, text: string): void
  /** How `list` and `find` print. */
  readonly style: TableStyle
}

/** A row that a call gave a name: made by `create`, referred to by others, in any order. */
export type NamedRow = { uuid: string; created: boolean; used: boolean }

/** Undefined is success; a string is an error with status 1, a number a status without words. */
export type Verdict = string | number | undefined

/** How many arguments a command takes, which options, and what it does. A trailing `=` marks an option with a value. */
export type VsctlCommand = {
  min: number
  max: number
  options?: readonly string[]
  /** Tells what it needs of the database, before anything runs; a text says why it cannot run. */
  needs(needs: Needs, args: readonly string[], options: ReadonlyMap<string, string>): string | undefined
  run(call: Call): Verdict
}

export type VsctlCommands = Readonly<Record<string, VsctlCommand>>

export const any = Number.POSITIVE_INFINITY
