/**
 * A controller that does what a script says when it says it, and a bridge that is to have it, on a clock that stands still
 * but for the script: a real ovs-vswitchd's, warped, or ours.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { Network } from '../../../src/lab/index.ts'
import { openFlowNetwork } from '../../../src/node/index.ts'
import { encodeHello, versionSet } from '../../../src/openflow/hello.ts'
import type { OfBody } from '../../../src/openflow/message.ts'
import { printMessage } from '../../../src/openflow/message-print.ts'
import { encodeMessage } from '../../../src/openflow/message-wire.ts'
import type { Version } from '../../../src/openflow/protocol.ts'
import { millisecond, second, start } from '../../../src/runtime/index.ts'
import { callControl } from '../ovs.testing.ts'
import { type RealSwitch, startRealSwitch } from '../real-switch.ts'
import { later } from '../waiting.testing.ts'
import { freePort } from './controller.testing.ts'
import type { Said } from './line.testing.ts'

/** What a controller does. Without `hello` it never says one, without `echoes` it answers none. */
export type Habit = { hello: boolean; echoes: boolean; listens: boolean }

/** What happens at a second: a command of the machine, `TARGET` for the controller's, or another habit, or words. */
export type Happening =
  | { at: number; run: string }
  | { at: number; habit: Partial<Habit> }
  | { at: number; say: OfBody }
  | { at: number; hangUp: true }

/** A bridge `br0` without controllers yet, whose time passes when it is told. */
export type TimedSwitch = {
  run(line: string): Promise<Said>
  /** A part of a second passes. */
  step(): Promise<void>
  /** What is due may happen. */
  turn(): Promise<void>
  close(): void
}

/** Of a second. */
const steps = 2
/** Turns: an answer may cause another. */
const quiet = 5

/** Open vSwitch counts whole seconds of the monotonic clock; that no step ends where one does, it begins so far behind it. */
const behind = second / 4
const nanoseconds = (): number => Number(process.hrtime.bigint())

export const realTimed = async (): Promise<TimedSwitch> => {
  const real: RealSwitch = startRealSwitch()
  real.run('ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1')
  const control = (...words: [string, ...string[]]): Promise<string> => {
    const [command, ...rest] = words
    return callControl(real.controlSocket, command, rest)
  }
  // When it was stopped is to be known well; each time it begins with the present.
  let stopped = 0
  for (let took = second; took > second / 10; ) {
    const began = nanoseconds()
    await control('time/stop')
    took = nanoseconds() - began
    stopped = began + took / 2
  }
  await control('time/warp', String(Math.round((second - (stopped % second) + behind) / millisecond)))
  return {
    run: line => real.ask(line),
    async step() {
      await control('time/warp', String(1000 / steps))
    },
    async turn() {
      await later(2)
      await control('version')
    },
    close: () => real.close(),
  }
}

export const ourTimed = (): TimedSwitch => {
  const network = new Network()
  const machine = network.machine('s1')
  network.type('s1', 'ovs-vsctl add-br br0')
  network.settle()
  network.clock.runUntil(Math.ceil(network.clock.now() / second) * second + behind)
  const outside = openFlowNetwork(happen => {
    happen()
    network.clock.runUntil(network.clock.now())
  })
  network.outside = outside
  return {
    run: line =>
      new Promise(done => {
        start(machine.exec(line), { done })
        network.clock.runUntil(network.clock.now())
      }),
    async step() {
      network.clock.runUntil(network.clock.now() + second / steps)
    },
    turn: () => later(2),
    close: () => outside.close(),
  }
}

/** Numbers that both switches cannot have in common. */
const masked = (text: string): string =>
  text
    .replace(/\(xid=0x[0-9a-f]+\)/g, '')
    .replace(/addr:[0-9a-f:]{17}/g, 'addr')
    .replace(/dpid:[0-9a-f]{16}/g, 'dpid')
    .replace(/duration=?[0-9.]+s/g, 'duration')

/** A controller that says hello by itself, and else what it is told. */
export class Scripted {
  readonly heard: string[] = []
  habit: Habit = { hello: true, echoes: true, listens: false }
  readonly port: number
  private readonly version: Version
  private server: Server | undefined
  private sockets = new Set<Socket>()

  constructor(port: number, version: Version) {
    this.port = port
    this.version = version
  }

  async behave(habit: Partial<Habit>): Promise<void> {
    this.habit = { ...this.habit, ...habit }
    if (this.habit.listens && this.server === undefined) {
      const server = createServer(socket => this.serve(socket))
      this.server = server
      await new Promise<void>(resolve => server.listen(this.port, '127.0.0.1', resolve))
    } else if (!this.habit.listens && this.server !== undefined) {
      this.server.close()
      this.server = undefined
    }
  }

  hangUp(): void {
    for (const socket of this.sockets) socket.end()
  }

  say(body: OfBody): void {
    const bytes = encodeMessage(body, { version: this.version, xid: 1, nxm: this.version < 3 })
    if (bytes === undefined) throw new Error(`no ${body.type} in version ${this.version}`)
    for (const socket of this.sockets) socket.write(bytes)
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket)
    this.heard.push('called')
    socket.on('error', () => {})
    socket.on('close', () => {
      this.sockets.delete(socket)
      this.heard.push('left')
    })
    if (this.habit.hello) socket.write(encodeHello(versionSet([this.version]), 1))
    let held = Buffer.alloc(0)
    socket.on('data', chunk => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 8 && held.length >= held.readUInt16BE(2)) {
        const size = held.readUInt16BE(2)
        this.hear(socket, held.subarray(0, size))
        held = held.subarray(size)
      }
    })
  }

  private hear(socket: Socket, message: Buffer): void {
    this.heard.push(masked(printMessage(message)).trim())
    if (message[1] === 2 && this.habit.echoes) socket.write(Uint8Array.from(message).fill(3, 1, 2))
  }
}

/** Plays a script for some seconds; gives what happened in each that was not silent. */
export const playTimed = async (
  timed: TimedSwitch,
  script: readonly Happening[],
  { seconds, version = 4 }: { seconds: number; version?: Version },
): Promise<string[]> => {
  const controller = new Scripted(await freePort(), version)
  const target = `tcp:127.0.0.1:${controller.port}`
  const told: string[] = []
  const tell = (at: number): void => {
    for (const line of controller.heard.splice(0).sort()) told.push(`${at}: ${line}`)
  }
  /** Until nothing more is heard for some turns. */
  const settle = async (): Promise<void> => {
    for (let [turns, known] = [0, controller.heard.length]; turns < quiet; turns++) {
      await timed.turn()
      if (controller.heard.length !== known) [turns, known] = [-1, controller.heard.length]
    }
  }
  try {
    for (let at = 0; at <= seconds; at++) {
      for (let i = 0; i < (at > 0 ? steps : 1); i++) {
        if (at > 0) await timed.step()
        await settle()
      }
      tell(at)
      for (const happening of script.filter(each => each.at === at)) {
        if ('run' in happening) {
          const { stdout, stderr, status } = await timed.run(happening.run.replaceAll('TARGET', target))
          const text = masked(`${stdout}${stderr}`.replaceAll(target, 'TARGET')).trim()
          told.push(`${at}: ${happening.run} [${status}] ${text}`)
        } else if ('habit' in happening) await controller.behave(happening.habit)
        else if ('say' in happening) controller.say(happening.say)
        else controller.hangUp()
        await settle()
        tell(at)
      }
    }
  } finally {
    await controller.behave({ listens: false })
    controller.hangUp()
  }
  return told
}
