import { newMatch } from '../../flow/match.ts'
import { OfPort } from '../../openflow/action.ts'
import { type Cancel, type Clock, second } from '../../runtime/index.ts'
import type { Bridge } from '../bridge.ts'
import type { Rule } from '../rule.ts'

/** Above all that controllers can say; such flows are hidden from them. */
export const failOpenPriority = 0xf0f0f0

/** How often it is looked whether a controller has come or gone. */
const interval = second

/**
 * What a standalone bridge does whose controllers do not answer: after three probe intervals it forwards as any switch
 * does, by a flow above all others, until one of them is back.
 */
export class FailOpen {
  private readonly bridge: Bridge
  private readonly clock: Clock
  private readonly absence: () => number | undefined
  private readonly trigger: () => number
  private rule: Rule | undefined
  private cancel: Cancel | undefined

  /** `absence` tells how long no controller has been there; undefined if none is wanted. `trigger` is how long is too long. */
  constructor(bridge: Bridge, clock: Clock, absence: () => number | undefined, trigger: () => number) {
    this.bridge = bridge
    this.clock = clock
    this.absence = absence
    this.trigger = trigger
  }

  get isOpen(): boolean {
    return this.rule !== undefined
  }

  /** Looks, and goes on looking as long as controllers are wanted. */
  check(): void {
    this.cancel?.()
    this.cancel = undefined
    const absent = this.absence()
    const open = absent !== undefined && this.bridge.failMode === 'standalone' && absent >= this.trigger()
    if (open && (this.rule === undefined || this.rule.removed)) this.open()
    else if (!open) this.recover()
    if (absent !== undefined) this.cancel = this.clock.at(this.clock.now() + interval, () => this.check())
  }

  close(): void {
    this.cancel?.()
    this.recover()
  }

  private open(): void {
    const actions = [{ type: 'output', port: OfPort.normal } as const]
    const added = this.bridge.flows.addInternal({ table: 0, priority: failOpenPriority, match: newMatch(), actions })
    if (typeof added !== 'string') this.rule = added
  }

  private recover(): void {
    const { rule } = this
    this.rule = undefined
    if (rule !== undefined && !rule.removed) this.bridge.flows.deleteRules([rule], 'delete')
  }
}
