import { type Datum, empty, mapOf, recordOf } from '../ovsdb/datum.ts'
import { type Cancel, type Clock, second } from '../runtime/index.ts'
import type { Rows } from './row.ts'

/** How often the computer is looked at. */
const interval = 5 * second

/** Whether `other_config:enable-statistics` asks for what the computer does. */
export const wantsStatistics = (rows: Rows): boolean => {
  const [root] = rows.rows('Open_vSwitch')
  return recordOf(root?.columns.other_config ?? empty)['enable-statistics']?.toLowerCase() === 'true'
}

/** What `Open_vSwitch.statistics` says of the computer: of every five seconds while it is asked for, else nothing. */
export class SystemStatistics {
  private readonly clock: Clock
  private readonly look: () => Readonly<Record<string, string>>
  private readonly changed: () => void
  private cancel: Cancel | undefined
  private last: Datum = mapOf([])

  /** `look` looks at the computer; `changed` is told of what was found later than when it was turned on. */
  constructor(clock: Clock, look: () => Readonly<Record<string, string>>, changed: () => void) {
    this.clock = clock
    this.look = look
    this.changed = changed
  }

  /** The column's value. */
  get now(): Datum {
    return this.last
  }

  turn(isOn: boolean): void {
    if (isOn === (this.cancel !== undefined)) return
    this.cancel?.()
    this.cancel = undefined
    this.last = mapOf([])
    if (isOn) this.take()
  }

  private take(): void {
    this.last = mapOf(Object.entries(this.look()))
    this.cancel = this.clock.at(this.clock.now() + interval, () => {
      this.take()
      this.changed()
    })
  }
}
