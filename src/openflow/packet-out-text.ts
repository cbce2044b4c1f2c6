/** A packet to send, as `ovs-ofctl packet-out` and `ofctl/packet-out` take it in one word. */
import { type FieldName, fieldNamed } from '../flow/fields.ts'
import { type Match, newMatch, setField } from '../flow/match.ts'
import { isMatchWord, parseMatchField } from '../flow/match-text.ts'
import { type OfAction, OfPort } from './action.ts'
import { protocolsOfList, protocolsOfMatch } from './action-check.ts'
import { parseActions } from './action-text.ts'
import type { FlowTextOptions } from './flow-text.ts'
import { parsePort, silent } from './port-text.ts'
import { type Protocols, protocol } from './protocol.ts'
import { splitWords } from './words.ts'

/** `match` holds the port too. */
export type PacketOutText = {
  inPort: number
  match: Match
  actions: OfAction[]
  packet: Uint8Array
  protocols: Protocols
}

/** Fields that a frame may have without a header for it. */
const pipeline =
  /^(tun_(id|flags|(ipv6_)?(src|dst)|(gbp|erspan|gtpu)_.*|metadata[0-9]+)|metadata|in_port_oxm|x{0,2}reg[0-9]+|packet_type)$/

const ethernetSize = 14

/** A packet in hexadecimal, dots and spaces as you like; a text is what is wrong with it. */
export const parseHexPacket = (text: string): Uint8Array | string => {
  const digits = text.replace(/[.\s]/g, '')
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) return 'Trailing garbage in packet data'
  const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  )
  return bytes.length < ethernetSize ? 'Packet data too short for Ethernet' : bytes
}

const isInPort = (port: number): boolean =>
  port < OfPort.max || port === OfPort.local || port === OfPort.none || port === OfPort.controller

/** `in_port=1,packet=HEX,FIELD=VALUE,actions=…`; a text is what is wrong, in the words of ovs-ofctl. */
export const parsePacketOut = (text: string, options: FlowTextOptions = {}): PacketOutText | string => {
  const { ports, tables, warn = () => {} } = options
  const cut = /(?:^|[\s,])actions?=/.exec(text)
  const head = cut === null ? text : text.slice(0, cut.index)
  const out: PacketOutText = {
    inPort: OfPort.controller,
    match: newMatch(),
    actions: [],
    packet: new Uint8Array(0),
    protocols: protocol.any,
  }
  const named: FieldName[] = []
  for (const { name, value } of splitWords(head)) {
    const wrong = takeWord(name, value, out, options)
    if (wrong !== undefined) return wrong
    const field = fieldNamed(name)
    if (field !== undefined && field !== 'in_port') named.push(field)
  }
  out.protocols = protocolsOfMatch(out.match, named)
  if (out.packet.length === 0) return 'must specify packet'
  setField(out.match, 'in_port', BigInt(out.inPort))
  if (cut === null) return out
  const actions = parseActions(text.slice(cut.index + cut[0].length), ports, warn, tables, true)
  if (typeof actions === 'string') return actions
  // Whether they can be done to the packet is the switch's to say.
  out.protocols &= protocolsOfList(actions)
  out.actions = actions
  return out
}

const takeWord = (name: string, value: string, out: PacketOutText, options: FlowTextOptions): string | undefined => {
  if (value === '') return `field ${name} missing value`
  const { ports, warn = silent } = options
  if (name === 'in_port') {
    const port = parsePort(value, ports, warn)
    if (port === undefined) return `${value} is not a valid OpenFlow port`
    if (!isInPort(port)) return `${value} is not a valid OpenFlow port for PACKET_OUT`
    out.inPort = port
    return undefined
  }
  if (name === 'packet') {
    const packet = parseHexPacket(value)
    if (typeof packet === 'string') return `${name}: ${packet}`
    out.packet = packet
    return undefined
  }
  const field = isMatchWord(name) ? fieldNamed(name) : undefined
  if (field === undefined) return `unknown keyword ${name}`
  const wrong = parseMatchField(
    name,
    value,
    out.match,
    ports === undefined ? { warn } : { portNumber: ports.number, warn },
  )
  return wrong ?? (pipeline.test(field) ? undefined : `${name} is not a valid pipeline field for PACKET_OUT`)
}
