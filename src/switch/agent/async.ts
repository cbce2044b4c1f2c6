import type { AsyncConfig, AsyncMasks } from '../../openflow/message.ts'
import type { Version } from '../../openflow/protocol.ts'

/** Kinds of events that a controller can wish for or not. */
export type AsyncKind = keyof AsyncMasks

/** Numbers of reasons (OFPR_*) of packet-ins, as events are asked for by them; the last two are on no wire. */
export const packetInReasonBit = {
  no_match: 0,
  action: 1,
  invalid_ttl: 2,
  action_set: 3,
  group: 4,
  packet_out: 5,
  explicit_miss: 6,
  implicit_miss: 7,
} as const

const none: AsyncMasks = {
  packetIn: 0,
  portStatus: 0,
  flowRemoved: 0,
  roleStatus: 0,
  tableStatus: 0,
  requestForward: 0,
}

/** The bit to ask for: before 1.4 the newer reasons are said, and asked for, as `action`. */
export const askedAs = (reason: keyof typeof packetInReasonBit, version: Version): number => {
  const bit = packetInReasonBit[reason]
  return version < 5 && bit >= packetInReasonBit.action_set && bit <= packetInReasonBit.packet_out
    ? packetInReasonBit.action
    : bit
}

/** Before a version is agreed on there is nothing to send. */
export const quietAsync: AsyncConfig = { primary: none, secondary: none }

/** All that 1.4 has a name for, but invalid_ttl: before, the newer ones came as `action`. */
const usualReasons = 0b111011

/** What a controller is told that has not said otherwise. */
export const defaultAsync = (version: Version): AsyncConfig => ({
  primary: {
    ...none,
    packetIn: withMisses(usualReasons, version),
    portStatus: 0b111,
    flowRemoved: version >= 5 ? 0b111111 : version === 4 ? 0b1111 : 0b111,
  },
  secondary: { ...none, portStatus: 0b111 },
})

/** Who asks for `no_match` means a table's own miss flow, and up to 1.2 a table without one, too. */
export const withMisses = (reasons: number, version: Version): number => {
  if ((reasons & (1 << packetInReasonBit.no_match)) === 0) return reasons
  const misses = 1 << packetInReasonBit.explicit_miss
  return reasons | misses | (version <= 3 ? 1 << packetInReasonBit.implicit_miss : 0)
}
