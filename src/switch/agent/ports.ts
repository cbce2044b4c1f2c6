import { OfPort } from '../../openflow/action.ts'
import { PortConfigBit, type PortDesc, PortStateBit } from '../../openflow/port-desc.ts'
import type { Version } from '../../openflow/protocol.ts'
import type { Bridge } from '../bridge.ts'
import type { BridgePort, PortConfig } from '../port.ts'
import type { TreeState } from '../stp/spanning-tree.ts'
import type { Switch } from '../switch.ts'

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

/** Whether a device carries frames: one that is set down has no link. */
const hasLink = ({ linkUp, config }: BridgePort): boolean => linkUp && !config.down

const stateOf = (isLinked: boolean, { config, tree }: BridgePort): number => {
  if (!isLinked) return PortStateBit.linkDown
  return (config.down ? 0 : PortStateBit.live) | (tree === undefined ? 0 : treeStates[tree.state])
}

/** OFPPS_STP_*: listening is 0, as no tree is. */
const treeStates: { readonly [S in TreeState]: number } = {
  disabled: 0,
  listening: 0,
  learning: 1 << 8,
  forwarding: 2 << 8,
  blocking: 3 << 8,
}

/** A port as messages tell it. `isLinked` is for one whose link follows its configuration in a moment. */
export const portDesc = (port: BridgePort, isLinked = hasLink(port)): PortDesc => {
  return {
    port: port.ofport,
    mac: port.mac,
    name: port.name,
    config: configOf(port.config),
    state: stateOf(isLinked, port),
    current: featuresOf(port.linkSpeed),
    advertised: 0,
    supported: 0,
    peer: 0,
    currentSpeed: (port.linkSpeed ?? 0) / 1000,
    maxSpeed: 0,
  }
}

/** Bits that 1.1 and later do not have. */
const only10 = PortConfigBit.noStp | PortConfigBit.noReceiveStp | PortConfigBit.noFlood

/** Whether a version tells two states of a port apart. */
export const looksSame = (a: PortDesc, b: PortDesc, version: Version): boolean => {
  const seen = (desc: PortDesc): PortDesc =>
    version === 1
      ? { ...desc, state: desc.state & (PortStateBit.linkDown | PortStateBit.stpMask) }
      : { ...desc, config: desc.config & ~only10 }
  return JSON.stringify(seen(a)) === JSON.stringify(seen(b))
}

/** The states that a port goes through when it is set otherwise: first its configuration is new, then its link. */
export const portSteps = (port: BridgePort, before: BridgePort): PortDesc[] => [
  portDesc(before),
  portDesc(port, hasLink(before)),
  portDesc(port),
]

/** The ports that a request is about, in the order in which Open vSwitch goes through them; `OfPort.none` asks for all. */
export const portsAsked = (bridge: Bridge, port: number): readonly BridgePort[] => {
  const { ports, floodOrder } = bridge
  return port === OfPort.none ? floodOrder : floodOrder.filter(each => each === ports.get(port))
}

/** Whether a port's device is a dummy, as its type in the datapath says: that of a bridge of dummies is one too. */
export const isDummy = ({ datapathPort }: BridgePort, { datapath }: Switch): boolean => {
  const type = datapathPort === undefined ? undefined : datapath.ports().get(datapathPort)?.type
  return type === 'dummy' || type === 'dummy-internal'
}
