import { errnoText, type Link, type PacketSocket } from '../../../host/index.ts'
import { elapsed, first, type Task } from '../../../runtime/index.ts'
import { formatIp4, formatMac, type Ip4, type Mac } from '../../../wire/address.ts'
import { ArpHeader, ArpOp, parseArp, writeArp } from '../../../wire/arp.ts'
import { EtherType } from '../../../wire/ethernet.ts'
import { u16, u48 } from '../../../wire/header.ts'
import type { Command, Process } from '../../command.ts'
import { parseOptions } from '../../options.ts'
import { addressesOfName, numericIp } from './names.ts'
import { Refusal } from './refusal.ts'

const usage = `
Usage:
  arping [options] <destination>

Options:
  -f            quit on first reply
  -q            be quiet
  -b            keep on broadcasting, do not unicast
  -D            duplicate address detection mode
  -U            unsolicited ARP mode, update your neighbours
  -A            ARP answer mode, update your neighbours
  -V            print version and exit
  -c <count>    how many packets to send
  -w <timeout>  how long to wait for a reply
  -i <interval> set interval between packets (default: 1 second)
  -I <device>   which ethernet device to use
  -s <source>   source ip address
  <destination> dns name or ip address

For more details see arping(8).`

const version =
  'arping from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n'

const letters = {
  f: 'none',
  q: 'none',
  b: 'none',
  D: 'none',
  U: 'none',
  A: 'none',
  V: 'none',
  h: 'none',
  c: 'required',
  w: 'required',
  i: 'required',
  I: 'required',
  s: 'required',
} as const

type Options = {
  flags: ReadonlySet<string>
  count: number | undefined
  timeout: number | undefined
  interval: number
  device: string | undefined
  source: string | undefined
  destination: string
}

const whole = (text: string, least: number): number => {
  if (!/^[+-]?\d+$/.test(text)) throw new Refusal(`arping: invalid argument: '${text}'`, 1)
  if (Number(text) < least)
    throw new Refusal(`arping: invalid argument: '${text}': out of range: ${least} <= value <= 9223372036854775807`, 1)
  return Number(text)
}

const readOptions = (args: readonly string[]): Options | 'version' => {
  const parsed = parseOptions(args, letters)
  if (!parsed.ok) throw new Refusal(`arping: ${parsed.error}\n${usage}`, 2)
  const flags = new Set(parsed.options.map(option => option.name))
  if (flags.has('V')) return 'version'
  const value = (name: string): string | undefined => parsed.options.findLast(option => option.name === name)?.value
  const [destination] = parsed.operands
  if (destination === undefined || parsed.operands.length > 1 || flags.has('h')) throw new Refusal(usage, 2)
  const count = value('c')
  const timeout = value('w')
  return {
    flags,
    count: count === undefined ? undefined : whole(count, 1),
    timeout: timeout === undefined ? undefined : whole(timeout, 0) * 1e9,
    interval: whole(value('i') ?? '1', 0) * 1e9,
    device: value('I'),
    source: value('s'),
    destination,
  }
}

/** arping(8) of iputils: asks for an address by ARP, or (`-D`) whether anybody has it, or (`-U`, `-A`) tells that we do. */
export const arping: Command = function* (process) {
  try {
    const options = readOptions(process.args.slice(1))
    if (options === 'version') {
      yield* process.print(version)
      return 0
    }
    const run = new Run(process, options)
    try {
      if (!run.link.resolves) {
        yield* process.print(`Interface "${run.link.name}" is not ARPable\n`)
        return 2
      }
      return yield* run.loop()
    } finally {
      run.socket.close()
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

class Run {
  readonly socket: PacketSocket
  private readonly process: Process
  private readonly options: Options
  readonly link: Link
  private readonly target: Ip4
  private readonly source: Ip4
  /** Where questions go: to all until somebody answered. */
  private towards: Mac = 0xffffffffffff
  private sent = 0
  private broadcasts = 0
  private received = 0
  private lastSent = 0

  constructor(process: Process, options: Options) {
    const { namespace } = process
    const { destination, device, source, flags } = options
    this.process = process
    this.options = options
    let link = device === undefined ? undefined : namespace.links.get(device)
    if (device !== undefined && link === undefined) throw new Refusal(`arping: Device ${device} not available.`, 2)
    const found = numericIp(destination) ?? addressesOfName(process, destination, 4)[0]
    if (typeof found !== 'number') throw new Refusal(`arping: ${destination}: Temporary failure in name resolution`, 2)
    this.target = found
    const given = source === undefined ? undefined : numericIp(source)
    if (source !== undefined && typeof given !== 'number') throw new Refusal(`arping: invalid source ${source}`, 2)
    if (given !== undefined && !flags.has('D') && namespace.addresses.find(given) === undefined)
      throw new Refusal(`arping: bind: ${errnoText.EADDRNOTAVAIL}`, 2)
    const own = flags.has('U') || flags.has('A') ? found : given
    const path = namespace.route(found, undefined, link)
    if (link === undefined) {
      if (typeof path === 'string') throw new Refusal(`arping: connect: ${errnoText[path]}`, 2)
      link = path.link
    }
    if (!link.up) throw new Refusal(`arping: Interface "${link.name}" is down`, 2)
    this.link = link
    const usual = typeof path === 'string' ? 0 : (path.src as Ip4)
    this.source = flags.has('D') ? ((given as Ip4 | undefined) ?? 0) : ((own as Ip4 | undefined) ?? usual)
    this.socket = namespace.packetSocket([link], (frame, way) => way === 'in' && isArp(frame.bytes, frame.start))
  }

  *loop(): Task<number> {
    const { process, options, socket, link, target, source } = this
    const { flags, count } = options
    const interrupted = process.catchSignal('INT')
    const { clock } = process
    const end = options.timeout === undefined ? undefined : clock.now() + options.timeout
    let next = clock.now()
    if (!flags.has('q')) yield* process.print(`ARPING ${formatIp4(target)} from ${formatIp4(source)} ${link.name}\n`)
    for (;;) {
      yield* this.receive()
      const now = clock.now()
      const enough = flags.has('f') || flags.has('D') ? this.received > 0 : false
      const whole = count !== undefined && this.sent >= count && (this.received >= count || now >= next)
      if (interrupted.count > 0 || enough || whole || (end !== undefined && now >= end)) break
      if (now >= next) {
        this.ask()
        next = now + Math.max(options.interval, 1e6)
        continue
      }
      const until = Math.min(next, end ?? Number.POSITIVE_INFINITY)
      yield first(socket.onReadable.wait, interrupted.wait, elapsed(clock, until - now))
    }
    if (!flags.has('q'))
      yield* process.print(
        `Sent ${this.sent} probes (${this.broadcasts} broadcast(s))\nReceived ${this.received} response(s)\n`,
      )
    if (flags.has('D')) return this.received > 0 ? 1 : 0
    return this.received > 0 || flags.has('U') || flags.has('A') ? 0 : 1
  }

  private ask(): void {
    const { link, target, source, options } = this
    const frame = new Uint8Array(42)
    u48.set(frame, 0, this.towards)
    u48.set(frame, 6, link.mac)
    u16.set(frame, 12, EtherType.arp)
    const answer = options.flags.has('A')
    const tha = answer ? link.mac : this.towards
    writeArp(frame, 14, { op: answer ? ArpOp.reply : ArpOp.request, sha: link.mac, spa: source, tha, tpa: target })
    this.lastSent = this.process.clock.now()
    this.sent++
    if (this.towards === 0xffffffffffff) this.broadcasts++
    this.socket.send(frame)
  }

  private *receive(): Task<void> {
    const { socket, process, options, target, link, source } = this
    for (let seen = socket.recv(); seen !== undefined; seen = socket.recv()) {
      const arp = parseArp(seen.bytes, 14, seen.bytes.length)
      if (!arp.ok || arp.value.spa !== target || arp.value.sha === link.mac) continue
      const { op, sha, tpa } = arp.value
      if (options.flags.has('D') ? tpa !== source && op !== ArpOp.request : tpa !== source) continue
      if (!options.flags.has('q')) {
        const cast = u48.get(seen.bytes, 0) === link.mac ? 'Unicast' : 'Broadcast'
        const us = Math.floor((seen.time - this.lastSent) / 1e3)
        const time = `${Math.floor(us / 1000)}.${String(us % 1000).padStart(3, '0')}ms`
        const kind = op === ArpOp.reply ? 'reply' : 'request'
        yield* process.print(`${cast} ${kind} from ${formatIp4(target)} [${formatMac(sha).toUpperCase()}]  ${time}\n`)
      }
      this.received++
      if (!options.flags.has('b')) this.towards = sha
    }
  }
}

const isArp = (bytes: Uint8Array, start: number): boolean =>
  u16.get(bytes, start + 12) === EtherType.arp && ArpHeader.size <= bytes.length - start - 14
