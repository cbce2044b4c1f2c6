import { DhcpClient, type DhcpEvent, type Lease } from '../../../../host/dhcp/index.ts'
import type { Link, PacketSocket, UdpSocket } from '../../../../host/index.ts'
import { first, Signal, second, type Task } from '../../../../runtime/index.ts'
import { formatIp4, formatMac, type Ip4 } from '../../../../wire/address.ts'
import { type Dhcp, DhcpOption, DhcpPort } from '../../../../wire/dhcp.ts'
import type { Command, Process } from '../../../command.ts'
import { dirname } from '../../../files/path.ts'
import { nowhere, OpenFile } from '../../../streams.ts'
import { Refusal } from '../refusal.ts'
import { type DhclientConf, readConf, withConf } from './conf.ts'
import { applyLease, dropLease } from './configure.ts'
import { broadcastDhcp, dhcpBytes, dhcpIn, dhcpSocket, probeAddress } from './dhcp-socket.ts'
import { leaseText, readLease } from './lease-file.ts'
import { banner, type DhclientOptions, farewell, readOptions, usage, version } from './options.ts'

/** dhclient(8) of ISC 4.4, for IPv4: gets an address of a server, keeps it, gives it back. */
export const dhclient: Command = function* (process) {
  const args = process.args.slice(1)
  if (args.some(word => word === '--help' || word === '-h')) return yield* process.fail(usage, 0)
  if (args.includes('--version')) return yield* process.fail(version, 0)
  try {
    const options = readOptions(args)
    const ends = options.release || options.exit
    if (ends) yield* endEarlier(process, options)
    if (options.verbose) yield* process.error(banner)
    const links = yield* findLinks(process, options)
    if (options.exit) return 0
    if (options.release) return yield* release(process, options, links)
    if (options.foreground) return yield* new Run(process, options, links).main()
    return yield* detached(process, options, links)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

/** The links that were named and are there, up from now on; without names all that can broadcast. */
function* findLinks(process: Process, { links, verbose }: DhclientOptions): Task<Link[]> {
  const { namespace } = process
  const found: Link[] = []
  for (const name of links) {
    const link = namespace.links.get(name)
    if (link !== undefined) found.push(link)
    else {
      const index = `Failed to get interface index: No such device\n${farewell}`
      throw new Refusal(`Cannot find device "${name}"${verbose ? `\n${index}` : ''}`, 1)
    }
  }
  if (links.length === 0) found.push(...namespace.links.all().filter(link => !link.isLoopback && link.resolves))
  for (const link of found) link.setUp(true)
  if (found.length === 0) throw new Refusal(verbose ? `No broadcast interfaces found - exiting.${farewell}` : '', 1)
  return found
}

/** `-r` and `-x` end the client that runs already. */
function* endEarlier(process: Process, { pidFile }: DhclientOptions): Task<void> {
  if (pidFile === undefined) return
  const { files, processes } = process.machine
  const text = files.readText(process, pidFile)
  if (!text.ok) return
  const running = processes.get(Number(text.value.trim()))
  if (running?.args[0]?.endsWith('dhclient') === true && running !== process) {
    running.signal('TERM')
    yield* process.error('Killed old client process')
  } else yield* process.error('Removed stale PID file')
  files.remove(process, pidFile)
}

const listening = (links: readonly Link[]): string =>
  [
    ...links.flatMap(link =>
      ['Listening on ', 'Sending on   '].map(way => `${way}LPF/${link.name}/${formatMac(link.mac)}`),
    ),
  ]
    .concat('Sending on   Socket/fallback')
    .join('\n')

/** `-r`: tells the server, and takes the address off. */
function* release(process: Process, options: DhclientOptions, links: readonly Link[]): Task<number> {
  if (options.verbose) yield* process.error(listening(links))
  for (const link of links) {
    const lease = readLease(process, options.leases, link.name)
    if (lease === undefined || lease.expire <= process.clock.now()) continue
    const socket = fallback(process, link)
    const parts = {
      clock: process.clock,
      random: process.random,
      options: { mac: link.mac, options: new Map() },
      send: (message: Dhcp) => void socket.send(dhcpBytes(message), lease.server, DhcpPort.server),
      probe: () => () => {},
      tell: () => {},
    }
    if (options.verbose)
      yield* process.error(
        `DHCPRELEASE of ${formatIp4(lease.address)} on ${link.name} to ${formatIp4(lease.server)} port 67`,
      )
    new DhcpClient(parts).release(lease)
    socket.close()
    const now = process.clock.now()
    keep(process, options, link, { ...lease, renew: now, rebind: now, expire: now })
    dropLease(process, link)
  }
  return 0
}

/** What unicast goes by. It also keeps the kernel from refusing what servers send to port 68. */
const fallback = ({ namespace }: Process, link: Link): UdpSocket => {
  const socket = namespace.udpSocket(4)
  socket.options.reuseAddress = true
  socket.options.link = link
  socket.bind(undefined, DhcpPort.client)
  return socket
}

const keep = (process: Process, { leases }: DhclientOptions, link: Link, lease: Lease): void => {
  const { files } = process.machine
  files.mkdirAll(process, dirname(leases))
  files.write(process, leases, leaseText(process, link.name, lease), 'append')
}

/** The client as a process of its own: the command ends as soon as there is a lease, and it goes on. */
function* detached(process: Process, options: DhclientOptions, links: readonly Link[]): Task<number> {
  const away = new Signal()
  let isAway = false
  const child = process.spawn(
    own =>
      new Run(own, options, links, () => {
        isAway = true
        // Whoever reads what the command prints shall not wait for the daemon.
        for (const [fd, file] of own.files) {
          file.close()
          own.files.set(fd, new OpenFile(nowhere))
        }
        away.wake()
      }).main(),
    { args: process.args, background: true },
  )
  try {
    while (!isAway && !child.ended) yield first(away.wait, ended(child))
    return isAway ? 0 : (child.status ?? 1)
  } finally {
    if (!isAway) child.signal('TERM')
  }
}

const ended =
  (child: Process) =>
  (resume: () => void): (() => void) => {
    const waiting = child.wait()
    const step = waiting.next()
    if (step.done === true) {
      resume()
      return () => {}
    }
    return step.value(resume)
  }

/** The client of one link. */
type Client = { link: Link; machine: DhcpClient; socket: PacketSocket; unicast: UdpSocket; news: DhcpEvent[] }

class Run {
  private readonly process: Process
  private readonly options: DhclientOptions
  private readonly links: readonly Link[]
  private readonly goAway: (() => void) | undefined
  private readonly news = new Signal()
  private isAway = false
  private status: number | undefined

  constructor(process: Process, options: DhclientOptions, links: readonly Link[], goAway?: () => void) {
    this.process = process
    this.options = options
    this.links = links
    this.goAway = goAway
  }

  *main(): Task<number> {
    const { process, options, links } = this
    const { files, hostname } = process.machine
    const text = files.readText(process, options.conf)
    const { conf, complaints } = readConf(text.ok ? text.value : undefined, hostname, options.conf)
    for (const complaint of complaints) yield* process.error(complaint)
    yield* this.say(listening(links))
    this.writePid()
    const clients = links.map(link => this.client(link, conf))
    try {
      for (const { link, machine } of clients) {
        const lease = readLease(process, options.leases, link.name)
        machine.start(lease !== undefined && lease.expire > process.clock.now() ? lease : undefined)
      }
      if (options.atOnce) this.leave()
      return yield* this.serve(clients, conf)
    } finally {
      for (const { machine, socket, unicast } of clients) {
        machine.stop()
        socket.close()
        unicast.close()
      }
    }
  }

  private *serve(clients: readonly Client[], conf: DhclientConf): Task<number> {
    for (;;) {
      for (const client of clients) {
        for (let seen = client.socket.recv(); seen !== undefined; seen = client.socket.recv()) {
          const got = dhcpIn(seen.bytes)
          if (got !== undefined) client.machine.received(got.message, got.from)
        }
        while (client.unicast.recv() !== undefined);
        client.unicast.takeError()
        for (let event = client.news.shift(); event !== undefined; event = client.news.shift())
          yield* this.heard(client, event, conf)
      }
      if (this.status !== undefined) return this.status
      if (clients.some(({ news, socket }) => news.length > 0 || socket.readable)) continue
      yield first(this.news.wait, ...clients.map(({ socket }) => socket.onReadable.wait))
    }
  }

  private client(link: Link, conf: DhclientConf): Client {
    const { process } = this
    const { clock, random, namespace } = process
    const socket = dhcpSocket(namespace, link)
    const unicast = fallback(process, link)
    const said = new Map(conf.send)
    said.set(DhcpOption.parameterList, Uint8Array.from(conf.request))
    const news: DhcpEvent[] = []
    const machine: DhcpClient = new DhcpClient({
      clock,
      random,
      options: {
        mac: link.mac,
        options: said,
        timeout: conf.timeout * second,
        retry: conf.retry * second,
        rebootTimeout: conf.reboot * second,
        reject: conf.reject,
      },
      send: (message, to) => {
        if (to === undefined) broadcastDhcp(socket, link, message, message.ciaddr)
        else unicast.send(dhcpBytes(message), to, DhcpPort.server)
      },
      probe: (address, answer) => probeAddress(namespace, clock, link, address, answer),
      tell: event => {
        news.push(event)
        this.news.wake()
      },
    })
    return { link, machine, socket, unicast, news }
  }

  private *say(text: string): Task<void> {
    if (this.options.verbose || this.options.foreground) yield* this.process.error(text)
  }

  private *heard({ link, machine }: Client, event: DhcpEvent, conf: DhclientConf): Task<void> {
    const { process, options } = this
    switch (event.kind) {
      case 'asked':
        yield* this.say(askedText(link, event))
        break
      case 'offered':
        yield* this.say(`DHCPOFFER of ${formatIp4(event.address)} from ${formatIp4(event.server)}`)
        break
      case 'acknowledged':
        yield* this.say(`DHCPACK of ${formatIp4(event.address)} from ${formatIp4(event.server)}`)
        break
      case 'refused':
        yield* this.say(`DHCPNAK from ${formatIp4(event.server ?? 0)}`)
        break
      case 'conflict':
        yield* this.say(`DHCPDECLINE of ${formatIp4(event.address)} on ${link.name} to 255.255.255.255 port 67`)
        break
      case 'expired':
        dropLease(process, link)
        break
      case 'bound': {
        const lease = { ...event.lease, options: withConf(conf, event.lease.options) }
        for (const complaint of applyLease(process, link, lease, event.before)) yield* process.error(complaint)
        keep(process, options, link, lease)
        const left = Math.floor((lease.renew - process.clock.now()) / second)
        yield* this.say(`bound to ${formatIp4(lease.address)} -- renewal in ${left} seconds.`)
        this.leave()
        break
      }
      case 'nobody':
        yield* this.say('No DHCPOFFERS received.')
        if (options.once && !this.isAway && machine.lease === undefined) {
          yield* this.say('Unable to obtain a lease on first try.  Exiting.')
          this.status = 2
        } else yield* this.say('No working leases in persistent database - sleeping.')
        this.leave()
    }
  }

  /** The command is over, the daemon goes on. */
  private leave(): void {
    if (this.isAway || this.status !== undefined) return
    this.isAway = true
    this.goAway?.()
  }

  private writePid(): void {
    const { process, options } = this
    if (options.pidFile !== undefined) process.machine.files.write(process, options.pidFile, `${process.pid}\n`)
  }
}

const askedText = ({ name }: Link, event: DhcpEvent & { kind: 'asked' }): string => {
  const to: Ip4 = event.to ?? 0xffffffff
  const where = `on ${name} to ${formatIp4(to)} port 67`
  return event.type === 'discover'
    ? `DHCPDISCOVER ${where} interval ${Math.ceil(event.interval / second)}`
    : `DHCPREQUEST for ${formatIp4(event.address)} ${where}`
}
