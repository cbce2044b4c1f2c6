import type { VportName } from '../../datapath/actions-text.ts'
import { composeFrame } from '../../flow/compose.ts'
import { extract } from '../../flow/extract.ts'
import { type FlowKey, hasTunnel, keyWords, newKey, word } from '../../flow/layout.ts'
import { typeOf } from '../../flow/match.ts'
import { fitOdpKey } from '../../flow/odp-fit.ts'
import { parseOdpFlow, parseOdpKey } from '../../flow/odp-parse.ts'
import { packetMask } from '../../flow/packet-mask.ts'
import type { OfAction } from '../../openflow/action.ts'
import { checkFrames } from '../../openflow/action-check.ts'
import { instructionOf } from '../../openflow/action-order.ts'
import { parseActions } from '../../openflow/action-text.ts'
import { parseExactFlow } from '../../openflow/exact-flow.ts'
import { protocol } from '../../openflow/protocol.ts'
import type { Bridge } from '../../switch/bridge.ts'
import { parseCtNext, type TraceOptions, traceFlow } from '../../switch/trace.ts'
import type { TraceNames } from '../../switch/trace-text.ts'
import { Frame } from '../../wire/frame.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { type Reply, refuse, reply } from './command.ts'

/** A frame at a port of a bridge; `key` has OpenFlow's port number. */
type Asked = { bridge: Bridge; key: FlowKey }

/**
 * `ofproto/trace {[DP] ODP_FLOW | BRIDGE FLOW} [-generate | PACKET] [--ct-next STATES]... [--names]`: what would happen to
 * a frame, step by step. A packet's bytes replace what the flow says of headers. `vportName`: what the datapath's ports are called,
 * where not by their numbers.
 */
export const trace = (daemon: Switched, args: readonly string[], vportName?: VportName): Reply => {
  const read = readOptions(args, ['-generate', '--generate'])
  if (typeof read === 'string') return refuse(read)
  if (read.words.length > 3) return refuse('too many arguments')
  const asked = findAsked(daemon, read)
  if ('error' in asked) return refuse(asked.error)
  return reply(traceFlow(daemon.switch, asked.bridge, asked.key, namedBy(vportName, optionsOf(daemon, asked, read))))
}

const namedBy = (vportName: VportName | undefined, options: TraceOptions): TraceOptions =>
  vportName === undefined ? options : { ...options, names: { ports: noNames, vportName } }

/** What has a switch, such as the daemon. */
type Switched = Pick<Vswitchd, 'switch'>
const noNames: TraceNames['ports'] = { number: () => undefined, name: () => undefined }

/** `ofproto/trace-packet-out [-consistent] {[DP] ODP_FLOW | BRIDGE FLOW} [-generate | PACKET] ACTIONS`. */
export const tracePacketOut = (daemon: Switched, args: readonly string[], vportName?: VportName): Reply => {
  const text = args.at(-1) ?? ''
  const read = readOptions(args.slice(0, -1), ['-generate', '--generate', '-consistent', '--consistent'])
  if (typeof read === 'string') return refuse(read)
  const { words } = read
  const actions = parseActions(text, undefined, undefined, undefined)
  if (typeof actions === 'string') return refuse(actions)
  const instruction = actions.find(({ type }) => type !== 'meter' && instructionOf(type) !== instructionOf('output'))
  if (instruction !== undefined) return refuse(`${instruction.type} instruction not allowed here`)
  if (words.length > 3) return refuse('too many arguments')
  const asked = findAsked(daemon, read)
  if ('error' in asked) return refuse(asked.error)
  const { bridge, key } = asked
  const error = checkPacketOut(key, actions, read.flags.has('consistent')) ?? bridge.flows.check(actions)
  if (error !== undefined) return refuse(`Bad actions: ${error}`)
  const options = namedBy(vportName, optionsOf(daemon, asked, read))
  // Without any, the frame goes through the tables.
  return reply(traceFlow(daemon.switch, bridge, key, actions.length === 0 ? options : { ...options, actions }))
}

/** Actions that this frame cannot have are an error if that was asked for. */
const checkPacketOut = (key: FlowKey, actions: readonly OfAction[], consistent: boolean): string | undefined => {
  const checked = checkFrames(actions, { key, mask: packetMask(key) }, undefined, {})
  if (!checked.ok) return checked.error
  const before11 = protocol.of10 | protocol.nxm
  return consistent && (checked.protocols & ~before11) === 0 ? 'OFPBAC_MATCH_INCONSISTENT' : undefined
}

type Read = { words: string[]; flags: ReadonlySet<string>; ctStates: readonly bigint[] }

const withValue = ['--ct-next', '--l7', '--l7-len']

/** What is wrong with what a generated packet is to carry. A trace does not look at it. */
const payloadError = (option: string, text: string): string | undefined => {
  if (option === '--l7') return hexDigits.test(text.replace(/\s/g, '')) ? undefined : 'Trailing garbage in packet data'
  // As C reads a number: what is none is 0.
  const size = Number(/^\s*[+-]?\d+/.exec(text)?.[0] ?? 0)
  return size < 0 || size > mostPayload ? `${text}: too much L7 data` : undefined
}

const hexDigits = /^([0-9a-fA-F]{2})*$/
/** Bytes. */
const mostPayload = 64_000

const readOptions = (args: readonly string[], allowed: readonly string[]): Read | string => {
  const words: string[] = []
  const flags = new Set<string>()
  const ctStates: bigint[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '--names' || arg === '-names') flags.add('names')
    else if (withValue.includes(arg)) {
      const text = args[++i]
      if (text === undefined) return `Missing argument for option ${arg}`
      const state = arg === '--ct-next' ? parseCtNext(text) : payloadError(arg, text)
      if (typeof state === 'string') return state
      if (state !== undefined) ctStates.push(state)
    } else if (allowed.includes(arg)) flags.add(arg.replace(/^-+/, ''))
    else if (arg.startsWith('-')) return `${arg}: unknown option`
    else words.push(arg)
  }
  return { words, flags, ctStates }
}

const findAsked = (
  daemon: Switched,
  { words, flags }: Read,
): (Asked & { frame: Frame | undefined }) | { error: string } => {
  const [first = '', ...rest] = words
  const alone = rest.length < 2 ? findInDatapath(daemon, first) : undefined
  const isAlone = alone !== undefined && !('wrong' in alone)
  // Without more, the text is taken for a datapath's flow.
  if (alone !== undefined && !isAlone && rest.length === 0)
    return { error: `syntax error at ${alone.wrong} (or the bridge name was omitted)` }
  const asked = isAlone ? alone : findIn(daemon, first, rest[0] ?? '')
  if ('error' in asked) return asked
  const packet = isAlone ? rest[0] : rest[1]
  if (packet === undefined) return { ...asked, frame: undefined }
  const frame = flags.has('generate') ? 'Syntax error' : readPacket(asked.key, packet, daemon.switch.datapath.vlanLimit)
  return typeof frame === 'string' ? { error: frame } : { ...asked, frame }
}

const optionsOf = (
  daemon: Switched,
  { bridge, key, frame }: Asked & { frame: Frame | undefined },
  { flags, ctStates }: Read,
): TraceOptions => ({
  learning: frame !== undefined || flags.has('generate'),
  isPacket: frame !== undefined && !hasTunnel(key),
  // What a generated frame says of groups is heard, too.
  frame: frame ?? (flags.has('generate') ? Frame.from(composeFrame(key)) : undefined),
  ctStates,
  names: flags.has('names') ? namesOf(daemon, bridge) : undefined,
})

/** By a bridge or a datapath and a flow in the one's or the other's notation. */
const findIn = (daemon: Switched, name: string, flow: string): Asked | { error: string } => {
  const isOurs = name === daemon.switch.datapath.name.split('@')[1]
  const inDatapath = isOurs ? findInDatapath(daemon, flow) : undefined
  if (inDatapath !== undefined && !('wrong' in inDatapath)) return inDatapath
  // Of another datapath the names of ports are not known.
  if (!isOurs && parseOdpKey(flow).ok) return { error: 'Cannot find the datapath' }
  const bridge = daemon.switch.bridges.get(name)
  if (bridge === undefined) return { error: `${name}: unknown bridge` }
  const ports = { number: (port: string) => bridge.portByName(port)?.ofport, name: () => undefined }
  const parsed = parseExactFlow(flow, { ports, layout: bridge.tlv.layout })
  return parsed.ok ? { bridge, key: parsed.key } : { error: `Bad openflow flow syntax: ${parsed.error}` }
}

/** The bridge's frame that a datapath's flow describes; `wrong`: the text is no such flow, from there on. */
const findInDatapath = (daemon: Switched, text: string): Asked | { error: string } | { wrong: string } => {
  const { datapath, bridges } = daemon.switch
  const portNumber = (name: string) => [...datapath.ports()].find(([, vport]) => vport.name === name)?.[0]
  const read = parseOdpKey(text, portNumber, datapath.vlanLimit)
  if (!read.ok) return read
  const whole = parseOdpFlow(text, portNumber)
  const fit = whole.ok ? fitOdpKey(whole.flow) : undefined
  if (fit?.fit === 'wrong') return { error: fit.why }
  const { key } = read
  const recircId = key[word.recircId]!
  if (recircId !== 0 && daemon.switch.thaw(recircId) === undefined)
    return { error: `no recirculation data for recirc_id 0x${recircId.toString(16)}` }
  const ref = daemon.switch.inputPort(key)
  const bridge = ref && bridges.get(ref.bridge.name)
  // What comes out of a tunnel has Ethernet.
  if (hasTunnel(key) && (ref?.port.type !== 'vxlan' || key[word.packetType] !== 0))
    return { error: 'no OpenFlow tunnel port for this packet' }
  if (ref === undefined || bridge === undefined)
    return { error: `no OpenFlow port for datapath port ${key[word.inPort]}` }
  key[word.inPort] = ref.port.ofport
  return { bridge, key }
}

/** Makes the key that of a frame given in hexadecimal. Returns the frame, or why it cannot be. */
const readPacket = (key: FlowKey, text: string, vlanLimit: number): Frame | string => {
  const digits = text.replace(/\s/g, '')
  if (!hexDigits.test(digits)) return 'Trailing garbage in packet data'
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
  if (bytes.length < 14) return 'Packet data too short for Ethernet'
  const said = key.slice()
  key.set(newKey())
  const frame = Frame.from(bytes)
  extract(frame, key, vlanLimit)
  keepMetadata(said, key)
  return frame
}

/** What a flow says of a packet besides its bytes: its port, mark, priority and hash, its connection, and a tunnel with a destination. */
const keepMetadata = (said: FlowKey, key: FlowKey): void => {
  const keep = (from: number, to: number): void => key.set(said.subarray(from, to), from)
  key[word.inPort] = said[word.inPort]!
  keep(word.skbPriority, word.ctIpv4Src)
  if (typeOf(said) === typeOf(key)) keep(word.ctIpv4Src, word.tunIdHigh)
  if (!hasTunnel(said)) return
  keep(word.tunIdHigh, word.metadataHigh)
  keep(word.tunMetadataPresent, keyWords)
}

const namesOf = (daemon: Switched, bridge: Bridge): TraceNames => ({
  ports: {
    number: name => bridge.portByName(name)?.ofport,
    name: number => bridge.ports.get(number)?.name,
  },
  vportName: number => daemon.switch.datapath.ports().get(number)?.name,
})
