import { errnoText, type Link, type PingSocket, type SocketError } from '../../../../host/index.ts'
import { elapsed, first, type Task } from '../../../../runtime/index.ts'
import { formatIp, type Ip, isIp6, isLinkLocal6, isMulticastIp } from '../../../../wire/address.ts'
import type { Command, Process } from '../../../command.ts'
import { firstAddress, resolveErrors, withName } from '../dns/resolver.ts'
import { numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { errorText } from './messages.ts'
import { type PingOptions, readPingOptions } from './options.ts'
import { PingStatistics, roundTripText } from './statistics.ts'

const version =
  'ping from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n'

/** ping(8) of iputils; as `ping6` IPv6 only. Ctrl-C ends it with its statistics. */
export const ping: Command = function* (process) {
  try {
    const name = process.args[0]?.endsWith('ping6') ? 'ping6' : 'ping'
    const options = readPingOptions(name, process.args.slice(1))
    if (options === 'version') {
      yield* process.print(version)
      return 0
    }
    const target = yield* findTarget(process, options)
    const run = new Run(process, options, target)
    if (target.broadcast) yield* process.error('WARNING: pinging broadcast address')
    try {
      return yield* run.loop()
    } finally {
      run.socket.close()
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

/** Where to: the address, the text behind the name in the first line, and the link that a zone or `-I` names. */
type Target = { ip: Ip; src: Ip; link: Link | undefined; bound: Ip | undefined; numeric: boolean; broadcast: boolean }

function* findTarget(process: Process, options: PingOptions): Task<Target> {
  const { namespace } = process
  const { destination, family, source } = options
  const [text, zone] = destination.includes(':') ? (destination.split('%') as [string, string?]) : [destination]
  const numeric = numericIp(text)
  const ip = numeric ?? (yield* firstAddress(process, text, family))
  if (typeof ip === 'string') throw new Refusal(`ping: ${destination}: ${resolveErrors[ip]}`, 2)
  if (family !== undefined && isIp6(ip) !== (family === 6))
    throw new Refusal(`ping: ${destination}: Address family for hostname not supported`, 2)
  let link: Link | undefined
  if (zone !== undefined) {
    link = namespace.links.get(zone)
    if (link === undefined) throw new Refusal(`ping: ${destination}: Name or service not known`, 2)
  }
  let bound: Ip | undefined
  if (source !== undefined) {
    bound = numericIp(source)
    if (bound === undefined) {
      link = namespace.links.get(source)
      if (link === undefined) throw new Refusal(`ping: SO_BINDTODEVICE ${source}: No such device`, 2)
    } else if (namespace.addresses.find(bound) === undefined)
      throw new Refusal('ping: bind: Cannot assign requested address', 2)
  }
  const to = ip === 0 ? 0x7f000001 : ip
  const path = namespace.route(to, bound, link)
  if (path === 'EACCES' || (typeof path !== 'string' && path.cast === 'broadcast' && !options.broadcast))
    throw new Refusal('ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules', 2)
  if (typeof path === 'string') throw new Refusal(`ping: connect: ${errnoText[path]}`, 2)
  return { ip: to, src: path.src, link, bound, numeric: numeric !== undefined, broadcast: path.cast === 'broadcast' }
}

/** What is known of a request that is under way. */
type Request = { time: number; answered: boolean }

class Run {
  readonly socket: PingSocket
  private readonly statistics = new PingStatistics()
  private readonly requests = new Map<number, Request>()
  private readonly names = new Map<Ip, string>()
  private readonly process: Process
  private readonly options: PingOptions
  private readonly target: Target
  private readonly data: Uint8Array
  private answeredUpTo = 0
  private nextSend = 0

  constructor(process: Process, options: PingOptions, target: Target) {
    this.process = process
    this.options = options
    this.target = target
    this.data = payload(options)
    this.socket = process.namespace.pingSocket(isIp6(target.ip) ? 6 : 4)
    const { socket } = this
    const settings = socket.options
    settings.receiveErrors = true
    settings.ttl = options.ttl
    if (options.ttl !== undefined) settings.multicastTtl = options.ttl
    settings.tos = options.tos
    settings.broadcast = options.broadcast
    settings.link = target.link
    if (options.pathMtu !== undefined) settings.pathMtu = options.pathMtu
    if (target.bound !== undefined) socket.bind(target.bound)
  }

  *loop(): Task<number> {
    const { process, options, statistics, socket } = this
    const { clock } = process
    const interrupted = process.catchSignal('INT')
    const deadline = options.deadline === undefined ? undefined : clock.now() + options.deadline
    let exit: number | undefined
    this.nextSend = clock.now()
    yield* process.print(yield* this.heading())
    for (;;) {
      yield* this.receive()
      const now = clock.now()
      const heard = statistics.received + statistics.errors
      if (interrupted.count > 0 || (options.count !== undefined && heard >= options.count)) break
      if (deadline !== undefined && (now >= deadline || statistics.errors > 0)) break
      if (exit !== undefined && now >= exit) break
      const more = options.count === undefined || statistics.transmitted < options.count || deadline !== undefined
      if (more && now >= this.nextSend) {
        yield* this.send()
        if (options.count !== undefined && statistics.transmitted >= options.count && deadline === undefined)
          exit = now + this.patience()
        continue
      }
      const until = Math.min(exit ?? this.nextSend, deadline ?? Number.POSITIVE_INFINITY)
      yield first(socket.onReadable.wait, interrupted.wait, elapsed(clock, until - now))
    }
    yield* process.print(statistics.summary(options.destination, options.interval === 0))
    const short = deadline !== undefined && options.count !== undefined && statistics.received < options.count
    return statistics.received === 0 || short ? 1 : 0
  }

  private *heading(): Task<string> {
    const { options, target } = this
    const { destination, size, source, pattern } = options
    const shown = pattern?.map(byte => byte.toString(16).padStart(2, '0')).join('')
    const start = pattern === undefined ? 'PING ' : `PATTERN: 0x${shown}\nPING `
    const device = source === undefined || target.bound !== undefined ? '' : source
    const from = source === undefined ? '' : ` from ${formatIp(target.src)} ${device}:`
    if (!isIp6(target.ip))
      return `${start}${destination} (${formatIp(target.ip)})${from} ${size}(${size + 28}) bytes of data.\n`
    const zone = destination.includes('%') ? destination.slice(destination.indexOf('%')) : ''
    const name = yield* withName(this.process, target.ip, target.numeric || options.numeric)
    return `${start}${destination}(${name}${zone})${from} ${size} data bytes\n`
  }

  /** How long to wait behind the last request: two round trips if any answer came, as ping(8) says of `-W`. */
  private patience(): number {
    const { statistics, options } = this
    return statistics.received > 0 ? Math.max(2000 * statistics.longest, options.interval) : options.linger
  }

  private *send(): Task<void> {
    const { process, options, statistics, socket, target } = this
    const now = process.clock.now()
    for (let i = statistics.transmitted === 0 ? options.preload : 1; i > 0; i--) {
      const seq = (statistics.transmitted + 1) & 0xffff
      const missing = statistics.transmitted > 0 && this.answeredUpTo < statistics.transmitted
      if (options.outstanding && missing && !options.quiet)
        yield* process.print(`${this.stamp()}no answer yet for icmp_seq=${statistics.transmitted & 0xffff}\n`)
      if (this.data.length >= 16) stampData(this.data, process.machine.wallTime())
      this.requests.set(seq, { time: now, answered: false })
      statistics.sent(now)
      if (options.flood && !options.quiet) yield* process.print('.')
      const error = socket.echo(seq, this.data, target.ip)
      if (error !== undefined && error !== 'EMSGSIZE' && !options.quiet)
        yield* process.error(`ping: sendmsg: ${errnoText[error]}`)
    }
    // Without an interval, the next leaves when an answer comes, or a hundred in a second.
    this.nextSend = now + Math.max(options.interval, options.interval === 0 ? 10e6 : 0)
  }

  private *receive(): Task<void> {
    const { socket } = this
    for (let error = socket.recvError(); error !== undefined; error = socket.recvError()) yield* this.failed(error)
    socket.takeError()
    for (let datagram = socket.recv(); datagram !== undefined; datagram = socket.recv()) {
      const { payload, src, ttl, time, link } = datagram
      yield* this.answered(((payload[6] as number) << 8) | (payload[7] as number), payload.length, src, ttl, time, link)
    }
  }

  private *failed(error: SocketError): Task<void> {
    const { statistics, process, options } = this
    statistics.errors++
    if (error.origin === 'local') {
      const mtu = isIp6(error.dst) ? `mtu: ${error.mtu}` : `mtu=${error.mtu}`
      const why = error.errno === 'EMSGSIZE' ? `message too long, ${mtu}` : errnoText[error.errno]
      if (!options.quiet) yield* process.error(`ping: local error: ${why}`)
      return
    }
    const seq = ((error.payload[6] ?? 0) << 8) | (error.payload[7] ?? 0)
    statistics.acknowledge(seq)
    this.answeredUpTo = Math.max(this.answeredUpTo, seq)
    if (options.quiet) return
    if (options.flood) yield* process.print('\bE')
    else
      yield* process.print(`${this.stamp()}From ${yield* this.name(error.from)} icmp_seq=${seq} ${errorText(error)}\n`)
  }

  private *answered(seq: number, size: number, src: Ip, ttl: number, time: number, link: Link): Task<void> {
    const { statistics, process, options, target } = this
    const request = this.requests.get(seq)
    if (request === undefined) return
    const duplicate = request.answered
    request.answered = true
    statistics.acknowledge(seq)
    this.answeredUpTo = Math.max(this.answeredUpTo, seq)
    const us = Math.floor((time - request.time) / 1e3)
    if (duplicate) statistics.duplicates++
    else {
      statistics.received++
      if (this.data.length >= 16) statistics.roundTrip(us)
    }
    if (options.interval === 0) this.nextSend = process.clock.now()
    if (options.quiet) return
    if (options.flood) {
      yield* process.print('\b \b')
      return
    }
    const trip = this.data.length >= 16 ? ` time=${roundTripText(us)} ms` : ''
    const odd = src !== target.ip && !target.broadcast && !isMulticastIp(target.ip) ? ' (DIFFERENT ADDRESS!)' : ''
    const again = duplicate ? ' (DUP!)' : ''
    const from = yield* this.name(src, link)
    yield* process.print(`${this.stamp()}${size} bytes from ${from}: icmp_seq=${seq} ttl=${ttl}${trip}${again}${odd}\n`)
  }

  /** The address with its name, which is asked for once. */
  private *name(ip: Ip, link = this.target.link): Task<string> {
    const zone = isIp6(ip) && isLinkLocal6(ip) && link !== undefined ? `%${link.name}` : ''
    let name = this.names.get(ip)
    if (name === undefined) {
      name = yield* withName(this.process, ip, this.target.numeric || this.options.numeric)
      this.names.set(ip, name)
    }
    return `${name}${zone}`
  }

  private stamp(): string {
    return this.options.stamps ? `[${(this.process.machine.wallTime() / 1e3).toFixed(6)}] ` : ''
  }
}

/** Bytes that count up, or the pattern again and again; the first 16 are the time, when there is room. */
const payload = ({ size, pattern }: PingOptions): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) =>
    pattern === undefined ? i & 255 : (pattern[i % pattern.length] as number),
  )

/** The time as a `struct timeval` of a 64-bit little-endian machine. */
const stampData = (data: Uint8Array, milliseconds: number): void => {
  const whole = Math.floor(milliseconds / 1e3)
  const us = Math.floor((milliseconds - whole * 1e3) * 1e3)
  for (let i = 0; i < 8; i++) {
    data[i] = Math.floor(whole / 256 ** i)
    data[8 + i] = Math.floor(us / 256 ** i)
  }
}
