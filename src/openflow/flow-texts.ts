import { type Paint, plain } from '../flow/paint.ts'
import type { OfAction } from './action.ts'
import { formatActions } from './action-text.ts'
import { BytesMemo } from './bytes-memo.ts'
import { MatchMemo } from './match-memo.ts'
import type { PortNames } from './port-text.ts'

/** What stands before the values of a flow, in its colours. */
const labelsIn = ({ actions, param, special }: Paint) => ({
  cookie: param('cookie='),
  duration: param('duration='),
  table: special('table='),
  packets: param('n_packets='),
  bytes: param('n_bytes='),
  idleTimeout: param('idle_timeout='),
  hardTimeout: param('hard_timeout='),
  importance: param('importance='),
  idleAge: param('idle_age='),
  hardAge: param('hard_age='),
  priority: special('priority='),
  actions: actions('actions='),
})
export type FlowLabels = Readonly<ReturnType<typeof labelsIn>>

/** What flows have in common as text, of one way to name ports and tables, and to colour. */
export class FlowTexts {
  readonly ports: PortNames | undefined
  readonly tables: PortNames | undefined
  readonly paint: Paint
  readonly labels: FlowLabels
  readonly matches: MatchMemo
  /** The texts of lists of actions, by version and bytes. */
  readonly lists = new BytesMemo<string>()

  constructor(ports?: PortNames, tables?: PortNames, paint: Paint = plain) {
    this.ports = ports
    this.tables = tables
    this.paint = paint
    this.labels = labelsIn(paint)
    this.matches = new MatchMemo(ports && (port => ports.name(port)), paint)
  }

  readonly actions = (actions: readonly OfAction[]): string =>
    formatActions(actions, this.ports, this.tables, this.paint)
}
