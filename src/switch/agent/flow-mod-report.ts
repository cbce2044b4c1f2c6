import { type Cancel, type Clock, second } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'

/** A report comes so long after the first change, and not sooner than that after the one before. */
const delay = 10 * second
const pause = 60 * second

const kinds = ['adds', 'deletes', 'modifications'] as const

/** Tells the log how many flows a connection has changed: some time after it began to, and when it ends. */
export class FlowModReport {
  private readonly clock: Clock
  private readonly say: (text: string) => void
  private counts: Record<(typeof kinds)[number], number> = { adds: 0, deletes: 0, modifications: 0 }
  private first: number | undefined
  private last = 0
  private earliest = 0
  private cancel: Cancel | undefined

  /** `name` is the connection's, as `br0<->unix#3`. */
  constructor(clock: Clock, log: Log, name: string) {
    this.clock = clock
    this.say = text => log('connmgr', 'info', `${name}: ${text}`)
  }

  /** A change that was made; `command` is OpenFlow's word for it. */
  note(command: string): void {
    const now = this.clock.now()
    this.counts[command === 'add' ? 'adds' : command.startsWith('delete') ? 'deletes' : 'modifications']++
    this.last = now
    if (this.first !== undefined) return
    this.first = now
    this.cancel = this.clock.at(Math.max(now + delay, this.earliest), () => this.report())
  }

  close(): void {
    this.report()
  }

  private report(): void {
    this.cancel?.()
    this.cancel = undefined
    if (this.first === undefined) return
    const now = this.clock.now()
    const interval = Math.floor((this.last - this.first) / second)
    const ago = Math.floor((now - this.first) / second)
    const { counts } = this
    const told = kinds.filter(kind => counts[kind] > 0).map(kind => `${counts[kind]} ${kind}`)
    const sum = kinds.reduce((all, kind) => all + counts[kind], 0)
    const when =
      interval === ago
        ? `in the last ${ago} s`
        : interval === 0
          ? `${ago} s ago`
          : `in the ${interval} s starting ${ago} s ago`
    this.say(`${sum} flow_mods ${when} (${told.join(', ')})`)
    this.counts = { adds: 0, deletes: 0, modifications: 0 }
    this.first = undefined
    this.earliest = now + pause
  }
}
