import { errnoText, type SocketError, type UdpSocket } from '../../../../host/index.ts'
import { elapsed, first, type Task } from '../../../../runtime/index.ts'
import { formatIp, type Ip, isIp6 } from '../../../../wire/address.ts'
import type { Command, Process } from '../../../command.ts'
import { parseOptions } from '../../../options.ts'
import { firstAddress, resolveAddress, resolveErrors } from '../dns/resolver.ts'
import { numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'

const usage = `
Usage
  tracepath [options] <destination>

Options:
  -4             use IPv4
  -6             use IPv6
  -b             print both name and ip
  -l <length>    use packet <length>
  -m <hops>      use maximum <hops>
  -n             no dns name resolution
  -p <port>      use destination <port>
  -V             print version and exit
  <destination>  dns name or ip address

For more details see tracepath(8).`

const version =
  'tracepath from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n'

const letters = {
  '4': 'none',
  '6': 'none',
  b: 'none',
  h: 'none',
  l: 'required',
  m: 'required',
  n: 'none',
  p: 'required',
  V: 'none',
} as const

/** tracepath(8) of iputils: the hops to a host and the path's MTU, by UDP packets that may not be fragmented. */
export const tracepath: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), letters)
  if (!parsed.ok) return yield* process.fail(`tracepath: ${parsed.error}\n${usage}`, 255)
  const has = (name: string): boolean => parsed.options.some(option => option.name === name)
  const value = (name: string): string | undefined => parsed.options.findLast(option => option.name === name)?.value
  if (has('V')) {
    yield* process.print(version)
    return 0
  }
  const [name] = parsed.operands
  if (name === undefined || parsed.operands.length > 1 || has('h')) return yield* process.fail(usage, 255)
  try {
    const family = has('6') ? 6 : has('4') ? 4 : undefined
    const dst = numericIp(name) ?? (yield* firstAddress(process, name, family))
    if (typeof dst === 'string') throw new Refusal(`tracepath: ${name}: ${resolveErrors[dst]}`, 1)
    const length = value('l')
    const run = new Run(process, {
      dst,
      names: has('n') ? (has('b') ? 'both' : 'no') : has('b') ? 'both' : 'yes',
      numeric: has('n'),
      most: Number(value('m') ?? 30),
      port: Number(value('p') ?? 44444),
      size: length === undefined ? undefined : Number(length),
    })
    try {
      return yield* run.trace()
    } finally {
      run.socket.close()
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

type Options = {
  dst: Ip
  names: 'yes' | 'no' | 'both'
  numeric: boolean
  most: number
  port: number
  size: number | undefined
}

/** What a probe led to: nothing, a smaller MTU to try again with, a hop, or the end. */
type Outcome = 'silence' | 'smaller' | 'hop' | 'end'

class Run {
  readonly socket: UdpSocket
  private readonly process: Process
  private readonly options: Options
  private mtu: number
  private hops = 0
  private back = 0
  private cut = false

  constructor(process: Process, options: Options) {
    this.process = process
    this.options = options
    this.mtu = options.size ?? (isIp6(options.dst) ? 128000 : 65535)
    this.socket = process.namespace.udpSocket(isIp6(options.dst) ? 6 : 4)
    this.socket.options.receiveErrors = true
    this.socket.options.pathMtu = 'probe'
  }

  *trace(): Task<number> {
    const { process, options, socket } = this
    const path = process.namespace.route(options.dst)
    if (typeof path === 'string') throw new Refusal(`tracepath: connect: ${errnoText[path]}`, 1)
    for (let ttl = 1; ttl <= options.most; ttl++) {
      socket.options.ttl = ttl
      let outcome: Outcome = 'silence'
      this.cut = false
      for (let i = 0; i < 3; i++) {
        outcome = yield* this.probe(ttl)
        if (outcome === 'smaller') i = -1
        else if (outcome !== 'silence') break
      }
      // Where our own link cut the packet, tracepath asks that hop once more.
      if (this.cut && (outcome === 'hop' || outcome === 'end')) outcome = yield* this.probe(ttl)
      if (outcome === 'end') {
        yield* process.print(`     Resume: pmtu ${this.mtu} hops ${this.hops} back ${this.back} \n`)
        return 0
      }
      if (outcome === 'silence') yield* process.print(`${String(ttl).padStart(2)}:  no reply\n`)
    }
    yield* process.print(`     Too many hops: pmtu ${this.mtu}\n     Resume: pmtu ${this.mtu} \n`)
    return 0
  }

  private *probe(ttl: number): Task<Outcome> {
    const { process, socket, options } = this
    const overhead = isIp6(options.dst) ? 48 : 28
    const sent = process.clock.now()
    const limit = Math.min(this.mtu, 65535)
    const error = socket.send(new Uint8Array(Math.max(0, limit - overhead)), options.dst, options.port + ttl - 1)
    if (error !== undefined && error !== 'EMSGSIZE')
      throw new Refusal(`${String(ttl).padStart(2)}:  send failed\n     Resume: pmtu ${this.mtu}`, 1)
    for (;;) {
      const news = socket.recvError()
      if (news !== undefined) return yield* this.heard(ttl, news, sent)
      socket.takeError()
      const left = sent + 1e9 - process.clock.now()
      if (left <= 0) return 'silence'
      yield first(socket.onReadable.wait, elapsed(process.clock, left))
    }
  }

  private *heard(ttl: number, news: SocketError, sent: number): Task<Outcome> {
    const { process, socket } = this
    socket.takeError()
    const number = String(ttl).padStart(2)
    if (news.origin === 'local') {
      const path = process.namespace.route(news.dst)
      const mtu = Math.min(news.mtu, typeof path === 'string' ? news.mtu : path.mtu)
      if (news.errno !== 'EMSGSIZE' || mtu >= this.mtu) return 'silence'
      this.mtu = mtu
      this.cut = true
      yield* process.print(`${number}?: ${'[LOCALHOST]'.padEnd(32)} pmtu ${this.mtu}\n`)
      return 'smaller'
    }
    const us = Math.floor((news.time - sent) / 1e3)
    const time = `${String(Math.floor(us / 1000)).padStart(3)}.${String(us % 1000).padStart(3, '0')}ms `
    const start = `${number}:  ${(yield* this.name(news.from)).padEnd(52)} ${time}`
    if (news.errno === 'EMSGSIZE') {
      this.mtu = news.mtu
      yield* process.print(`${start}pmtu ${this.mtu}\n`)
      return 'smaller'
    }
    const passed = news.type === (isIp6(news.from) ? 3 : 11)
    if (passed) {
      yield* process.print(`${start}\n`)
      return 'hop'
    }
    if (news.errno === 'ECONNREFUSED') {
      this.hops = ttl
      this.back = ttl
      yield* process.print(`${start}reached\n`)
      return 'end'
    }
    const mark = news.errno === 'EACCES' ? '!A' : news.errno === 'EHOSTUNREACH' ? '!H' : '!N'
    yield* process.print(`${start}${mark}\n     Resume: pmtu ${this.mtu} \n`)
    return process.exit(0)
  }

  private *name(ip: Ip): Task<string> {
    const { names, numeric } = this.options
    if (names === 'no') return formatIp(ip)
    const name = (numeric ? undefined : yield* resolveAddress(this.process, ip)) ?? formatIp(ip)
    return names === 'both' ? `${name} (${formatIp(ip)})` : name
  }
}
