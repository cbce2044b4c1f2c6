/** Controllers of our own that say what a script has them say and write down what they hear. */
import { createServer, type Server, type Socket } from 'node:net'
import { newMatch } from '../../../src/flow/match.ts'
import { parseMatch } from '../../../src/flow/match-text.ts'
import { type OfAction, OfPort } from '../../../src/openflow/action.ts'
import { encodeHello, versionSet } from '../../../src/openflow/hello.ts'
import { type AsyncMasks, noBuffer, type OfBody, type Role } from '../../../src/openflow/message.ts'
import { printMessage } from '../../../src/openflow/message-print.ts'
import { encodeMessage } from '../../../src/openflow/message-wire.ts'
import type { Version } from '../../../src/openflow/protocol.ts'
import { until } from '../waiting.testing.ts'

/** Which controller says what. */
export type Step = readonly [who: number, what: OfBody]

/** Numbers that both switches cannot have in common. */
const masked = (text: string): string =>
  text.replace(/addr:[0-9a-f:]{17}/g, 'addr:MAC').replace(/duration ?[0-9.]+s/g, 'duration 0s')

class Ear {
  readonly heard: string[] = []
  readonly port: number
  private readonly server: Server
  private socket: Socket | undefined
  private ready = false
  private barriers = 0

  constructor(server: Server, version: Version) {
    this.server = server
    this.port = (server.address() as { port: number }).port
    server.on('connection', socket => {
      this.socket = socket
      socket.setNoDelay(true).on('error', () => {})
      socket.write(encodeHello(versionSet([version]), 1))
      let held = Buffer.alloc(0)
      socket.on('data', chunk => {
        held = Buffer.concat([held, chunk])
        while (held.length >= 8 && held.length >= held.readUInt16BE(2)) {
          const size = held.readUInt16BE(2)
          this.hear(held.subarray(0, size))
          held = held.subarray(size)
        }
      })
    })
  }

  get connected(): boolean {
    return this.ready
  }

  get answered(): number {
    return this.barriers
  }

  say(bytes: Uint8Array): void {
    this.socket?.write(bytes)
  }

  close(): void {
    this.server.close()
    this.socket?.destroy()
  }

  private hear(message: Buffer): void {
    const type = message[1] as number
    if (type === 0) this.ready = true
    else if (type === 2) this.say(Uint8Array.from(message).fill(3, 1, 2))
    else if (message.readUInt32BE(4) === barrierXid) this.barriers++
    else this.heard.push(masked(printMessage(message)))
  }
}

const barrierXid = 0x77777777

/** Waits on a free port for a switch that speaks a version. */
const listen = (version: Version): Promise<Ear> =>
  new Promise(resolve => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => resolve(new Ear(server, version)))
  })

/** Asks for barriers and waits for all. */
const answersOf = async (ears: readonly Ear[], version: Version): Promise<void> => {
  const wanted = ears.map(({ answered }) => answered + 1)
  const barrier = encodeMessage({ type: 'barrier_request' }, { version, xid: barrierXid }) as Uint8Array
  for (const ear of ears) ear.say(barrier)
  await until(
    () => ears.every(({ answered }, n) => answered >= (wanted[n] as number)),
    () => `an answer to a barrier after ${ears.map(({ heard }) => heard.at(-1)).join()}`,
  )
}

/** How long is waited for what another switch told, ms. */
const patience = 20_000

/**
 * Has three controllers say the steps to a switch, which `connect` makes call them. Gives what each heard after each step;
 * events, which need no order among them, in that of their text. As much as is `expected` is waited for.
 */
export const play = async (
  version: Version,
  steps: readonly Step[],
  connect: (targets: string[]) => void,
  expected: readonly string[][][] = [],
): Promise<string[][][]> => {
  const ears = await Promise.all([listen(version), listen(version), listen(version)])
  try {
    connect(ears.map(({ port }) => `tcp:127.0.0.1:${port}`))
    await until(
      () => ears.every(ear => ear.connected),
      () => 'the switch does not call all',
    )
    const heard: string[][][] = []
    for (const [i, [who, body]] of steps.entries()) {
      const bytes = encodeMessage(body, { version, xid: i + 1, nxm: version < 3 })
      if (bytes === undefined) continue
      const ear = ears[who] as Ear
      ear.say(bytes)
      await answersOf([ear], version)
      // Open vSwitch tells of ports and of packets a turn later, and of removed flows in its own time.
      const told = (): boolean =>
        ears.every((each, n) => each.heard.length >= (expected[heard.length]?.[n]?.length ?? 0))
      const end = Date.now() + patience
      for (let round = 0; round < 3 || (!told() && Date.now() < end); round++) await answersOf(ears, version)
      heard.push(ears.map(each => each.heard.splice(0).sort()))
    }
    return heard
  } finally {
    for (const ear of ears) ear.close()
  }
}

export const role = (who: number, wanted: Role, generation?: bigint): Step => [
  who,
  { type: 'role_request', role: wanted, generation },
]
const flowMod = (who: number, command: 'add' | 'delete', match = newMatch()): Step => [
  who,
  {
    type: 'flow_mod',
    command,
    table: command === 'add' ? 0 : undefined,
    priority: 5,
    match,
    newCookie: 9n,
    cookie: 0n,
    cookieMask: 0n,
    idleTimeout: 0,
    hardTimeout: 0,
    importance: 0,
    outPort: undefined,
    sendFlowRemoved: true,
    checkOverlap: false,
    resetCounts: false,
    noPacketCounts: false,
    noByteCounts: false,
    actions: command === 'add' ? [{ type: 'output', port: 2 }] : [],
    bufferId: noBuffer,
  },
]
const packetOut = (who: number, actions: OfAction[]): Step => [
  who,
  {
    type: 'packet_out',
    bufferId: noBuffer,
    inPort: 1,
    match: inPort1,
    actions,
    packet: Uint8Array.from({ length: 60 }, (_, i) => (i < 14 ? i + 2 : 0)),
  },
]
const matchOf = (text: string): ReturnType<typeof newMatch> => {
  const parsed = parseMatch(text)
  if ('wrong' in parsed) throw new Error(parsed.wrong)
  return parsed.match
}
const inPort1 = matchOf('in_port=1')
const toController: OfAction = { type: 'output', port: OfPort.controller, maxLength: 20 } as OfAction
export const masks = (bits: number): AsyncMasks => ({
  packetIn: bits,
  portStatus: bits,
  flowRemoved: bits,
  roleStatus: bits,
  tableStatus: bits,
  requestForward: bits,
})
const portMod = (who: number, mac: number, config: number): Step => [
  who,
  { type: 'port_mod', port: 2, mac, config, mask: noForward, advertise: 0 },
]
/** OFPPC_NO_FWD. */
const noForward = 0x20

/** All that would tell a controller something. */
const everything = (who: number, mac: number): Step[] => [
  flowMod(who, 'add', inPort1),
  flowMod(who, 'delete'),
  portMod(who, mac, noForward),
  portMod(who, mac, 0),
  packetOut(who, [toController]),
]

/** What is said; `mac` is port 2's. A bridge remembers the highest generation, so each version begins at one of its own. */
export const stepsFor = (version: Version, mac: number): readonly Step[] => {
  const generation = BigInt(version * 100)
  const all = (who: number): Step[] => everything(who, mac)
  return [
    ...all(0),
    ...[0, 1, 2].map((who): Step => [who, { type: 'get_async_request' }]),
    role(0, 'nochange'),
    role(0, 'primary', generation + 5n),
    ...all(1),
    role(1, 'secondary', generation + 5n),
    ...all(1),
    ...all(0),
    role(2, 'primary', generation + 4n),
    role(2, 'primary', generation + 6n),
    role(0, 'nochange'),
    ...all(0),
    ...all(2),
    role(1, 'secondary', generation + 5n),
    role(1, 'equal', 0n),
    [1, { type: 'set_async', primary: masks(0), secondary: masks(0) }],
    [0, { type: 'set_async', primary: masks(0), secondary: masks(0x3f) }],
    [0, { type: 'get_async_request' }],
    ...all(2),
    [0, { type: 'set_async', primary: masks(0), secondary: masks(2) }],
    ...all(2),
    role(1, 'primary', generation + 7n),
    role(0, 'primary', generation + 7n),
    role(2, 'secondary', generation + 0x8000000000000007n),
    role(2, 'secondary', generation + 7n),
    role(0, 'equal'),
    ...all(0),
  ]
}
