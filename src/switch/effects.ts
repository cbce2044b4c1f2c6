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
      case 'group':
        credit.group.packets += packets
        credit.group.bytes += bytes
        for (const bucket of credit.buckets) {
          bucket.packets += packets
          bucket.bytes += bytes
        }
        break
      case 'receive':
        credit.port.traffic.rxPackets += packets
        credit.port.traffic.rxBytes += bytes
        break
      case 'transmit':
        credit.port.traffic.txPackets += packets
        credit.port.traffic.txBytes += bytes
        break
      case 'mirror':
        credit.traffic.packets += packets
        credit.traffic.bytes += bytes
        break
      case 'lookup': {
        const table = credit.bridge.flows.obtainTable(credit.table)
        table.lookups += packets
        if (credit.matched) table.matches += packets
        break
      }
    }
  }
}

/** A MAC whose place changed. */
export type MacChange = { bridge: string; vlan: number; mac: number }

/**
 * Does what the frame that was translated, at time `used`, does to the world, but for flows that it taught: its translation
 * made them. Returns the MACs whose place changed.
 */
export const applyEffects = (effects: readonly Effect[], used: number, tcpFlags = 0): MacChange[] => {
  const changes: MacChange[] = []
  for (const effect of effects) {
    if (effect.type === 'learn') changes.push(...learn(effect, used))
    else if (effect.type === 'fin') endFlow(effect, tcpFlags)
    else if (effect.type === 'bpdu') effect.bridge.tree.receive(effect.port, effect.bytes)
    else if (effect.type === 'heard') effect.bridge.snooping?.hear(effect.changes, effect.vlan, effect.port)
  }
  return changes
}

const learn = ({ bridge, vlan, mac, port }: Extract<Effect, { type: 'learn' }>, used: number): MacChange[] => {
  if (!bridge.ports.has(port)) return []
  const changes: MacChange[] = []
  const macs: MacLearning = bridge.macs
  const { what, evicted } = macs.learn(vlan, mac, port, used)
  if (what === 'added' || what === 'moved') changes.push({ bridge: bridge.name, vlan, mac })
  if (evicted !== undefined) changes.push({ bridge: bridge.name, vlan: evicted.vlan, mac: evicted.mac })
  return changes
}

/** FIN and RST (RFC 9293 §3.1). */
const ending = 0x05

const endFlow = ({ bridge, rule, idleTimeout, hardTimeout }: Effect & { type: 'fin' }, tcpFlags: number): void => {
  if ((tcpFlags & ending) !== 0) bridge.flows.reduceTimeouts(rule, idleTimeout, hardTimeout)
}

/**
 * What frames that a cached flow forwarded do, the last of them at time `used`: they keep MACs and learned flows young.
 * They never move or add a MAC. A cached flow whose MAC is elsewhere is gone before its next frame, so what it still
 * reports is older than the move, though the clock may not show it.
 */
export const refreshMacs = (effects: readonly Effect[], used: number, tcpFlags = 0): void => {
  for (const effect of effects) {
    if (effect.type === 'bpdu' || effect.type === 'heard') continue
    if (effect.type === 'flow') effect.bridge.flows.learn(effect.spec, used, effect.limit)
    else if (effect.type === 'fin') endFlow(effect, tcpFlags)
    else if (effect.bridge.macs.lookup(effect.vlan, effect.mac)?.port === effect.port) learn(effect, used)
  }
}
