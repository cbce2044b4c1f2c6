import { formatMac } from '../wire/address.ts'
import { PortConfigBit, type PortDesc, PortStateBit } from './port-desc.ts'
import { featureNames } from './port-features.ts'
import { formatPort } from './port-text.ts'

const configNames: readonly (readonly [number, string])[] = [
  [PortConfigBit.down, 'PORT_DOWN'],
  [PortConfigBit.noStp, 'NO_STP'],
  [PortConfigBit.noReceive, 'NO_RECV'],
  [PortConfigBit.noReceiveStp, 'NO_RECV_STP'],
  [PortConfigBit.noFlood, 'NO_FLOOD'],
  [PortConfigBit.noForward, 'NO_FWD'],
  [PortConfigBit.noPacketIn, 'NO_PACKET_IN'],
]
const stateNames: readonly (readonly [number, string])[] = [
  [PortStateBit.linkDown, 'LINK_DOWN'],
  [PortStateBit.blocked, 'BLOCKED'],
  [PortStateBit.live, 'LIVE'],
]
const stpNames = ['', 'STP_LEARN', 'STP_FORWARD', 'STP_BLOCK'] as const

/** Names of the bits that are set, lowest first, then the rest as a number; 0 if there are none. */
export const formatBits = (bits: number, names: readonly (readonly [number, string])[], separator = ' '): string => {
  if (bits === 0) return '0'
  const words: string[] = []
  let rest = bits
  for (const [bit, name] of names) {
    if ((rest & bit) === 0) continue
    words.push(name)
    rest &= ~bit
  }
  if (rest !== 0) words.push(`0x${(rest >>> 0).toString(16)}`)
  return words.join(separator)
}

/** OFPPC_* as `PORT_DOWN NO_FLOOD`. */
export const formatPortConfig = (config: number): string => formatBits(config, configNames)

/** OFPPS_*; a state of the spanning tree stands first, without a space after it. */
export const formatPortState = (state: number): string => {
  const stp = (state & PortStateBit.stpMask) >>> 8
  if (stp === 0) return formatBits(state, stateNames)
  const rest = state & ~PortStateBit.stpMask
  return `${stpNames[stp]}${rest === 0 ? '' : formatBits(rest, stateNames)}`
}

const featureBits = featureNames.map((name, bit) => [1 << bit, name] as const)
/** OFPPF_* as `1GB-FD COPPER`. */
export const formatPortFeatures = (features: number): string => formatBits(features, featureBits)

/** A name of the wire up to the first character that cannot be printed. */
export const printable = (text: string): string => /^[ -~]*/.exec(text)?.[0] ?? ''

/** A port as `show` prints it, lines that end. */
export const formatPortDesc = (port: PortDesc): string => {
  const lines = [
    ` ${formatPort(port.port)}(${printable(port.name)}): addr:${formatMac(port.mac)}`,
    `     config:     ${formatPortConfig(port.config)}`,
    `     state:      ${formatPortState(port.state)}`,
  ]
  if (port.current !== 0) lines.push(`     current:    ${formatPortFeatures(port.current)}`)
  if (port.advertised !== 0) lines.push(`     advertised: ${formatPortFeatures(port.advertised)}`)
  if (port.supported !== 0) lines.push(`     supported:  ${formatPortFeatures(port.supported)}`)
  if (port.peer !== 0) lines.push(`     peer:       ${formatPortFeatures(port.peer)}`)
  lines.push(
    `     speed: ${Math.floor(port.currentSpeed / 1000)} Mbps now, ${Math.floor(port.maxSpeed / 1000)} Mbps max`,
  )
  return `${lines.join('\n')}\n`
}
