import { extract } from '../../flow/extract.ts'
import { type FlowKey, newKey, word } from '../../flow/layout.ts'
import { parseMatch } from '../../flow/match-text.ts'
import { parseOdpKey } from '../../flow/odp-parse.ts'
import type { Bridge } from '../../switch/bridge.ts'
import { formatTrace, type TraceNames } from '../../switch/trace-text.ts'
import { recordTree } from '../../switch/translate/recorder.ts'
import { Frame } from '../../wire/frame.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { type Reply, refuse, reply } from './command.ts'

/** A frame at a port of a bridge; `key` has OpenFlow's port number. */
type Asked = { bridge: Bridge; key: FlowKey }

/**
 * `ofproto/trace {[DP] ODP_FLOW | BRIDGE FLOW} [-generate | PACKET] [--names]`: what would happen to a frame, step by step.
 * A packet's bytes replace all of the flow but its port.
 */
export const trace = (daemon: Vswitchd, args: readonly string[]): Reply => {
  const words: string[] = []
  let generates = false
  let namesPorts = false
  for (const arg of args) {
    if (arg === '-generate' || arg === '--generate') generates = true
    else if (arg === '--names') namesPorts = true
    else if (arg.startsWith('-')) return refuse(`${arg}: unknown option`)
    else words.push(arg)
  }
  if (words.length > 3) return refuse('too many arguments')
  const [first = '', ...rest] = words
  const alone = rest.length < 2 ? findInDatapath(daemon, first) : undefined
  const asked = alone ?? findIn(daemon, first, rest[0])
  if ('error' in asked) return refuse(asked.error)
  const packet = alone === undefined ? rest[1] : rest[0]
  if (packet !== undefined) {
    const error = generates ? 'Syntax error' : readPacket(asked.key, packet, daemon.switch.datapath.vlanLimit)
    if (error !== undefined) return refuse(error)
  }
  const { bridge, key } = asked
  const { recorder, steps } = recordTree()
  const learns = generates || packet !== undefined
  const translation = daemon.switch.explainIn(bridge, key, recorder, learns)
  if (learns) daemon.switch.apply(translation)
  return reply(formatTrace(key, translation, steps, namesPorts ? namesOf(daemon, bridge) : undefined))
}

/** By a bridge or a datapath and a flow in the one's or the other's notation. */
const findIn = (daemon: Vswitchd, name: string, flow: string | undefined): Asked | { error: string } => {
  if (flow === undefined) return { error: `syntax error at ${name} (or the bridge name was omitted)` }
  const isOurs = name === daemon.switch.datapath.name.split('@')[1]
  const inDatapath = isOurs ? findInDatapath(daemon, flow) : undefined
  if (inDatapath !== undefined) return inDatapath
  // Of another datapath the names of ports are not known.
  if (!isOurs && parseOdpKey(flow) !== undefined) return { error: 'Cannot find the datapath' }
  const bridge = daemon.switch.bridges.get(name)
  if (bridge === undefined) return { error: `${name}: unknown bridge` }
  const parse = (text: string) => parseMatch(text, { portNumber: port => bridge.portByName(port)?.ofport })
  const parsed = parse(flow)
  if (!('wrong' in parsed)) return { bridge, key: parsed.match.key.slice() }
  const { wrong } = parsed
  // The original names the field whose value is wrong, here only.
  const part = flow.split(',').find(text => {
    const alone = parse(text)
    return text.includes('=') && 'wrong' in alone && alone.wrong === wrong
  })
  const unknown = /^(?:field (\S+) missing value|unknown keyword (\S+))$/.exec(wrong)
  const error =
    unknown !== null
      ? `unknown field ${unknown[1] ?? unknown[2]}`
      : part === undefined
        ? wrong
        : `bad value for ${part.split('=')[0]} (${wrong})`
  return { error: `Bad openflow flow syntax: ${flow}: ${error}` }
}

/** The bridge's frame that a datapath's flow describes; undefined if the text is not such a flow. */
const findInDatapath = (daemon: Vswitchd, text: string): Asked | { error: string } | undefined => {
  const { datapath, bridges } = daemon.switch
  const key = parseOdpKey(text, name => [...datapath.ports()].find(([, vport]) => vport.name === name)?.[0])
  if (key === undefined) return undefined
  const recircId = key[word.recircId]!
  if (recircId !== 0) return { error: `no recirculation data for recirc_id 0x${recircId.toString(16)}` }
  const ref = daemon.switch.inputPort(key)
  const bridge = ref && bridges.get(ref.bridge.name)
  if (ref === undefined || bridge === undefined)
    return { error: `no OpenFlow port for datapath port ${key[word.inPort]}` }
  key[word.inPort] = ref.port.ofport
  return { bridge, key }
}

/** Makes the key that of a frame given in hexadecimal. Returns why it cannot be, or undefined. */
const readPacket = (key: FlowKey, text: string, vlanLimit: number): string | undefined => {
  const digits = text.replace(/[\s.]/g, '')
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) return 'Trailing garbage in packet data'
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
  if (bytes.length < 14) return 'Packet data too short for Ethernet'
  const inPort = key[word.inPort]!
  key.set(newKey())
  extract(Frame.from(bytes), key, vlanLimit)
  key[word.inPort] = inPort
  return undefined
}

const namesOf = (daemon: Vswitchd, bridge: Bridge): TraceNames => ({
  ports: {
    number: name => bridge.portByName(name)?.ofport,
    name: number => bridge.ports.get(number)?.name,
  },
  vportName: number => daemon.switch.datapath.ports().get(number)?.name,
})
