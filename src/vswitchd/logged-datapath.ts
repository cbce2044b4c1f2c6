/** A datapath that tells the log, at level `dbg`, what is asked of it and what it is told to keep, in Open vSwitch's words. */
import {
  type Action,
  type CachedFlow,
  type Decision,
  type FlowStats,
  formatActions,
  type PortNumber,
  SoftDatapath,
  type SoftOptions,
  type Upcall,
  type Vport,
} from '../datapath/index.ts'
import { extract } from '../flow/extract.ts'
import { type FlowKey, newKey, type TunnelRow, word } from '../flow/layout.ts'
import { formatOdpKey } from '../flow/odp-text.ts'
import { formatFlow } from '../switch/trace-text.ts'
import type { Frame } from '../wire/frame.ts'
import { formatStats, ufidOfWords } from './appctl/flow-dump.ts'

/** The log, and whether a module's debug lines are written anywhere: they take long to make. */
export type DebugLog = { say(module: string, text: string): void; shows(module: string): boolean }

const full: FlowKey = newKey().fill(0xffffffff)

export class LoggedDatapath extends SoftDatapath {
  private readonly debug: DebugLog
  private readonly now: () => number
  /** What was asked of it how often. */
  readonly asked = {
    dpif_execute: 0,
    dpif_flow_del: 0,
    dpif_flow_flush: 0,
    dpif_flow_put: 0,
    dpif_port_add: 0,
    dpif_port_del: 0,
  }

  constructor(options: SoftOptions, debug: DebugLog) {
    super(options)
    this.debug = debug
    this.now = () => options.clock.now()
  }

  override addPort(vport: Vport, wanted?: PortNumber): PortNumber {
    this.asked.dpif_port_add++
    const number = super.addPort(vport, wanted)
    this.say(`added ${vport.name} as port ${number}`)
    return number
  }

  override removePort(port: PortNumber): void {
    this.asked.dpif_port_del++
    this.say(`port_del(${port})`)
    super.removePort(port)
  }

  override clear(): void {
    this.asked.dpif_flow_flush++
    super.clear()
    this.say('flow_flush success')
  }

  override execute(frame: Frame, port: PortNumber, actions: readonly Action[], tunnel?: TunnelRow): void {
    this.asked.dpif_execute++
    if (this.debug.shows('dpif')) {
      const key = newKey()
      extract(frame, key, this.vlanLimit)
      const at = port === 0xffffffff ? '' : `in_port(${port})`
      const metadata = ['skb_priority(0)', 'skb_mark(0)', ...(at === '' ? [] : [at])].join(',')
      const done = formatActions(actions, key)
      this.say(`execute ${done} on packet ${packetText(key)}\n with metadata ${metadata} mtu 0`)
    }
    super.execute(frame, port, actions, tunnel)
  }

  override onMiss(decide: (upcall: Upcall) => Decision | undefined): void {
    super.onMiss(upcall => {
      const decision = this.debug.shows('dpif_netdev') ? this.decideAloud(decide, upcall) : decide(upcall)
      if (decision?.install === true) this.asked.dpif_flow_put++
      return decision
    })
  }

  private decideAloud(decide: (upcall: Upcall) => Decision | undefined, upcall: Upcall): Decision | undefined {
    const { key } = upcall
    const told = formatOdpKey({ key, mask: full }, { all: true, exact: true })
    this.debug.say('dpif_netdev', `${this.name.replace(/^.*@/, '')}: miss upcall:\n${told}\n${packetText(key)}`)
    const decision = decide(upcall)
    if (decision?.install === true) {
      const { mask, actions } = decision
      const masked = key.map((value, i) => value & mask[i]!)
      const ids = `ufid:${ufidOfWords([...key])} mega_ufid:${ufidOfWords([...masked])}`
      const flow = `${formatOdpKey({ key, mask })}, actions:${formatActions(actions, key)}`
      this.debug.say('dpif_netdev', `flow_add: ${ids} ${flow}`)
    }
    return decision
  }

  override replaceActions(id: number, actions: readonly Action[]): boolean {
    this.asked.dpif_flow_put++
    const found = this.debug.shows('dpif_netdev') ? this.flowOf(id) : undefined
    if (found !== undefined) {
      const { key, mask, actions: old } = found.flow
      const ids = `ufid:${ufidOfWords([id])} mega_ufid:${ufidOfWords([...key])}`
      const did = `old_actions:${formatActions(old, key)}, actions:${formatActions(actions, key)}`
      this.debug.say('dpif_netdev', `flow_mod: ${ids} ${formatOdpKey({ key, mask })}, ${did}`)
    }
    return super.replaceActions(id, actions)
  }

  override removeFlow(id: number): FlowStats | undefined {
    this.asked.dpif_flow_del++
    const found = this.debug.shows('dpif') ? this.flowOf(id) : undefined
    if (found !== undefined) {
      const key = formatOdpKey(found.flow, { all: true })
      this.say(`flow_del ufid:${ufidOfWords([id])} ${key}, ${formatStats(found, this.now())}`)
    }
    return super.removeFlow(id)
  }

  private flowOf(id: number): CachedFlow | undefined {
    return [...this.flows()].find(each => each.id === id)
  }

  private say(text: string): void {
    if (this.debug.shows('dpif')) this.debug.say('dpif', `${this.name}: ${text}`)
  }
}

/** What a frame says, and nothing of where it came from. */
const packetText = (key: FlowKey): string => {
  const frame = newKey()
  frame.set(key.subarray(0, word.packetType + 1))
  frame[word.inPort] = 0
  return formatFlow(frame).replace(/(^|,)in_port=[^,]*(,|$)/, (_, before, behind) => (before && behind ? ',' : ''))
}
