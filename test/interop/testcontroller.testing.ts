/** A switch of words: it says what a test tells it to a controller, the real one or ours, and notes each answer. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newMatch, setField } from '../../src/flow/match.ts'
import { encodeHello } from '../../src/openflow/hello.ts'
import type { Version } from '../../src/openflow/index.ts'
import { noBuffer, noCookie, type OfBody } from '../../src/openflow/message.ts'
import { decodeMessage, encodeMessage } from '../../src/openflow/message-wire.ts'
import { duplexPair, start, VirtualClock } from '../../src/runtime/index.ts'
import { testcontroller } from '../../src/tools/index.ts'
import { until } from './waiting.testing.ts'

/** A frame that comes in at a port; with `buffer` the switch has kept it, and shows its beginning. */
export type Arrival = { port: number; frame: Uint8Array; buffer?: number }

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const said = (version: Version, body: OfBody): Uint8Array => {
  const bytes = encodeMessage(body, { version, xid: 0x77 })
  if (bytes === undefined) throw new Error(`OpenFlow 1.${version - 1} has no ${body.type}`)
  return bytes
}

/** What the switch says: who it is, then each frame, and an echo request behind each to know that all was answered. */
const speech = (version: Version, arrivals: readonly Arrival[]): Uint8Array[] => {
  const echo = (number: number): Uint8Array => said(version, { type: 'echo_request', data: Uint8Array.of(number) })
  const port = (number: number, name: string) => ({
    ...{ port: number, mac: 0x020000000000 + number, name, config: 0, state: 0 },
    ...{ current: 0, advertised: 0, supported: 0, peer: 0, currentSpeed: 0, maxSpeed: 0 },
  })
  const features = said(version, {
    type: 'features_reply',
    datapathId: 0x11n,
    buffers: 256,
    tables: 254,
    auxiliary: 0,
    capabilities: 0xc7,
    actions: 0xfff,
    ports: version < 4 ? [port(1, 'p1'), port(2, 'p2'), port(3, 'p3')] : undefined,
  })
  return [
    Buffer.concat([features, echo(0)]),
    ...arrivals.map((arrival, i) => Buffer.concat([packetIn(version, arrival), echo(i + 1)])),
  ]
}

const packetIn = (version: Version, { port, frame, buffer = noBuffer }: Arrival): Uint8Array => {
  const match = newMatch()
  setField(match, 'in_port', BigInt(port))
  return said(version, {
    type: 'packet_in',
    reason: 'no_match',
    packet: buffer === noBuffer ? frame : frame.subarray(0, 128),
    total: frame.length,
    bufferId: buffer,
    table: 0,
    cookie: version < 4 ? noCookie : 0n,
    match,
    userdata: new Uint8Array(0),
    continuation: undefined,
  })
}

/** Cuts a stream into messages; an answer to the switch's echo number n ends what was said to what it said before. */
class Answers {
  private rest = Buffer.alloc(0)
  readonly messages: string[] = []
  echoes = 0

  push(bytes: Uint8Array): void {
    this.rest = Buffer.concat([this.rest, bytes])
    while (this.rest.length >= 8 && this.rest.length >= this.rest.readUInt16BE(2)) {
      const message = this.rest.subarray(0, this.rest.readUInt16BE(2))
      this.rest = this.rest.subarray(message.length)
      this.messages.push(hex(message))
      if (message[1] === 3) this.echoes++
    }
  }
}

/** What the real controller says to a switch, message by message. */
export const theirAnswers = async (
  version: Version,
  options: readonly string[],
  arrivals: readonly Arrival[],
): Promise<string[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-controller-'))
  const path = join(directory, 'c.sock')
  const controller: ChildProcess = spawn(
    'ovs-testcontroller',
    [`punix:${path}`, '--unixctl=none', '-vconsole:off', '-vsyslog:off', ...options],
    { stdio: 'ignore', cwd: directory },
  )
  const answers = new Answers()
  try {
    let socket = connect(path)
    let isOpen = false
    await until(() => {
      if (socket.destroyed) socket = connect(path)
      socket.once('connect', () => {
        isOpen = true
      })
      socket.on('error', () => {})
      return isOpen
    }, 'the controller')
    socket.on('data', (bytes: Buffer) => answers.push(bytes))
    socket.write(encodeHello(1 << version, 1))
    await until(() => answers.messages.length >= 2, 'its hello')
    for (const [i, words] of speech(version, arrivals).entries()) {
      socket.write(words)
      await until(() => answers.echoes > i, `answer ${i}`)
    }
    socket.destroy()
    return answers.messages
  } finally {
    const gone = new Promise(resolve => controller.once('exit', resolve))
    controller.kill()
    await gone
    rmSync(directory, { recursive: true, force: true })
  }
}

/** What ours says. */
export const ourAnswers = (
  version: Version,
  options: readonly string[],
  arrivals: readonly Arrival[],
  readFile: (path: string) => Uint8Array | string = () => 'No such file or directory',
): string[] => {
  const clock = new VirtualClock()
  const [near, far] = duplexPair(1 << 20)
  const answers = new Answers()
  const never = (why = 'not asked for'): never => {
    throw new Error(why)
  }
  const stdio = {
    print: () => never(),
    printBytes: () => never(),
    *error() {},
    readAll: never,
    isTerminal: false,
  }
  const running = start(
    testcontroller(
      ['ovs-testcontroller', 'punix:c.sock', ...options],
      stdio,
      { clock, vswitchd: never, readFile, runDirectory: '/', exists: never, open: never, wallTime: () => 0 },
      {
        *listen(_target, accept) {
          accept(far, 'unix#0')
          return { close() {} }
        },
        dial: never,
      },
    ),
  )
  const say = (bytes: Uint8Array): void => {
    near.output.offer(bytes)
    clock.runUntil(clock.now() + 1e6)
    answers.push(near.input.take())
  }
  say(encodeHello(1 << version, 1))
  for (const words of speech(version, arrivals)) say(words)
  running.stop()
  return answers.messages
}

/** A message that differs is easier to read as text. */
export const asText = (messages: readonly string[]): string[] =>
  messages.map(message => {
    const decoded = decodeMessage(Buffer.from(message, 'hex'))
    const key = (_: string, value: unknown): unknown =>
      typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? hex(value) : value
    return `${message} ${decoded.ok ? JSON.stringify(decoded.message.body, key).slice(0, 80) : decoded.error}`
  })
