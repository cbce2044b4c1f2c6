import type { FlowTable } from './flow-table.ts'
import type { MacLearning } from './mac-learning.ts'
import type { Credit, Effect } from './translate/translation.ts'

/** Counts frames on everything they passed, the last of them at time `used`. */
export const applyCredits = (credits: readonly Credit[], packets: number, bytes: number, used: number): void => {
  for (const credit of credits) {
    switch (credit.type) {
      case 'rule': {
        const { rule } = credit
        if (!rule.flags.noPacketCounts) rule.packets += packets
        if (!rule.flags.noByteCounts) rule.bytes += bytes
        if (used > rule.used) rule.used = used
        break
      }
      case 'receive':
        credit.port.traffic.rxPackets += packets
        credit.port.traffic.rxBytes += bytes
        break
      case 'transmit':
        credit.port.traffic.txPackets += packets
        credit.port.traffic.txBytes += bytes
        break
      case 'lookup': {
        const table: FlowTable | undefined = credit.bridge.table(credit.table)
        if (table === undefined) break
        table.lookups += packets
        if (credit.matched) table.matches += packets
        break
      }
    }
  }
}

/** A MAC whose place changed. */
export type MacChange = { bridge: string; vlan: number; mac: number }

/** Does what frames at time `used` do to the world. Returns the MACs whose place changed. */
export const applyEffects = (effects: readonly Effect[], used: number): MacChange[] => {
  const changes: MacChange[] = []
  for (const { bridge, vlan, mac, port } of effects) {
    if (!bridge.ports.has(port)) continue
    const macs: MacLearning = bridge.macs
    const { what, evicted } = macs.learn(vlan, mac, port, used)
    if (what === 'added' || what === 'moved') changes.push({ bridge: bridge.name, vlan, mac })
    if (evicted !== undefined) changes.push({ bridge: bridge.name, vlan: evicted.vlan, mac: evicted.mac })
  }
  return changes
}

/**
 * What frames that a cached flow forwarded do, the last of them at time `used`: they keep MACs young. They never move or
 * add one. A cached flow whose MAC is elsewhere is gone before its next frame, so what it still reports is older than
 * the move, though the clock may not show it.
 */
export const refreshMacs = (effects: readonly Effect[], used: number): void => {
  for (const { bridge, vlan, mac, port } of effects)
    if (bridge.macs.lookup(vlan, mac)?.port === port) bridge.macs.learn(vlan, mac, port, used)
}
