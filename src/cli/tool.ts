import { Pace } from '../node/pace.ts'
import type { Enter } from '../node/socket-duplex.ts'
import { toolConnect } from '../node/tool-connect.ts'
import { toolSystem } from '../node/tool-system.ts'
import { start, type Task, VirtualClock } from '../runtime/index.ts'
import type { Connect, Program, Stdio } from '../tools/index.ts'

/** Where the daemons' sockets are on this machine. */
const runDirectory = (): string => process.env.OVS_RUNDIR ?? '/var/run/openvswitch'
const logDirectory = (): string => process.env.OVS_LOGDIR ?? '/var/log/openvswitch'

/** Waits until there is room; nobody makes room behind what is broken. */
const written = (stream: NodeJS.WriteStream, text: string | Uint8Array): Task<void> =>
  (function* () {
    if (stream.errored !== null || stream.write(text)) return
    const ends = ['drain', 'error', 'close']
    yield resume => {
      for (const end of ends) stream.once(end, resume)
      return () => {
        for (const end of ends) stream.off(end, resume)
      }
    }
  })()

const stdio: Stdio = {
  print: text => written(process.stdout, text),
  printBytes: bytes => written(process.stdout, bytes),
  error: text => written(process.stderr, `${text}\n`),
  *readAll() {
    const chunks: Buffer[] = []
    yield resume => {
      process.stdin.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', resume)
      return () => process.stdin.pause()
    }
    return Buffer.concat(chunks)
  },
  get isTerminal() {
    return process.stdout.isTTY
  },
  get inputIsTerminal() {
    return process.stdin.isTTY
  },
  env: { get: name => process.env[name] },
}

/** Runs a program on this machine's terminal, sockets and clock; ends with its status. */
export const runTool = (
  program: (stdio: Stdio, connect: Connect, enter: Enter, pace: Pace) => Task<number>,
): Promise<number> => {
  const clock = new VirtualClock()
  const pace = new Pace(clock)
  return new Promise<number>((resolve, reject) => {
    const enter: Enter = happen => pace.enter(happen)
    const connect = toolConnect(clock, enter, runDirectory(), toolSystem(enter, logDirectory()))
    // What it waits for at first is to be waited for, too.
    enter(() => start(program(stdio, connect, enter, pace), { done: resolve, failed: reject }))
  }).finally(() => pace.stop())
}

/** `weft ovs-ofctl …`: a tool of Open vSwitch on this machine's sockets; ends with its status. */
export const tool =
  (name: string, program: Program) =>
  (args: string[]): Promise<number> =>
    runTool((stdio, connect) => program([name, ...args], stdio, connect))
