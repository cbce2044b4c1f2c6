import { type Paint, plain } from '../flow/paint.ts'
import type { OfAction } from './action.ts'
import { formatActions } from './action-text.ts'
import { BytesMemo } from './bytes-memo.ts'
import { MatchMemo } from './match-memo.ts'
import type { PortNames } from './port-text.ts'

/** What flows have in common as text, of one way to name ports and tables, and to colour. */
export class FlowTexts {
  readonly ports: PortNames | undefined
  readonly tables: PortNames | undefined
  readonly paint: Paint
  readonly matches: MatchMemo
  /** The texts of lists of actions, by version and bytes. */
  readonly lists = new BytesMemo<string>()

  constructor(ports?: PortNames, tables?: PortNames, paint: Paint = plain) {
    this.ports = ports
    this.tables = tables
    this.paint = paint
    this.matches = new MatchMemo(ports && (port => ports.name(port)), paint)
  }

  readonly actions = (actions: readonly OfAction[]): string =>
    formatActions(actions, this.ports, this.tables, this.paint)
}
