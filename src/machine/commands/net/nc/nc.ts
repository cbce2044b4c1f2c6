import {
  errnoText,
  type TcpSocket,
  tcpAccept,
  tcpConnect,
  tcpRecv,
  tcpSend,
  type UdpSocket,
} from '../../../../host/index.ts'
import { elapsed, first, second, type Task } from '../../../../runtime/index.ts'
import { formatIp, type Ip, isIp6 } from '../../../../wire/address.ts'
import type { Command, Process } from '../../../command.ts'
import { parseOptions } from '../../../options.ts'
import { Crew } from '../crew.ts'
import { firstAddress, resolveErrors } from '../dns/resolver.ts'
import { nameOfAddress, numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { portOf, serviceOf } from '../services.ts'

const usage = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
	  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
	  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
	  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
	  [destination] [port]`

const letters = {
  '4': 'none',
  '6': 'none',
  d: 'none',
  h: 'none',
  k: 'none',
  l: 'none',
  N: 'none',
  n: 'none',
  p: 'required',
  q: 'required',
  s: 'required',
  u: 'none',
  v: 'none',
  w: 'required',
  z: 'none',
} as const

type Nc = {
  process: Process
  crew: Crew
  has: (letter: string) => boolean
  /** `-w`, ns. */
  patience: number | undefined
  family: 4 | 6
}

/** nc(1) of OpenBSD: what comes in on stdin goes out by TCP or UDP, and the other way. */
export const nc: Command = function* (process) {
  const crew = new Crew()
  try {
    const parsed = parseOptions(process.args.slice(1), letters)
    if (!parsed.ok) throw new Refusal(`nc: ${parsed.error}\n${usage}`, 1)
    const value = (letter: string): string | undefined => parsed.options.findLast(({ name }) => name === letter)?.value
    const has = (letter: string): boolean => parsed.options.some(({ name }) => name === letter)
    if (has('h')) {
      yield* process.error(`OpenBSD netcat (Debian patchlevel 1.219-1)\n${usage}`)
      return 0
    }
    const wait = value('w')
    const patience = wait === undefined ? undefined : Number(wait) * second
    const run: Nc = { process, crew, has, patience, family: has('6') ? 6 : 4 }
    const [one, other, ...more] = parsed.operands
    if (more.length > 0 || (one === undefined && !has('l'))) throw new Refusal(usage, 1)
    if (has('l')) {
      const port = value('p') ?? other ?? one
      const host = value('p') === undefined ? (other === undefined ? undefined : one) : one
      if (port === undefined) throw new Refusal('nc: missing port number', 1)
      return yield* listen(run, host, portNumber(port))
    }
    if (other === undefined) throw new Refusal('nc: missing port number', 1)
    return yield* connect(run, one as string, other, value('s'), value('p'))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  } finally {
    crew.stop()
  }
}

const portNumber = (text: string): number => {
  const port = portOf(text)
  if (port === undefined || port === 0)
    throw new Refusal(
      `nc: port number ${/^\d+$/.test(text) ? (port === 0 ? 'too small' : 'too large') : 'invalid'}: ${text}`,
      1,
    )
  return port
}

function* resolve({ process, has, family }: Nc, name: string, port: string): Task<Ip> {
  const wanted = has('4') ? 4 : has('6') ? family : undefined
  const ip = numericIp(name) ?? (has('n') ? 'name' : yield* firstAddress(process, name, wanted))
  if (typeof ip !== 'string') return ip
  const why = resolveErrors[ip]
  throw new Refusal(`nc: getaddrinfo for host "${name}" port ${port}: ${why}`, 1)
}

/** The ports of `80`, or of a range `20-25`. */
const portsOf = (text: string): number[] => {
  const range = /^(\d+)-(\d+)$/.exec(text)
  if (range === null) return [portNumber(text)]
  const [from, to] = [portNumber(range[1] as string), portNumber(range[2] as string)].sort((a, b) => a - b) as [
    number,
    number,
  ]
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

function* connect(run: Nc, host: string, ports: string, source?: string, sourcePort?: string): Task<number> {
  const { process, has } = run
  let status = 1
  const numbers = portsOf(ports)
  const ip = yield* resolve(run, host, ports)
  const own = source === undefined ? undefined : yield* resolve(run, source, '')
  const bind = (socket: TcpSocket | UdpSocket): void => {
    if (source === undefined && sourcePort === undefined) return
    const bound = socket.bind(own, sourcePort === undefined ? 0 : portNumber(sourcePort))
    if (!bound.ok) throw new Refusal(`nc: bind failed: ${errnoText[bound.errno]}`, 1)
  }
  for (const port of numbers) {
    const shown = numericIp(host) === undefined ? `${host} (${formatIp(ip)})` : host
    const protocol = has('u') ? 'udp' : 'tcp'
    const said = `${shown} ${port} port [${protocol}/${(has('n') ? undefined : serviceOf(port, protocol)) ?? '*'}] succeeded!`
    if (has('u')) {
      const socket = process.namespace.udpSocket(isIp6(ip) ? 6 : 4)
      bind(socket)
      const made = socket.connect(ip, port)
      if (!made.ok) continue
      if (has('z')) {
        const answered = yield* udpProbe(run, socket)
        socket.close()
        if (!answered) continue
      }
      status = 0
      if (has('v')) yield* process.error(`Connection to ${said}`)
      if (!has('z')) return yield* datagrams(run, socket)
      continue
    }
    const socket = process.namespace.tcpSocket(isIp6(ip) ? 6 : 4)
    bind(socket)
    const why = yield* tryConnect(run, socket, ip, port)
    if (why !== undefined) {
      socket.close()
      const text = `nc: connect to ${shown} port ${port} (tcp) ${why === 'timeout' ? 'timed out: Operation now in progress' : `failed: ${why}`}`
      if (has('v')) yield* process.error(text)
      continue
    }
    status = 0
    if (has('v')) yield* process.error(`Connection to ${said}`)
    if (has('z')) socket.close()
    else yield* stream(run, socket)
  }
  return status
}

/** Why a connection could not be made, undefined if it was. */
function* tryConnect(
  { process, patience, crew }: Nc,
  socket: TcpSocket,
  ip: Ip,
  port: number,
): Task<string | undefined> {
  let result: { why: string | undefined } | undefined
  crew.add(
    (function* (): Task<void> {
      const made = yield* tcpConnect(socket, ip, port)
      result ??= { why: made.ok ? undefined : errnoText[made.errno] }
    })(),
  )
  if (patience !== undefined) {
    const { clock } = process
    crew.add(
      (function* (): Task<void> {
        yield elapsed(clock, patience)
        result ??= { why: 'timeout' }
      })(),
    )
  }
  yield* crew.join(() => result !== undefined)
  return result?.why
}

/** A closed UDP port answers by an error; four bytes are sent, as the original does. */
function* udpProbe({ process }: Nc, socket: UdpSocket): Task<boolean> {
  for (let i = 0; i < 4; i++) {
    if (socket.send(Uint8Array.of(0x58)) !== undefined) return false
    yield first(socket.onReadable.wait, elapsed(process.clock, second))
    if (socket.takeError() !== undefined) return false
  }
  return true
}

function* listen(run: Nc, host: string | undefined, port: number): Task<number> {
  const { process, has, family } = run
  const address = host === undefined ? undefined : yield* resolve(run, host, `${port}`)
  const six = address === undefined ? family === 6 : isIp6(address)
  const nameOf = (ip: Ip): string => (has('n') ? undefined : nameOfAddress(process, ip)) ?? formatIp(ip)
  const socket = has('u') ? process.namespace.udpSocket(six ? 6 : 4) : process.namespace.tcpSocket(six ? 6 : 4)
  socket.options.reuseAddress = true
  const bound = socket.bind(address, port)
  if (!bound.ok) throw new Refusal(`nc: ${errnoText[bound.errno]}`, 1)
  const place = address === undefined ? (six ? '::' : '0.0.0.0') : nameOf(address)
  try {
    if (!('accept' in socket)) {
      if (has('v')) yield* process.error(`Bound on ${place} ${port}`)
      while (!socket.readable) yield socket.onReadable.wait
      const datagram = socket.recv()
      if (datagram === undefined) return 1
      if (has('v')) yield* process.error(`Connection received on ${nameOf(datagram.src)} ${datagram.sport}`)
      socket.connect(datagram.src, datagram.sport)
      yield* process.printBytes(datagram.payload)
      return yield* datagrams(run, socket)
    }
    const listening = socket.listen(has('k') ? 5 : 1)
    if (!listening.ok) throw new Refusal(`nc: ${errnoText[listening.errno]}`, 1)
    if (has('v')) yield* process.error(`Listening on ${place} ${port}`)
    do {
      const accepted = yield* tcpAccept(socket)
      if (!accepted.ok) return 1
      const { peer, peerPort } = accepted.value
      if (has('v')) yield* process.error(`Connection received on ${nameOf(peer ?? 0)} ${peerPort}`)
      if (!has('k')) socket.close()
      yield* stream(run, accepted.value)
    } while (has('k'))
    return 0
  } finally {
    socket.close()
  }
}

/** Both ways at once, until the peer has said all. `-N` tells the peer when stdin is over; `-w` is for silence. */
function* stream({ process, has, patience }: Nc, socket: TcpSocket): Task<void> {
  const speaking = new Crew()
  const { clock } = process
  let lastSeen = clock.now()
  if (!has('d'))
    speaking.add(
      (function* (): Task<void> {
        for (let part = yield* process.read(); part !== undefined; part = yield* process.read()) {
          const sent = yield* tcpSend(socket, part)
          lastSeen = clock.now()
          if (!sent.ok) return
        }
        if (has('N')) socket.shutdown('write')
      })(),
    )
  try {
    for (;;) {
      if (patience === undefined) {
        const part = yield* tcpRecv(socket)
        if (!part.ok || part.value.length === 0) return
        yield* process.printBytes(part.value)
        continue
      }
      const part = socket.recv()
      if (part.ok && part.value.length === 0) return
      if (part.ok) {
        lastSeen = clock.now()
        yield* process.printBytes(part.value)
      } else if (part.errno !== 'EAGAIN' || clock.now() - lastSeen >= patience) return
      else yield first(socket.onReadable.wait, elapsed(clock, lastSeen + patience - clock.now()))
    }
  } finally {
    speaking.stop()
    socket.close()
  }
}

/** Datagrams both ways, for ever, or until `-w` of silence, or an error. */
function* datagrams({ process, has, patience }: Nc, socket: UdpSocket): Task<number> {
  const speaking = new Crew()
  const { clock } = process
  let lastSeen = clock.now()
  if (!has('d'))
    speaking.add(
      (function* (): Task<void> {
        for (let part = yield* process.read(16384); part !== undefined; part = yield* process.read(16384)) {
          socket.send(part)
          lastSeen = clock.now()
        }
      })(),
    )
  try {
    for (;;) {
      const datagram = socket.recv()
      if (datagram !== undefined) {
        lastSeen = clock.now()
        yield* process.printBytes(datagram.payload)
      } else if (socket.takeError() !== undefined) return 1
      else if (patience === undefined) yield socket.onReadable.wait
      else if (clock.now() - lastSeen >= patience) return 0
      else yield first(socket.onReadable.wait, elapsed(clock, lastSeen + patience - clock.now()))
    }
  } finally {
    speaking.stop()
    socket.close()
  }
}
