import { newMatch } from '../../flow/match.ts'
import { OfPort } from '../../openflow/action.ts'
import { type Cancel, second } from '../../runtime/index.ts'
import type { Rule } from '../rule.ts'
import type { OpenFlowAgent } from './agent.ts'
import { knock } from './knock.ts'

/** Above all that controllers can say; such flows are hidden from them. */
export const failOpenPriority = 0xf0f0f0

/** How often it is looked whether a controller has come or gone. */
const interval = second
/** How often one that is there is asked to show itself. */
const knocking = 2 * second
/** How often it is said that it still is so. */
const reminding = 60 * second

/** What is to be known of the controllers; times are ns. */
export type Attendance = {
  /** How long none has been there that does what controllers do; undefined if none is wanted. */
  absence(): number | undefined
  /** How long is too long. */
  trigger(): number
  /** Whether any is there at all. */
  isConnected(): boolean
}

/**
 * What a standalone bridge does whose controllers do not answer: after three probe intervals it forgets what they said and
 * forwards as any switch does, by a flow above all others, until one of them is back and does what controllers do. As it
 * may wait for a packet to do that, one that is back is sent some (ovs-vswitchd.conf.db(5), `fail_mode`).
 */
export class FailOpen {
  private readonly agent: OpenFlowAgent
  private readonly attendance: Attendance
  private rule: Rule | undefined
  private cancel: Cancel | undefined
  private nextKnock: number | undefined
  /** The absence that the log was told of last, ns. */
  private told = 0

  constructor(agent: OpenFlowAgent, attendance: Attendance) {
    this.agent = agent
    this.attendance = attendance
  }

  get isOpen(): boolean {
    return this.rule !== undefined
  }

  /** Looks, and goes on looking as long as controllers are wanted. */
  check(): void {
    this.cancel?.()
    this.cancel = undefined
    const { agent, attendance } = this
    const { clock } = agent.sw
    const absent = attendance.absence()
    if (absent === undefined || agent.bridge.failMode !== 'standalone') this.recover()
    else if (!this.isOpen && absent >= Math.max(interval, attendance.trigger())) this.open(absent)
    else if (this.rule?.removed) this.put()
    else if (absent === 0) this.recover()
    else if (this.isOpen && absent > this.told + reminding) this.remind(absent)
    this.knock(clock.now())
    if (absent !== undefined) this.cancel = clock.at(clock.now() + interval, () => this.check())
  }

  close(): void {
    this.cancel?.()
    this.recover()
  }

  private open(absent: number): void {
    const why =
      "Could not connect to controller (or switch failed controller's post-connection admission control policy)"
    this.agent.sw.log('fail_open', 'warn', `${why} for ${wholeSeconds(absent)} seconds, failing open`)
    this.told = absent
    this.agent.bridge.begin()
    this.put()
  }

  private remind(absent: number): void {
    const text = `Still in fail-open mode after ${wholeSeconds(absent)} seconds disconnected from controller`
    this.agent.sw.log('fail_open', 'info', text)
    this.told = absent
  }

  private put(): void {
    const actions = [{ type: 'output', port: OfPort.normal } as const]
    const spec = { table: 0, priority: failOpenPriority, match: newMatch(), actions }
    const added = this.agent.bridge.flows.addInternal(spec)
    if (typeof added !== 'string') this.rule = added
  }

  private recover(): void {
    const { rule } = this
    this.rule = undefined
    if (rule !== undefined) this.agent.sw.log('fail_open', 'warn', 'No longer in fail-open mode')
    if (rule !== undefined && !rule.removed) this.agent.bridge.flows.deleteRules([rule], 'delete')
  }

  private knock(now: number): void {
    if (!this.isOpen || !this.attendance.isConnected()) {
      this.nextKnock = undefined
      return
    }
    this.nextKnock ??= now + knocking
    if (now < this.nextKnock) return
    this.nextKnock = now + knocking
    this.agent.packetIn(knock(this.agent.sw.random))
  }
}

const wholeSeconds = (duration: number): number => Math.floor(duration / second)
