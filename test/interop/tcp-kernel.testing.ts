/** A connection between our TCP and the kernel's, over a path with a weather of its own, with a record of every frame. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Kernel,
  type Namespace,
  type TcpSocket,
  tcpAccept,
  tcpConnect,
  tcpRecv,
  tcpSend,
} from '../../src/host/index.ts'
import { Pace } from '../../src/node/pace.ts'
import {
  millisecond,
  type Random,
  Signal,
  seeded,
  sleep,
  start,
  type Task,
  VirtualClock,
} from '../../src/runtime/index.ts'
import { parseIp } from '../../src/wire/address.ts'
import { Frame } from '../../src/wire/frame.ts'
import { PcapngWriter } from '../../src/wire/pcapng.ts'
import { TcpFlag } from '../../src/wire/tcp.ts'
import { startTapHost, type TapHost } from './tap-host.testing.ts'
import { until } from './waiting.testing.ts'

/** What the path does to packets of IP: parts from 0 to 1, and ms each way. */
export type Weather = { seed: number; loss: number; late: number; delay: number }

export const fine: Weather = { seed: 1, loss: 0, late: 0, delay: 1 }

/** What one side does with its connection. */
export type Wish = {
  /** Bytes of the pattern that it sends before it closes that way. */
  send: number
  /** SO_RCVBUF. */
  receive?: number
  /** It waits so many ms before it reads. */
  asleep?: number
  /** It closes its way only after the peer has. */
  last?: boolean
}

export type Ended = { size: number; digest: string; error: string }

/** The byte at a place of what each side sends. */
const pattern = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff)

/** What a side that got exactly the pattern says. */
export const whole = (size: number): Ended => ({
  size,
  digest: createHash('sha256').update(pattern(size)).digest('hex'),
  error: '',
})

/** The kernel's side: role, address, port, wish. Prints what came of it. */
const program = `
import hashlib, json, socket, sys, threading, time
role, address, port, wish = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
family = socket.AF_INET6 if ':' in address else socket.AF_INET
one = socket.socket(family)
one.settimeout(200)
if 'receive' in wish:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wish['receive'])
if role == 'listen':
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind((address, port))
    one.listen(1)
    print('listening', file=sys.stderr, flush=True)
    listener = one
    one, _ = listener.accept()
    one.settimeout(200)
else:
    if role == 'meet':
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(('', port))
    one.connect((address, port))
size, digest, error = 0, hashlib.sha256(), ''
finished = threading.Event()
def speak():
    try:
        if wish.get('last'):
            finished.wait()
        one.sendall(bytes((i * 31 + (i >> 8) * 7) & 255 for i in range(wish['send'])))
        one.shutdown(socket.SHUT_WR)
    except OSError as problem:
        print(problem, file=sys.stderr)
speaker = threading.Thread(target=speak)
speaker.start()
try:
    time.sleep(wish.get('asleep', 0) / 1000)
    while True:
        part = one.recv(65536)
        if not part:
            break
        size += len(part)
        digest.update(part)
except OSError as problem:
    error = problem.strerror or str(problem)
finished.set()
speaker.join()
print(json.dumps({'size': size, 'digest': digest.hexdigest(), 'error': error}))
`

const isTcp4 = (bytes: Uint8Array): boolean => bytes[12] === 0x08 && bytes[13] === 0 && bytes[23] === 6

export class Pairing {
  readonly clock = new VirtualClock()
  readonly pace = new Pace(this.clock)
  readonly host: Namespace
  readonly kernel: TapHost
  weather: Weather = fine
  /** Called when the kernel's SYN is on its way. */
  private onSyn = (): void => {}
  private random: Random = seeded(1)
  private parts: Uint8Array[] = []
  private record!: PcapngWriter
  private port = 5000

  static async make(name: string): Promise<Pairing> {
    return new Pairing(await startTapHost(name, '10.7.0.1/24', 'fd07::1/64'))
  }

  private constructor(kernel: TapHost) {
    this.kernel = kernel
    this.begin()
    this.host = new Kernel({ clock: this.clock, random: seeded(7), name: 'ours' }).root
    this.host.lo.setUp(true)
    const added = this.host.links.add('eth', 'e0')
    if (!added.ok) throw new Error(added.errno)
    const link = added.value
    kernel.heard = bytes =>
      this.pace.enter(() => {
        this.travel(bytes, frame => link.deliver(Frame.from(frame)))
        if (isTcp4(bytes) && bytes[47] === TcpFlag.syn) this.onSyn()
      })
    link.plug({ send: frame => this.travel(Uint8Array.from(frame.content()), bytes => kernel.send(bytes)) })
    link.setUp(true)
    for (const [address, length] of [
      ['10.7.0.2', 24],
      ['fd07::2', 64],
    ] as const) {
      const ip = parseIp(address)
      if (ip !== undefined) this.host.addAddress(link, { ip, length, noDad: true })
    }
  }

  private begin(): void {
    this.parts = []
    this.record = new PcapngWriter(bytes => this.parts.push(bytes.slice()))
    this.record.addInterface({ name: 'wire' })
  }

  /** The weather from now on, and a new record. */
  forecast(weather: Weather): void {
    this.begin()
    this.weather = weather
    this.random = seeded(weather.seed)
  }

  private travel(bytes: Uint8Array, arrive: (bytes: Uint8Array) => void): void {
    const { clock, weather } = this
    const { loss, late, delay } = weather
    this.record.packet(0, clock.now(), bytes)
    const isTcp = isTcp4(bytes) || (bytes[12] === 0x86 && bytes[20] === 6)
    if (isTcp && this.random() < loss) return
    const more = isTcp && this.random() < late ? 1 + 3 * this.random() : 1
    clock.at(clock.now() + delay * more * millisecond, () => arrive(bytes))
  }

  /** One connection, the kernel in its role and ours in the other; what each side got. */
  async talk(
    role: 'listen' | 'connect' | 'meet',
    kernels: Wish,
    ours: Wish,
    six = false,
  ): Promise<{ kernel: Ended; ours: Ended }> {
    const port = ++this.port
    const [theirs, own] = six ? ['fd07::1', 'fd07::2'] : ['10.7.0.1', '10.7.0.2']
    const begin = (): Promise<string> =>
      this.kernel.python(program, role, role === 'listen' ? theirs : own, `${port}`, JSON.stringify(kernels))
    let result: Ended | undefined
    const done = (ended: Ended): void => {
      result = ended
    }
    const early = role === 'listen' ? begin() : undefined
    if (early !== undefined)
      await until(() => this.kernel.run(`ss -Htln sport = :${port}`) !== '', 'the kernel listens')
    const ready = (): void => {
      this.onSyn = () => {}
      const socket = this.host.tcpSocket(six ? 6 : 4)
      socket.options.receiveSize = ours.receive
      if (role === 'connect') {
        socket.bind(undefined, port)
        socket.listen(5)
      }
      if (role === 'meet') socket.bind(undefined, port)
      start(this.play(role, socket, parseIp(theirs) as number | bigint, port, ours, done))
    }
    if (role === 'meet') this.onSyn = ready
    else this.pace.enter(ready)
    const said = early ?? begin()
    const kernel = JSON.parse(await said) as Ended
    await until(() => this.pace.enter(() => result !== undefined), 'our side ends', 120_000)
    return { kernel, ours: result as unknown as Ended }
  }

  private *play(
    role: 'listen' | 'connect' | 'meet',
    first: TcpSocket,
    address: number | bigint,
    port: number,
    wish: Wish,
    done: (ended: Ended) => void,
  ): Task<void> {
    let socket = first
    if (role === 'connect') {
      const accepted = yield* tcpAccept(first)
      first.close()
      if (!accepted.ok) return done({ size: 0, digest: '', error: accepted.errno })
      socket = accepted.value
    } else {
      const made = yield* tcpConnect(first, address, port)
      if (!made.ok) return done({ size: 0, digest: '', error: made.errno })
    }
    const { clock } = this
    const spoken = new Signal()
    let silent = false
    const speak = function* (): Task<void> {
      yield* tcpSend(socket, pattern(wish.send))
      socket.shutdown('write')
      silent = true
      spoken.wake()
    }
    if (wish.last !== true) start(speak())
    if (wish.asleep !== undefined) yield* sleep(clock, wish.asleep * millisecond)
    const digest = createHash('sha256')
    let size = 0
    let error = ''
    for (;;) {
      const part = yield* tcpRecv(socket)
      if (!part.ok) error = part.errno
      if (!part.ok || part.value.length === 0) break
      size += part.value.length
      digest.update(part.value)
    }
    if (wish.last === true) start(speak())
    if (!silent) yield spoken.wait
    socket.close()
    done({ size, digest: digest.digest('hex'), error })
  }

  /** What tshark's expert finds in the frames since the forecast: each message with its count. */
  expert(): Record<string, number> {
    const directory = mkdtempSync(join(tmpdir(), 'weft-tcp-'))
    const file = join(directory, 'frames.pcapng')
    try {
      writeFileSync(file, Buffer.concat(this.parts))
      const words = ['-r', file, '-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE']
      const ran = spawnSync('tshark', [...words, '-T', 'fields', '-E', 'aggregator=;', '-e', '_ws.expert.message'], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      })
      const found: Record<string, number> = {}
      for (const line of ran.stdout.split('\n'))
        for (const message of line.split(';').filter(text => text !== '')) found[message] = (found[message] ?? 0) + 1
      return found
    } finally {
      rmSync(directory, { recursive: true })
    }
  }

  close(): void {
    this.pace.stop()
    this.kernel.close()
  }
}
