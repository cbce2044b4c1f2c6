/** The commands that make packets and read them: `compose-packet`, `parse-packet`, `parse-pcap`, `ofp-parse-pcap`. */
import { composeFrame } from '../../flow/compose.ts'
import { extract } from '../../flow/extract.ts'
import { type FlowKey, newKey, word } from '../../flow/layout.ts'
import { OfPort } from '../../openflow/action.ts'
import { atoi } from '../../openflow/c-number.ts'
import { parseExactFlow } from '../../openflow/exact-flow.ts'
import { plainHexDump } from '../../openflow/hex-dump.ts'
import { hexBytes } from '../../openflow/hex-text.ts'
import { headerSize, messageLength } from '../../openflow/message-header.ts'
import { printMessage } from '../../openflow/message-print.ts'
import { formatPacket, formatPacketFlow } from '../../openflow/packet-text.ts'
import type { Task } from '../../runtime/index.ts'
import { Frame } from '../../wire/frame.ts'
import { type Call, fatal, flushLog, type OfctlCommands } from './command.ts'
import { endOfFile, type PcapFile, pcapFileOf, protocolError, readPcapFile } from './pcap-file.ts'
import { type TcpStream, TcpStreams } from './tcp-streams.ts'

const keyOf = (frame: Uint8Array): FlowKey => {
  const key = newKey()
  extract(Frame.from(frame), key)
  key[word.inPort] = OfPort.none
  return key
}

/** `compose-packet FLOW [PAYLOAD]`: a packet of the flow, which is read again to see that it is one. */
function* composePacket(call: Call): Task<number> {
  const [text = '', payloadText] = call.args
  if (call.options.pcap && call.stdio.isTerminal)
    return yield* fatal(call, 'not writing pcap data to stdout; redirect to a file or pipe to tcpdump instead')
  const flow = parseExactFlow(text, { warn: call.warn })
  if (!flow.ok) return yield* fatal(call, flow.error)
  const payload = payloadText === undefined ? undefined : hexBytes(payloadText)
  if (payloadText !== undefined && payload === undefined)
    return yield* fatal(call, `${payloadText}: trailing garbage in packet data`)
  const frame = composeFrame(flow.key, payload)
  if (call.options.pcap) yield* call.stdio.printBytes(pcapFileOf(frame, call.connect.wallTime()))
  else yield* call.stdio.print(plainHexDump(frame))
  const found = keyOf(frame)
  if (flow.key.every((value, i) => value === found[i])) return 0
  const [specified, extracted] = [flow.key, found].map(key => formatPacketFlow(key, call.paint))
  yield* call.stdio.error(`specified and extracted flows differ:\nspecified: ${specified}\nextracted: ${extracted}`)
  return 1
}

function* parsePacket(call: Call): Task<number> {
  yield* call.stdio.print(formatPacket(yield* call.stdio.readAll(), call.paint))
  return 0
}

/** Numbers of the errors that a file may have, which `parse-pcap` ends with. */
const errorNumbers: Readonly<Record<string, number>> = {
  [endOfFile]: 255,
  [protocolError]: 71,
  'No such file or directory': 2,
  'Permission denied': 13,
  'Is a directory': 21,
}

/** A file that cannot be opened, or read to its end: the number of the error. */
type Failed = { errno: number; opened: boolean }

/** Opens a capture file, or tells what is wrong. */
function* openPcap(call: Call, name: string): Task<Extract<PcapFile, { open: true }>['packets'] | Failed> {
  const bytes = call.connect.readFile(name)
  const file: PcapFile =
    typeof bytes === 'string' ? { open: false, note: noteOf(name, bytes), why: bytes } : readPcapFile(bytes)
  if (file.open) return file.packets
  call.warn('pcap', file.note)
  return { opened: false, errno: yield* failed(call, `${name}: open failed`, file.why) }
}

/** A folder can be opened, but not read. */
const noteOf = (name: string, why: string): string =>
  why === 'Is a directory'
    ? `failed to read pcap header: ${why}`
    : `${name}: failed to open pcap file for reading (${why})`

/** Tells of an error; gives its number. */
function* failed(call: Call, text: string, why: string): Task<number> {
  yield* flushLog(call)
  yield* call.stdio.error(`ovs-ofctl: ${text} (${why})`)
  return errorNumbers[why] ?? 1
}

/** Hands a file's frames on. */
function* eachPacket(
  call: Call,
  name: string,
  take: (frame: Uint8Array, time: number) => Task<void>,
): Task<Failed | undefined> {
  const packets = yield* openPcap(call, name)
  if ('errno' in packets) return packets
  for (let next = packets.next(); ; next = packets.next()) {
    if (next.done !== true) {
      yield* take(next.value.frame, next.value.time)
      continue
    }
    const end = next.value
    if (end.dump !== undefined) yield* call.stdio.print(plainHexDump(end.dump))
    if (end.note !== undefined) call.warn('pcap', end.note)
    return end.failed ? { opened: true, errno: errorNumbers[protocolError] as number } : undefined
  }
}

/** A file that fails does not keep from the others. */
function* parsePcap(call: Call): Task<number> {
  const { stdio } = call
  let status = 0
  for (const name of call.args) {
    const end = yield* eachPacket(call, name, frame => stdio.print(`${formatPacketFlow(keyOf(frame), call.paint)}\n`))
    if (end?.opened === true) yield* failed(call, `${name}: read failed`, protocolError)
    status = end?.errno ?? status
  }
  return status
}

/** Ports that OpenFlow has had. */
const usualPorts = [6633, 6653]

/** `ofp-parse-pcap PCAP [PORT…]`: the messages in what went over TCP, up to where the file goes wrong. */
function* ofpParsePcap(call: Call): Task<number> {
  const [name = '', ...portTexts] = call.args
  const ports = new Set(portTexts.length === 0 ? usualPorts : portTexts.map(text => atoi(text, 16)))
  const streams = new TcpStreams()
  let first = true
  const end = yield* eachPacket(call, name, function* (frame, time) {
    const stream = streams.add(frame)
    if (stream === undefined || !stream.ports.some(port => ports.has(port))) return
    for (const message of messagesOf(stream)) {
      const when = call.options.timestamp ? `${timeOfDay(time)} ` : ''
      const text = printMessage(message, { verbosity: call.options.verbosity + 1, warn: call.warn, paint: call.paint })
      yield* call.stdio.print(`${first ? '' : '\n'}${when}${stream.name}:\n${text}`)
      first = false
    }
  })
  return end?.opened === false ? 1 : 0
}

/** Takes the whole messages that are there; behind one that cannot be, there are none. */
function* messagesOf(stream: TcpStream): Generator<Uint8Array> {
  for (;;) {
    const { data } = stream
    const length = messageLength(data)
    if (data.length < headerSize || length < headerSize || length > data.length) return
    stream.data = data.subarray(length)
    yield data.subarray(0, length)
  }
}

const timeOfDay = (time: number): string => new Date(time / 1e6).toISOString().slice(11, 23)

export const packetToolCommands: OfctlCommands = {
  'compose-packet': { min: 1, max: 2, run: composePacket },
  'parse-packet': { min: 0, max: 0, run: parsePacket },
  'parse-pcap': { min: 1, max: Number.POSITIVE_INFINITY, readWrite: true, run: parsePcap },
  'ofp-parse-pcap': { min: 1, max: Number.POSITIVE_INFINITY, readWrite: true, run: ofpParsePcap },
}
