import { type OfAction, OfPort, parseActions, parsePort, seenBy } from '../../openflow/index.ts'
import { splitWords } from '../../openflow/words.ts'
import type { Task } from '../../runtime/index.ts'
import { Frame } from '../../wire/frame.ts'
import { type Call, connectTo, flushLog, type OfctlCommands, type Target } from './command.ts'

/** A packet in hexadecimal, dots as you like; a string is what is wrong with it. */
const parsePacket = (text: string): Uint8Array | string => {
  const digits = text.replace(/[.\s]/g, '')
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) return 'Trailing garbage in packet data'
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
  return bytes.length < 14 ? 'Packet data too short for Ethernet' : bytes
}

/** `packet-out BR IN_PORT ACTIONS PACKET…`, or all in one word: `in_port=1,packet=…,actions=…`. */
function* packetOut(call: Call): Task<number | string> {
  const target = connectTo(call, call.args[0] as string)
  if (typeof target === 'string') return target
  const wish = call.args.length === 2 ? oneWord(call, target) : severalWords(call, target)
  yield* flushLog(call)
  if (typeof wish === 'string') return wish
  const actions = seenBy(1, wish.actions, { tagged: false, ipProtocol: undefined })
  for (const packet of wish.packets) target.bridge.packetOut(Frame.from(packet), wish.inPort, actions)
  return 0
}

type Wish = { inPort: number; actions: OfAction[]; packets: Uint8Array[] }

const severalWords = (call: Call, target: Target): Wish | string => {
  const [name = '', portText = '', actionText = '', ...packetTexts] = call.args
  const actions = parseActions(actionText, target.names, call.warn)
  if (typeof actions === 'string') return actions
  const inPort = parsePort(portText, target.names, call.warn)
  if (inPort === undefined) return `${name}: unknown port \`${portText}'`
  const packets: Uint8Array[] = []
  for (const text of packetTexts) {
    const packet = parsePacket(text)
    if (typeof packet === 'string') return packet
    packets.push(packet)
  }
  return { inPort, actions, packets }
}

const oneWord = (call: Call, target: Target): Wish | string => {
  const text = call.args[1] as string
  const at = /(?:^|[\s,])actions?=/.exec(text)
  const wish: Wish = { inPort: OfPort.controller, actions: [], packets: [] }
  for (const { name, value } of splitWords(at === null ? text : text.slice(0, at.index))) {
    if (name === 'in_port') {
      const port = parsePort(value, target.names, call.warn)
      if (port === undefined) return `${value} is not a valid OpenFlow port`
      wish.inPort = port
    } else if (name === 'packet') {
      const packet = parsePacket(value)
      if (typeof packet === 'string') return packet
      wish.packets.push(packet)
    } else return `unknown keyword ${name}`
  }
  if (at !== null) {
    const actions = parseActions(text.slice(at.index + at[0].length), target.names, call.warn)
    if (typeof actions === 'string') return actions
    wish.actions = actions
  }
  return wish.packets.length === 0 ? 'must specify packet' : wish
}

export const packetOutCommands: OfctlCommands = {
  'packet-out': { min: 2, max: Number.POSITIVE_INFINITY, run: packetOut },
}
