/**
 * A port as messages describe it. Bits are OpenFlow 1.1's and later (`OFPPC_*`, `OFPPS_*`, `OFPPF_*`); the codec maps
 * 1.0's. Speeds are kbit/s, 0 if not known.
 */
export type PortDesc = {
  port: number
  mac: number
  name: string
  config: number
  state: number
  current: number
  advertised: number
  supported: number
  peer: number
  currentSpeed: number
  maxSpeed: number
}

/** OFPPC_*: what the administrator set. */
export const PortConfigBit = {
  down: 1 << 0,
  noStp: 1 << 1,
  noReceive: 1 << 2,
  noReceiveStp: 1 << 3,
  noFlood: 1 << 4,
  noForward: 1 << 5,
  noPacketIn: 1 << 6,
} as const

/** OFPPS_*: what the switch saw; the STP states are two bits of 1.0's from bit 8 on. */
export const PortStateBit = { linkDown: 1 << 0, blocked: 1 << 1, live: 1 << 2, stpMask: 3 << 8 } as const
