import { OfPort } from '../../openflow/action.ts'
import { PortConfigBit, type PortDesc, PortStateBit } from '../../openflow/port-desc.ts'
import type { Bridge } from '../bridge.ts'
import type { BridgePort, PortConfig } from '../port.ts'

/** A bit of OFPPC_* for each thing that an administrator can set. */
const configBits: readonly (readonly [keyof PortConfig, number])[] = [
  ['down', PortConfigBit.down],
  ['noStp', PortConfigBit.noStp],
  ['noReceive', PortConfigBit.noReceive],
  ['noReceiveStp', PortConfigBit.noReceiveStp],
  ['noFlood', PortConfigBit.noFlood],
  ['noForward', PortConfigBit.noForward],
  ['noPacketIn', PortConfigBit.noPacketIn],
]

const configOf = (config: PortConfig): number =>
  configBits.reduce((bits, [name, bit]) => (config[name] ? bits | bit : bits), 0)

/** What a port's configuration becomes when the bits of `mask` are made those of `bits`. */
export const changedConfig = (config: PortConfig, bits: number, mask: number): PortConfig => {
  const changed = { ...config }
  for (const [name, bit] of configBits) if ((mask & bit) !== 0) changed[name] = (bits & bit) !== 0
  return changed
}

/** OFPPF_*: full duplex copper of the speeds that OpenFlow has a bit for, in Mbit/s. */
const speedBits: Readonly<Record<number, number>> = {
  10: 1 << 1,
  100: 1 << 3,
  1000: 1 << 5,
  10000: 1 << 6,
  40000: 1 << 7,
  100000: 1 << 8,
  1000000: 1 << 9,
}
const otherSpeed = 1 << 10
const copper = 1 << 11

const featuresOf = (linkSpeed: number | undefined): number =>
  linkSpeed === undefined ? 0 : (speedBits[linkSpeed / 1e6] ?? otherSpeed) | copper

/** A port as messages tell it. */
export const portDesc = (port: BridgePort): PortDesc => {
  const up = port.linkUp && !port.config.down
  return {
    port: port.ofport,
    mac: port.mac,
    name: port.name,
    config: configOf(port.config),
    state: up ? PortStateBit.live : PortStateBit.linkDown,
    current: featuresOf(port.linkSpeed),
    advertised: 0,
    supported: 0,
    peer: 0,
    currentSpeed: (port.linkSpeed ?? 0) / 1000,
    maxSpeed: 0,
  }
}

/** The ports that a request is about, the local one first; `OfPort.none` asks for all. */
export const portsAsked = ({ ports, floodOrder }: Bridge, port: number): BridgePort[] => {
  if (port !== OfPort.none) return ports.has(port) ? [ports.get(port) as BridgePort] : []
  const local = (each: BridgePort): number => Number(each.ofport === OfPort.local)
  return [...floodOrder].sort((a, b) => local(b) - local(a) || a.ofport - b.ofport)
}
