import type { Link, Namespace, PacketSocket, SeenFrame } from '../../../../host/index.ts'
import type { Task } from '../../../../runtime/index.ts'
import { first } from '../../../../runtime/index.ts'
import { LinkType, readCapture } from '../../../../wire/index.ts'
import type { Command, Process } from '../../../command.ts'
import { strerror } from '../../../files/errno.ts'
import { OpenFile } from '../../../streams.ts'
import { addressesOfName } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { type Captured, LinePrinter } from './line.ts'
import { readTcpdumpOptions, type TcpdumpOptions, tcpdumpVersion } from './options.ts'
import { cooked, pcapHeader, pcapRecord } from './pcap-file.ts'
import { type FrameFilter, parseFilter } from './pcap-filter.ts'

/** tcpdump(8), of tcpdump 4.99 and libpcap 1.10. Names are never looked up, with or without `-n`. */
export const tcpdump: Command = function* (process) {
  try {
    const options = readTcpdumpOptions(process.args.slice(1))
    if (options === 'version' || options === 'devices') {
      yield* process.print(options === 'version' ? tcpdumpVersion : devices(process.namespace))
      return 0
    }
    if (options.read !== undefined) return yield* readFile(process, options, options.read)
    return yield* capture(process, options)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

const filterOf = (process: Process, { filter }: TcpdumpOptions): FrameFilter => {
  const parsed = parseFilter(filter, name => addressesOfName(process, name))
  if (!parsed.ok) throw new Refusal(`tcpdump: ${parsed.error}`, 1)
  return parsed.filter
}

/** Interfaces in the order in which one would be chosen: those with a cable first, loopback last. */
const ranked = (namespace: Namespace): Link[] => {
  const rank = (link: Link): number => (link.isLoopback ? 4 : link.running ? 0 : link.up ? 1 : 2)
  return namespace.links.all().sort((a, b) => rank(a) - rank(b))
}

const devices = (namespace: Namespace): string => {
  const state = (link: Link): string => {
    const words = [link.up ? 'Up' : '', link.running ? 'Running' : '', link.isLoopback ? 'Loopback' : '']
    if (!link.isLoopback) words.push(link.running ? 'Connected' : 'Disconnected')
    return words.filter(word => word !== '').join(', ')
  }
  const links = ranked(namespace)
  const lines = links.filter(link => link.up && !link.isLoopback).map(link => `${link.name} [${state(link)}]`)
  lines.push('any (Pseudo-device that captures on all interfaces) [Up, Running]')
  lines.push(...links.filter(link => !link.up || link.isLoopback).map(link => `${link.name} [${state(link)}]`))
  return lines.map((line, i) => `${i + 1}.${line}\n`).join('')
}

const chooseLinks = ({ namespace }: Process, device: string | undefined): readonly Link[] => {
  if (device === 'any') return namespace.links.all()
  const chosen = device === undefined ? ranked(namespace).find(link => link.up) : namespace.links.get(device)
  if (chosen !== undefined) {
    if (!chosen.up) throw new Refusal(`tcpdump: ${chosen.name}: That device is not up`, 1)
    return [chosen]
  }
  throw new Refusal(
    device === undefined
      ? 'tcpdump: no suitable device found'
      : `tcpdump: ${device}: No such device exists\n(No such device exists)`,
    1,
  )
}

const linkTypeText = (any: boolean): string =>
  any ? 'link-type LINUX_SLL2 (Linux cooked v2)' : 'link-type EN10MB (Ethernet)'

function* capture(process: Process, options: TcpdumpOptions): Task<number> {
  const links = chooseLinks(process, options.device)
  const any = options.device === 'any'
  const filter = filterOf(process, options)
  const out = options.write === undefined ? undefined : openOut(process, options.write)
  if (any) yield* process.error('tcpdump: data link type LINUX_SLL2')
  const name = any ? 'any' : (links[0] as Link).name
  if (options.verbose === 0 && options.write === undefined)
    yield* process.error('tcpdump: verbose output suppressed, use -v[v]... for full protocol decode')
  const prefix = options.verbose > 0 || options.write !== undefined ? 'tcpdump: ' : ''
  yield* process.error(
    `${prefix}listening on ${name}, ${linkTypeText(any)}, snapshot length ${options.snapLength} bytes`,
  )
  const socket = process.namespace.packetSocket(
    links,
    (frame, way) =>
      (options.direction === 'inout' || options.direction === way) && filter(frame.bytes, frame.start, frame.end),
  )
  const run: Run = { process, options, socket, any, out, captured: 0 }
  try {
    if (out !== undefined)
      yield* out.stream.write(pcapHeader(options.snapLength, any ? LinkType.linuxSll2 : LinkType.ethernet))
    const broken = yield* listen(run)
    const { captured } = run
    const waiting = countWaiting(socket)
    yield* process.error(
      `${broken ? '\n' : ''}${packets(captured)} captured\n${packets(captured + waiting)} received by filter\n${packets(socket.dropped)} dropped by kernel`,
    )
    return 0
  } finally {
    socket.close()
    if (options.write !== '-') out?.close()
  }
}

type Run = {
  process: Process
  options: TcpdumpOptions
  socket: PacketSocket
  any: boolean
  out: OpenFile | undefined
  captured: number
}

/** Prints or writes what comes until there is enough, or Ctrl-C; then true. */
function* listen(run: Run): Task<boolean> {
  const { process, options, socket } = run
  const interrupted = process.catchSignal('INT')
  const ended = process.catchSignal('TERM')
  const printer = new LinePrinter(options)
  for (;;) {
    for (let frame = socket.recv(); frame !== undefined; frame = socket.recv()) {
      yield* take(run, printer, frame)
      run.captured++
      if (run.captured === options.count) return false
    }
    if (interrupted.count > 0 || ended.count > 0) return true
    yield first(socket.onReadable.wait, interrupted.wait, ended.wait)
  }
}

/** The packet types of packet(7), which a cooked capture shows. */
const wayOf = ({ direction, bytes, link }: SeenFrame): { way: string; type: number } => {
  if (direction === 'out') return { way: 'Out', type: 4 }
  if (bytes.subarray(0, 6).every(byte => byte === 255)) return { way: 'B', type: 1 }
  if (((bytes[0] as number) & 1) === 1) return { way: 'M', type: 2 }
  let dst = 0
  for (let i = 0; i < 6; i++) dst = dst * 256 + (bytes[i] as number)
  return dst === link.mac ? { way: 'In', type: 0 } : { way: 'P', type: 3 }
}

function* take(run: Run, printer: LinePrinter, frame: SeenFrame): Task<void> {
  const { process, options, any, out } = run
  const time = process.machine.wallTime() - (process.clock.now() - frame.time) / 1e6
  const { way, type } = wayOf(frame)
  if (out !== undefined) {
    const bytes = any ? cooked(frame.bytes, frame.link.index, frame.link.isLoopback, type) : frame.bytes
    if ((yield* out.stream.write(pcapRecord(time, bytes, options.snapLength))) === 'EPIPE') process.exit(1)
    return
  }
  if (options.countOnly) return
  const device = { name: frame.link.name, way, index: frame.link.index }
  yield* process.print(printer.line({ time, bytes: frame.bytes, ...(any ? { device } : {}) }))
}

const packets = (count: number): string => `${count} packet${count === 1 ? '' : 's'}`

const countWaiting = (socket: PacketSocket): number => {
  let waiting = 0
  while (socket.recv() !== undefined) waiting++
  return waiting
}

const openOut = (process: Process, name: string): OpenFile => {
  if (name === '-') return process.files.get(1) as OpenFile
  const opened = process.machine.files.open(process, name, 'write')
  if (!opened.ok) throw new Refusal(`tcpdump: ${name}: ${strerror(opened.errno)}`, 1)
  return new OpenFile(opened.value)
}

function* readFile(process: Process, options: TcpdumpOptions, name: string): Task<number> {
  const read =
    name === '-' ? ({ ok: true, value: yield* process.readAll() } as const) : process.machine.files.read(process, name)
  if (!read.ok) throw new Refusal(`tcpdump: ${name}: ${strerror(read.errno)}`, 1)
  const { packets, bad } = readCapture(read.value)
  if (bad === 'version' || read.value.length < 24) throw new Refusal('tcpdump: unknown file format', 1)
  const filter = filterOf(process, options)
  const port = packets[0]?.interface
  if (port !== undefined && port.linkType !== LinkType.ethernet)
    throw new Refusal(`tcpdump: packets of link type ${port.linkType} cannot be shown`, 1)
  const snapLength = port === undefined || port.snapLength === 0 ? 262144 : port.snapLength
  yield* process.error(`reading from file ${name}, ${linkTypeText(false)}, snapshot length ${snapLength}`)
  const printer = new LinePrinter(options)
  let count = 0
  for (const { time, bytes } of packets) {
    if (!filter(bytes, 0, bytes.length)) continue
    const captured: Captured = { time: Number(time / 1000n) / 1e3, bytes }
    if (!options.countOnly) yield* process.print(printer.line(captured))
    if (++count === options.count) break
  }
  if (options.countOnly) yield* process.print(`${count} packet${count === 1 ? '' : 's'}\n`)
  return bad === undefined ? 0 : 1
}
