import { second } from '../../runtime/index.ts'
import type { Bridge } from './bridge.ts'
import type { BridgePort } from './port.ts'
import { centisecond } from './settings.ts'

/** What a bridge tells of its tree at one time; times in ns, timers as what is left of them, 0 if they stand. */
export type BridgeView = {
  id: bigint
  root: bigint
  rootPort: number
  rootCost: number
  times: { helloTime: number; maxAge: number; forwardDelay: number }
  ageing: number
  change: boolean
  changeDetected: boolean
  hello: number
  changeNotice: number
  changeTime: number
  /** Until what is old is thrown out again. */
  gc: number
}

/** The same of a port; bridges are priority 16 bits and MAC 48. */
export type PortView = {
  root: bigint
  designatedCost: number
  bridge: bigint
  designatedPort: number
  hold: number
  messageAge: number
  forwardDelay: number
  acknowledges: boolean
  isPending: boolean
}

/** Without a tree a bridge is its own root. */
export const bridgeView = (bridge: Bridge, now: number): BridgeView => {
  const { id, settings } = bridge
  const stp = bridge.tree?.stp
  const ageing = bridge.holding
  return {
    id,
    root: stp?.designatedRoot ?? id,
    rootPort: (stp?.rootPort?.id ?? 0) & 0x3ff,
    rootCost: stp?.rootPathCost ?? 0,
    times: stp?.times ?? {
      helloTime: settings.hello_time * centisecond,
      maxAge: settings.max_age * centisecond,
      forwardDelay: settings.forward_delay * centisecond,
    },
    ageing,
    change: stp?.changes.told ?? false,
    changeDetected: stp?.changes.detected ?? false,
    ...(stp?.left(now) ?? { hello: 0, changeNotice: 0, changeTime: 0 }),
    gc: bridge.upSince === undefined || ageing === 0 ? 0 : ageing - ((now - bridge.upSince) % ageing),
  }
}

export const portView = (bridge: Bridge, port: BridgePort, now: number): PortView => {
  const member = bridge.tree?.member(port)
  if (member === undefined) {
    const delay = port.since + bridge.settings.forward_delay * centisecond - now
    return {
      root: bridge.id,
      designatedCost: 0,
      bridge: bridge.id,
      designatedPort: port.id,
      hold: 0,
      messageAge: 0,
      forwardDelay: port.forwards ? Math.max(0, delay) : 0,
      acknowledges: false,
      isPending: false,
    }
  }
  const times = bridge.tree?.stp.times ?? { maxAge: 0, forwardDelay: 0 }
  return {
    root: member.designatedRoot,
    designatedCost: member.designatedCost,
    bridge: member.designatedBridge,
    designatedPort: member.designatedPort,
    hold: member.hold.left(now, second),
    messageAge: member.messageAge.left(now, times.maxAge),
    forwardDelay: member.forwardDelay.left(now, times.forwardDelay),
    acknowledges: member.acknowledges,
    isPending: member.isPending,
  }
}
