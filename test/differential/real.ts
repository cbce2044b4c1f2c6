import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { BodyOf, OfBody } from '../../src/openflow/message.ts'
import { decodeMessage, encodeMessage } from '../../src/openflow/message-wire.ts'
import type { Version } from '../../src/openflow/protocol.ts'
import { startOvs } from '../interop/ovs.testing.ts'
import { bridgeNames, portsOf, vsctlWords } from './network.ts'
import { barrierXid, greetings, preparations } from './openflow-bytes.ts'
import { wordsOf } from './packets.ts'
import { plainSettings, portModWords, settingsWords } from './settings.ts'
import type { Side } from './side.ts'
import { closedAnswer, patience, Unixctl } from './unixctl.ts'

/** What a trace says that the daemon did not survive. */
export const closed = closedAnswer

/** A controller's connection to a real bridge, which hears errors until a barrier. */
class Controller {
  private readonly socket: Socket
  private buffer = Buffer.alloc(0)
  private errors = new Map<number, string>()
  private done: ((errors: Map<number, string>) => void) | undefined
  private failed: ((error: Error) => void) | undefined

  constructor(path: string, version: Version) {
    this.socket = connect(path)
    this.socket.on('data', chunk => this.take(chunk))
    const fail = (error: Error): void => this.failed?.(error)
    this.socket.on('error', fail)
    this.socket.on('close', () => fail(new Error(`${path}: the bridge closed the connection`)))
    for (const body of [{ type: 'hello', versions: 1 << version } as const, ...greetings(version)])
      this.say(body, version)
  }

  private say(body: OfBody, version: Version): void {
    this.socket.write(encodeMessage(body, { version, xid: 1 }) as Uint8Array)
  }

  send(messages: readonly Uint8Array[]): Promise<Map<number, string>> {
    this.errors = new Map()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.socket.destroy(), patience)
      this.done = errors => {
        clearTimeout(timer)
        resolve(errors)
      }
      this.failed = error => {
        clearTimeout(timer)
        reject(error)
      }
      if (this.socket.destroyed) this.failed(new Error('the bridge closed the connection'))
      this.socket.write(Buffer.concat(messages))
    })
  }

  close(): void {
    this.failed = undefined
    this.socket.destroy()
  }

  private take(chunk: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, chunk])
    while (this.buffer.length >= 8 && this.buffer.length >= this.buffer.readUInt16BE(2)) {
      const size = this.buffer.readUInt16BE(2)
      this.hear(this.buffer.subarray(0, size))
      this.buffer = this.buffer.subarray(size)
    }
  }

  private hear(bytes: Buffer): void {
    const xid = bytes.readUInt32BE(4)
    if (bytes[1] === 1) {
      const got = decodeMessage(bytes)
      const body = got.ok ? (got.message.body as BodyOf<'error'>) : undefined
      this.errors.set(xid, body?.name ?? 'an error without a name')
    } else if (bytes[1] === 2) {
      bytes[1] = 3
      this.socket.write(bytes)
    } else if (xid === barrierXid) this.done?.(this.errors)
  }
}

const kill = (pidFile: string): void => {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** Open vSwitch with dummy devices. */
export const startReal = async (): Promise<Side & { portNumbers: Map<string, number> }> => {
  const ovs = startOvs('--enable-dummy')
  for (const name of bridgeNames)
    ovs.vsctl(
      'add-br',
      name,
      '--',
      'set',
      'bridge',
      name,
      'datapath_type=dummy',
      'fail_mode=secure',
      'protocols=OpenFlow10,OpenFlow11,OpenFlow12,OpenFlow13,OpenFlow14,OpenFlow15',
    )
  // One at a time: the order in which ports are added is that of floods.
  for (const i of bridgeNames.keys()) for (const port of portsOf(i)) ovs.vsctl(...vsctlWords(i, port))
  const control = new Unixctl(join(ovs.directory, 'vswitchd.ctl'))
  // Else tunnels are routed by Open vSwitch itself, as no kernel's datapath does.
  await control.call('dpif/set-dp-features', ['br0', 'tnl_push_pop', 'false'])
  const controllers = new Map<string, Controller>()
  const controllerOf = (bridge: number, version: Version): Controller => {
    const key = `${bridge}/${version}`
    const known = controllers.get(key)
    if (known !== undefined) return known
    const made = new Controller(join(ovs.directory, `${bridgeNames[bridge]}.mgmt`), version)
    controllers.set(key, made)
    return made
  }
  const send = (bridge: number, version: Version, bodies: readonly OfBody[]): Promise<Map<number, string>> =>
    controllerOf(bridge, version).send(
      [...bodies, { type: 'barrier_request' } as const].map(
        (body, i) =>
          encodeMessage(body, { version, xid: body.type === 'barrier_request' ? barrierXid : i + 1 }) as Uint8Array,
      ),
    )
  for (const bridge of bridgeNames.keys()) {
    const errors = await send(bridge, 6, preparations)
    if (errors.size > 0) throw new Error(`Open vSwitch refuses what the tests need: ${[...errors.values()]}`)
  }
  const shown = await control.call('dpif/show', [])
  let configured = plainSettings
  return {
    portNumbers: new Map(
      [...shown.matchAll(/^ {4}(\S+) \d+\/(\d+):/gm)].flatMap(([, name = '', number]) => [
        [name, Number(number)] as const,
        // The device of tunnels is called by its UDP port, which is its number too.
        [`vxlan_sys_${number}`, Number(number)] as const,
      ]),
    ),
    configure(settings) {
      if (JSON.stringify(settings) === JSON.stringify(configured)) return
      for (const words of settingsWords(settings)) ovs.vsctl(...words)
      for (const { bridge, words } of portModWords(settings, configured))
        ovs.ofctl(['mod-port', join(ovs.directory, `${bridgeNames[bridge]}.mgmt`), ...words])
      configured = settings
    },
    change: (bridge, version, changes) => controllerOf(bridge, version).send(changes.map(({ bytes }) => bytes)),
    settle: wait => new Promise(resolve => setTimeout(resolve, wait)),
    trace: asked => control.call(`ofproto/trace${asked.packetOut === undefined ? '' : '-packet-out'}`, wordsOf(asked)),
    async forget() {
      for (const name of bridgeNames) {
        await control.call('fdb/flush', [name])
        await control.call('mdb/flush', [name])
      }
    },
    async close() {
      control.close()
      for (const controller of controllers.values()) controller.close()
      // One that hangs hears no other signal.
      kill(join(ovs.directory, 'vswitchd.pid'))
      ovs.stop()
    },
  }
}
