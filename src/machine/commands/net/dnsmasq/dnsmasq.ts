import { errnoText, type Link, type TcpSocket, tcpAccept, tcpSend, type UdpSocket } from '../../../../host/index.ts'
import type { Task } from '../../../../runtime/index.ts'
import { formatIp, type Ip } from '../../../../wire/address.ts'
import { type Dns, DnsRcode, dnsMessage, parseDns } from '../../../../wire/dns.ts'
import type { Command, Process } from '../../../command.ts'
import { nowhere, OpenFile } from '../../../streams.ts'
import { Crew } from '../crew.ts'
import { framed, readFramed } from '../dns/exchange.ts'
import { typeName } from '../dns/type-names.ts'
import { Refusal } from '../refusal.ts'
import type { DnsmasqConfig } from './config.ts'
import { DhcpService } from './dhcp-service.ts'
import { Forwarder, reply } from './forward.ts'
import { KnownNames } from './known-names.ts'
import { readConfig } from './options.ts'

const features =
  'IPv6 GNU-getopt DBus no-UBus i18n IDN2 DHCP DHCPv6 no-Lua TFTP conntrack ipset nftset auth cryptohash DNSSEC loop-detect inotify dumpfile'

const version = `Dnsmasq version 2.90  Copyright (c) 2000-2024 Simon Kelley
Compile time options: ${features}

This software comes with ABSOLUTELY NO WARRANTY.
Dnsmasq is free software, and you are welcome to redistribute it
under the terms of the GNU General Public License, version 2 or 3.
`

/** dnsmasq(8) 2.90: a server for DHCP and DNS of a small network. */
export const dnsmasq: Command = function* (process) {
  try {
    const config = readConfig(process)
    if (config === 'version') {
      yield* process.print(version)
      return 0
    }
    if (config.test) {
      yield* process.error('dnsmasq: syntax check OK.')
      return 0
    }
    const daemon = new Daemon(process, config)
    if (config.foreground) return yield* daemon.run()
    daemon.close()
    process.spawn(own => new Daemon(own, config, true).run(), { args: process.args, background: true })
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

type Listener = { udp: UdpSocket; tcp: TcpSocket }

class Daemon {
  private readonly process: Process
  private readonly config: DnsmasqConfig
  private readonly names: KnownNames
  private readonly forwarder: Forwarder
  private readonly dhcp: DhcpService | undefined
  private readonly listeners: Listener[] = []
  private readonly crew = new Crew()
  private readonly unsaid: string[] = []

  /** Opens what it listens at; refuses where that cannot be. */
  constructor(process: Process, config: DnsmasqConfig, isAway = false) {
    this.process = process
    this.config = config
    this.forwarder = new Forwarder(process, config, text => this.logQuery(text))
    const serves = (link: Link): boolean =>
      this.serves(link) && !link.isLoopback && !config.noDhcpInterfaces.includes(link.name)
    this.names = new KnownNames(process, config, () => this.dhcp?.server.leases.all(process.clock.now()) ?? [])
    try {
      if (config.port !== 0) this.listen()
      if (config.ranges.length > 0)
        this.dhcp = new DhcpService(process, config, serves, text => this.log('dnsmasq-dhcp', text))
    } catch (error) {
      this.close()
      throw error
    }
    if (!isAway) return
    for (const [fd, file] of process.files) {
      file.close()
      process.files.set(fd, new OpenFile(nowhere))
    }
  }

  close(): void {
    for (const { udp, tcp } of this.listeners) {
      udp.close()
      tcp.close()
    }
    this.dhcp?.close()
    this.crew.stop()
  }

  /** Until a signal ends it. */
  *run(): Task<number> {
    const { process, config, crew } = this
    const terminated = process.catchSignal('TERM')
    const hungUp = process.catchSignal('HUP')
    try {
      this.greet()
      if (config.pidFile !== undefined) process.machine.files.write(process, config.pidFile, `${process.pid}\n`)
      yield* this.flush()
      for (const { udp, tcp } of this.listeners) {
        crew.add(this.serveUdp(udp))
        crew.add(this.serveTcp(tcp))
      }
      if (this.dhcp !== undefined) crew.add(this.dhcp.serve())
      crew.add(this.wake(terminated.wait))
      crew.add(this.wakeOn(hungUp))
      yield* crew.join(() => terminated.count > 0)
      this.log('dnsmasq', 'exiting on receipt of SIGTERM')
      yield* this.flush()
      if (config.pidFile !== undefined) process.machine.files.remove(process, config.pidFile)
      return 0
    } finally {
      this.close()
    }
  }

  private *wake(wait: (resume: () => void) => () => void): Task<void> {
    yield wait
    this.crew.look()
  }

  private *wakeOn(hungUp: { count: number; wait: (resume: () => void) => () => void }): Task<void> {
    for (let seen = 0; ; seen = hungUp.count) {
      while (hungUp.count === seen) yield hungUp.wait
      for (const line of [...this.forwarder.load(), ...this.names.load()]) this.log('dnsmasq', line)
      yield* this.flush()
    }
  }

  private greet(): void {
    const { config } = this
    const how = config.port === 0 ? 'DNS disabled' : `cachesize ${config.cacheSize}`
    this.log('dnsmasq', `started, version 2.90 ${how}`)
    this.log('dnsmasq', `compile time options: ${features}`)
    for (const name of config.interfaces)
      if (this.process.namespace.links.get(name) === undefined && !name.includes('*'))
        this.log('dnsmasq', `warning: interface ${name} does not currently exist`)
    const hasServers = config.servers.some(({ address }) => address !== undefined)
    if (config.port !== 0 && config.noResolv && !hasServers)
      this.log('dnsmasq', 'warning: no upstream servers configured')
    for (const line of this.dhcp?.greeting() ?? []) this.log('dnsmasq-dhcp', line)
    const [only, ...more] = config.interfaces
    if (this.dhcp !== undefined && config.bindInterfaces && only !== undefined && more.length === 0)
      this.log('dnsmasq-dhcp', `DHCP, sockets bound exclusively to interface ${only}`)
    if (config.port === 0) return
    for (const line of [...this.forwarder.load(), ...this.names.load()]) this.log('dnsmasq', line)
  }

  /** Whether a link is one that it was told to serve. */
  private serves(link: Link): boolean {
    const { interfaces, exceptInterfaces, listen } = this.config
    const named = (names: readonly string[]): boolean =>
      names.some(name => name === link.name || (name.endsWith('*') && link.name.startsWith(name.slice(0, -1))))
    if (named(exceptInterfaces)) return false
    if (interfaces.length === 0 && listen.length === 0) return true
    const own = this.process.namespace.addresses.of(link)
    return named(interfaces) || (link.isLoopback && interfaces.length > 0) || own.some(({ ip }) => listen.includes(ip))
  }

  private listen(): void {
    const { config, process } = this
    const { links, addresses } = process.namespace
    if (!config.bindInterfaces) {
      for (const family of [4, 6] as const) this.open(family, undefined)
      return
    }
    for (const name of config.interfaces)
      if (links.get(name) === undefined && !name.includes('*'))
        throw new Refusal(`\ndnsmasq: unknown interface ${name}`, 2)
    const all = addresses.all().filter(({ link, tentative }) => this.serves(link) && !tentative)
    const own = all.map(({ ip }) => ip)
    for (const ip of new Set([...own, ...config.listen])) this.open(typeof ip === 'bigint' ? 6 : 4, ip)
  }

  private open(family: 4 | 6, address: Ip | undefined): void {
    const { process, config } = this
    const udp = process.namespace.udpSocket(family)
    const tcp = process.namespace.tcpSocket(family)
    this.listeners.push({ udp, tcp })
    udp.options.only6 = true
    tcp.options.only6 = true
    udp.options.reuseAddress = true
    tcp.options.reuseAddress = true
    const place = address === undefined ? `port ${config.port}` : formatIp(address)
    const tried = tcp.bind(address, config.port)
    const listening = tried.ok ? tcp.listen(32) : tried
    const bound = listening.ok ? udp.bind(address, config.port) : listening
    if (!bound.ok)
      throw new Refusal(`\ndnsmasq: failed to create listening socket for ${place}: ${errnoText[bound.errno]}`, 2)
  }

  private *serveUdp(socket: UdpSocket): Task<void> {
    for (;;) {
      const got = socket.recv()
      if (got === undefined) {
        socket.takeError()
        yield socket.onReadable.wait
        continue
      }
      if (!this.serves(got.link)) continue
      const message = parseDns(got.payload, 0, got.payload.length)
      if (!message.ok || message.value.response) continue
      const { value: question } = message
      this.crew.add(
        (function* (daemon: Daemon): Task<void> {
          const answer = yield* daemon.answer(question, got.src)
          if (answer === undefined) return
          const size = question.additionals.find(({ type }) => type === 41)?.class ?? 512
          const bytes = dnsMessage(answer)
          const fits = bytes.length <= Math.max(512, size)
          const short = fits
            ? bytes
            : dnsMessage({ ...answer, truncated: true, answers: [], authorities: [], additionals: [] })
          daemon.send(socket, short, got.src, got.sport, got.dst)
        })(this),
      )
    }
  }

  /** An answer comes from the address that was asked. */
  private send(socket: UdpSocket, bytes: Uint8Array, to: Ip, port: number, from: Ip): void {
    if (socket.address !== undefined) {
      socket.send(bytes, to, port)
      return
    }
    const own = this.process.namespace.udpSocket(socket.family)
    own.options.reuseAddress = true
    own.options.only6 = true
    if (own.bind(from, this.config.port).ok) own.send(bytes, to, port)
    own.close()
  }

  private *serveTcp(listener: TcpSocket): Task<void> {
    for (;;) {
      const accepted = yield* tcpAccept(listener)
      if (!accepted.ok) return
      this.crew.add(this.talk(accepted.value))
    }
  }

  private *talk(socket: TcpSocket): Task<void> {
    try {
      for (;;) {
        const bytes = yield* readFramed(socket)
        const message = bytes === undefined ? undefined : parseDns(bytes, 0, bytes.length)
        if (message?.ok !== true || message.value.response) return
        const answer = yield* this.answer(message.value, socket.peer ?? 0)
        if (answer === undefined) return
        const sent = yield* tcpSend(socket, framed(dnsMessage(answer)))
        if (!sent.ok) return
      }
    } finally {
      socket.close()
    }
  }

  /** What to say to a question of somebody; undefined for nothing. */
  private *answer(question: Dns, from: Ip): Task<Dns | undefined> {
    const none = { answers: [], authorities: [] }
    if (question.opcode !== 0) return reply(question, { ...none, rcode: DnsRcode.notImplemented })
    const [asked, ...more] = question.questions
    if (asked === undefined || more.length > 0) return reply(question, { ...none, rcode: DnsRcode.formatError })
    const name = asked.name === '.' ? '.' : asked.name.replace(/\.$/, '')
    this.logQuery(`query[${typeName(asked.type)}] ${name} from ${formatIp(from)}`)
    const known = this.names.answer(asked)
    for (const line of known?.log ?? []) this.logQuery(line)
    const answer =
      known === undefined ? yield* this.forwarder.ask(question) : reply(question, { ...known, authorities: [] })
    yield* this.flush()
    return answer
  }

  private logQuery(text: string): void {
    if (this.config.logQueries) this.log('dnsmasq', text)
  }

  private log(program: 'dnsmasq' | 'dnsmasq-dhcp', text: string): void {
    const { process, config } = this
    const { logFile, logToStderr } = config
    if (logToStderr) {
      this.unsaid.push(`${program}: ${text}`)
      if (this.unsaid.length === 1) this.crew.add(this.flushLater())
      return
    }
    const { machine } = process
    const time = new Date(machine.wallTime()).toUTCString()
    const [, day = '', month = '', , clock = ''] = time.split(' ')
    const stamp = `${month} ${String(Number(day)).padStart(2)} ${clock}`
    const host = logFile === undefined ? `${machine.hostname} ` : ''
    machine.files.write(
      process,
      logFile ?? '/var/log/syslog',
      `${stamp} ${host}${program}[${process.pid}]: ${text}\n`,
      'append',
    )
  }

  private *flushLater(): Task<void> {
    yield resume => this.process.clock.at(this.process.clock.now(), resume)
    yield* this.flush()
  }

  private *flush(): Task<void> {
    const lines = this.unsaid.splice(0)
    if (lines.length > 0) yield* this.process.error(lines.join('\n'))
  }
}
