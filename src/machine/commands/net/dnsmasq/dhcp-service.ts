import { type DhcpAnswer, type DhcpPlace, DhcpServer } from '../../../../host/dhcp/index.ts'
import type { Link, UdpSocket } from '../../../../host/index.ts'
import { elapsed, first, second, type Task } from '../../../../runtime/index.ts'
import { formatIp4, formatMac, type Ip4, mask4, parseIp4, parseMac } from '../../../../wire/address.ts'
import { type Dhcp, DhcpMessage, DhcpOption, DhcpPort, dhcpText, dhcpType, parseDhcp } from '../../../../wire/dhcp.ts'
import type { Process } from '../../../command.ts'
import { dirname } from '../../../files/path.ts'
import { dhcpBytes } from '../dhcp/dhcp-socket.ts'
import { Refusal } from '../refusal.ts'
import type { DnsmasqConfig } from './config.ts'
import { leaseTimeText, nameOfOption } from './dhcp-options.ts'

/** The DHCP half of dnsmasq: a socket, the server's machine, the file of leases. */
export class DhcpService {
  readonly server: DhcpServer
  private readonly process: Process
  private readonly config: DnsmasqConfig
  private readonly log: (text: string) => void
  private readonly serves: (link: Link) => boolean
  private readonly socket: UdpSocket
  /** In front of what is said about the message at hand: with `--log-dhcp` its number. */
  private prefix = ''
  private lines: string[] = []

  constructor(process: Process, config: DnsmasqConfig, serves: (link: Link) => boolean, log: (text: string) => void) {
    this.process = process
    this.config = config
    this.serves = serves
    this.log = log
    const { ranges, hosts, dhcpOptions: options, authoritative, sequential, domain, leaseMax: most } = config
    const facts = { ranges, hosts, options, authoritative, sequential, domain, most, servesNames: config.port !== 0 }
    this.server = new DhcpServer(process.clock, facts, text => this.lines.push(text))
    this.socket = process.namespace.udpSocket(4)
    this.socket.options.broadcast = true
    this.socket.options.tos = 0xc0
    const bound = this.socket.bind(undefined, DhcpPort.server)
    if (!bound.ok) throw new Refusal('\ndnsmasq: failed to bind DHCP server socket: Address already in use', 2)
    this.read()
  }

  /** What the log says at the beginning. */
  greeting(): string[] {
    return this.config.ranges.map(({ from, to, seconds, isStatic }) => {
      const time = `lease time ${leaseTimeText(seconds)}`
      if (isStatic) return `DHCP, static leases only on ${formatIp4(from)}, ${time}`
      return `DHCP, IP range ${formatIp4(from)} -- ${formatIp4(to)}, ${time}`
    })
  }

  close(): void {
    this.socket.close()
  }

  /** Answers for ever, one message after the other. */
  *serve(): Task<void> {
    for (;;) {
      const got = this.socket.recv()
      if (got === undefined) {
        yield this.socket.onReadable.wait
        continue
      }
      const message = parseDhcp(got.payload, 0, got.payload.length)
      if (!message.ok || !this.serves(got.link)) continue
      const place = this.placeOf(got.link)
      if (place !== undefined) yield* this.handle(message.value, got.link, place)
    }
  }

  /** The own address in whose network a range is. */
  private placeOf(link: Link): DhcpPlace | undefined {
    for (const { ip, length, broadcast } of this.process.namespace.addresses.of(link, 4)) {
      if (typeof ip !== 'number') continue
      const mask = mask4(length)
      const place = { link: link.name, address: ip, mask, broadcast: broadcast ?? (ip | ~mask) >>> 0 }
      if (this.server.rangesAt(place).length > 0) return place
    }
    return undefined
  }

  private *handle(message: Dhcp, link: Link, place: DhcpPlace): Task<void> {
    this.prefix = this.config.logDhcp ? `${message.xid} ` : ''
    this.lines = []
    let answer = this.server.answer(message, place)
    // Offered addresses are tried out first, as long as somebody answers at them.
    for (let i = 0; i < 6 && answer?.tested === false; i++) {
      const address = answer.reply.yiaddr
      this.server.tried(address, !this.config.noPing && (yield* this.isTaken(address)))
      this.lines = []
      answer = this.server.answer(message, place)
    }
    this.tell(message, place, answer)
    if (answer !== undefined) this.send(answer, link)
    const type = dhcpType(message)
    if (type !== DhcpMessage.discover && type !== DhcpMessage.inform) this.write()
  }

  private *isTaken(address: Ip4): Task<boolean> {
    const { namespace, clock } = this.process
    const socket = namespace.pingSocket(4)
    try {
      const end = clock.now() + 3 * second
      socket.echo(0, new Uint8Array(20), address)
      for (;;) {
        for (let got = socket.recv(); got !== undefined; got = socket.recv()) if (got.src === address) return true
        if (clock.now() >= end) return false
        yield first(socket.onReadable.wait, elapsed(clock, end - clock.now()))
      }
    } finally {
      socket.close()
    }
  }

  private send({ reply, to }: DhcpAnswer, link: Link): void {
    const { socket } = this
    const { namespace } = this.process
    socket.options.link = link
    if (to === 'client') namespace.addNeighbour(link, reply.yiaddr, reply.chaddr, 'REACHABLE', true)
    const address = to === 'all' ? 0xffffffff : to === 'client' ? reply.yiaddr : reply.ciaddr
    socket.send(dhcpBytes(reply), address, DhcpPort.client)
    socket.options.link = undefined
    socket.takeError()
  }

  /** The lines of the log about a message: more with `--log-dhcp`. */
  private tell(message: Dhcp, place: DhcpPlace, answer: DhcpAnswer | undefined): void {
    const say = (text: string): void => this.log(`${this.prefix}${text}`)
    if (!this.config.logDhcp) {
      for (const line of this.lines) say(line)
      return
    }
    for (const { from, to } of this.server.rangesAt(place))
      say(`available DHCP range: ${formatIp4(from)} -- ${formatIp4(to)}`)
    const vendor = dhcpText(message, DhcpOption.vendorClass)
    if (vendor !== undefined) say(`vendor class: ${vendor}`)
    const name = dhcpText(message, DhcpOption.hostName)
    if (name !== undefined) say(`client provides name: ${name}`)
    const isKnown = this.config.hosts.some(({ macs }) => macs.includes(message.chaddr))
    for (const line of this.lines) {
      if (/^DHCP(OFFER|ACK)\(/.test(line)) say(`tags: ${isKnown ? 'known, ' : ''}${place.link}`)
      say(line)
    }
    if (answer !== undefined) this.tellAnswer(message, answer, say)
  }

  private tellAnswer(message: Dhcp, { reply, to }: DhcpAnswer, say: (text: string) => void): void {
    if (to === 'all') say('broadcast response')
    if (dhcpType(reply) !== DhcpMessage.nak) {
      const wants = [...(message.options.get(DhcpOption.parameterList) ?? [])]
      let line = ''
      for (const [i, code] of wants.entries()) {
        line += `${code}${nameOfOption(code) === '' ? '' : `:${nameOfOption(code)}`}${i < wants.length - 1 ? ', ' : ''}`
        if (line.length <= 40 && i < wants.length - 1) continue
        say(`requested options: ${line}`)
        line = ''
      }
      say(`next server: ${formatIp4(reply.siaddr)}`)
    }
    for (const [code, value] of reply.options) {
      const size = String(value.length).padStart(3)
      say(`sent size:${size} option:${String(code).padStart(3)} ${nameOfOption(code)}  ${shownValue(code, value)}`)
    }
  }

  /** Leases as dnsmasq keeps them: when they end, MAC, address, name, identifier. */
  private write(): void {
    const { process, config } = this
    const now = process.clock.now()
    const lines = this.server.leases.all(now).map(({ expires, mac, address, name, clientId }) => {
      const end = Number.isFinite(expires) ? Math.floor((process.machine.wallTime() + (expires - now) / 1e6) / 1e3) : 0
      return `${end} ${formatMac(mac)} ${formatIp4(address)} ${name || '*'} ${clientId || '*'}\n`
    })
    process.machine.files.mkdirAll(process, dirname(config.leaseFile))
    process.machine.files.write(process, config.leaseFile, lines.join(''))
  }

  private read(): void {
    const { process, config, server } = this
    const text = process.machine.files.readText(process, config.leaseFile)
    const now = process.clock.now()
    for (const line of text.ok ? text.value.split('\n') : []) {
      const [end = '', hardware = '', ip = '', name = '', id = ''] = line.split(' ')
      const [mac, address] = [parseMac(hardware), parseIp4(ip)]
      if (mac === undefined || address === undefined || !/^\d+$/.test(end)) continue
      const expires =
        end === '0' ? Number.POSITIVE_INFINITY : now + (Number(end) * 1e3 - process.machine.wallTime()) * 1e6
      const star = (word: string): string => (word === '*' ? '' : word)
      if (expires > now) server.leases.put({ address, mac, clientId: star(id), name: star(name), expires })
    }
  }
}

const times = new Set<number>([DhcpOption.leaseTime, DhcpOption.renewalTime, DhcpOption.rebindingTime])
const addresses = new Set<number>([1, 3, 6, 7, 9, 28, 41, 42, 44, 45, 54])
const texts = new Set<number>([12, 15, 17, 40, 60, 66, 67])

const shownValue = (code: number, value: Uint8Array): string => {
  const number = value.reduce((sum, byte) => sum * 256 + byte, 0)
  if (times.has(code)) return leaseTimeText(number)
  if (addresses.has(code))
    return Array.from({ length: value.length >> 2 }, (_, i) => value.subarray(i * 4, i * 4 + 4).join('.')).join(', ')
  if (texts.has(code)) return String.fromCharCode(...value)
  if (value.length <= 2 || code === 2) return `${number}`
  return [...value].map(byte => byte.toString(16).padStart(2, '0')).join(':')
}
