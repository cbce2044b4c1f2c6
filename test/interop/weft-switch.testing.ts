/**
 * A switch of ours in the test's own process, with a bridge and dummy ports, whose OpenFlow sockets lie in a run directory
 * as those of a real ovs-vswitchd do. Programs that talk to it run beside the test: `run` waits without blocking it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SoftDatapath } from '../../src/datapath/soft/index.ts'
import { type Listening, listenRemote } from '../../src/node/openflow-sockets.ts'
import { Pace } from '../../src/node/pace.ts'
import { seeded, VirtualClock } from '../../src/runtime/index.ts'
import { OpenFlowAgent } from '../../src/switch/agent/agent.ts'
import type { Bridge } from '../../src/switch/bridge.ts'
import type { BridgePort } from '../../src/switch/port.ts'
import { Switch } from '../../src/switch/switch.ts'
import type { Result } from '../../src/tools/words.testing.ts'
import { Frame } from '../../src/wire/frame.ts'
import { runBeside } from './beside.testing.ts'

export type WeftSwitch = {
  directory: string
  sw: Switch
  bridge: Bridge
  agent: OpenFlowAgent
  ports: BridgePort[]
  /** Frames that left, by the port's name, in hexadecimal. */
  sent: { port: string; bytes: string }[]
  /** Lets something happen to the switch at the present time. */
  enter<T>(happen: () => T): T
  /** A frame comes in on a port, `p1` and so on. */
  send(port: string, bytes: Uint8Array): void
  /** Runs a command line with the run directory as Open vSwitch's tools know it. */
  run(line: string, stdin?: string): Promise<Result>
  close(): Promise<void>
}

/** As ovs-vswitchd numbers the MACs of dummy devices. */
const firstMac = 0xaa55aa550000

/** A bridge `name` with ports `p1` to `p<count>`, which have the numbers 1 to `count`. */
export const startWeftSwitch = async (count = 2, name = 'br0'): Promise<WeftSwitch> => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-switch-'))
  const clock = new VirtualClock()
  const pace = new Pace(clock)
  const enter = <T>(happen: () => T): T => pace.enter(happen)
  const sent: WeftSwitch['sent'] = []
  const vport = (port: string) => ({
    name: port,
    type: 'dummy' as const,
    send: (frame: Frame) => void sent.push({ port, bytes: Buffer.from(frame.content()).toString('hex') }),
  })
  const sw = new Switch({ datapath: new SoftDatapath({ clock, name: 'dummy@ovs-dummy' }), clock, random: seeded(1) })
  const bridge = sw.addBridge(name, vport(name), { hwaddr: firstMac })
  const ports = Array.from({ length: count }, (_, i) => {
    const wanted = { name: `p${i + 1}`, type: 'dummy' as const, ofport: i + 1, mac: firstMac + i + 1 }
    const port = sw.addPort(bridge, { ...wanted, vport: vport(wanted.name) })
    if (typeof port === 'string') throw new Error(port)
    return port
  })
  const agent = new OpenFlowAgent(bridge, sw)
  const listening: Listening[] = []
  const listen = async (suffix: string, accept: Parameters<typeof listenRemote>[2]): Promise<void> => {
    const opened = await listenRemote(`punix:${join(directory, `${name}.${suffix}`)}`, enter, accept)
    if (typeof opened === 'string') throw new Error(opened)
    listening.push(opened)
  }
  await listen('mgmt', duplex => void agent.accept(duplex, { kind: 'service' }))
  await listen('snoop', duplex => void agent.snoop(duplex))
  return {
    directory,
    sw,
    bridge,
    agent,
    ports,
    sent,
    enter,
    send(port, bytes) {
      enter(() => bridge.portByName(port)?.receive(Frame.from(bytes)))
    },
    run: (line, stdin) => runBeside(directory, line, stdin),
    async close() {
      enter(() => agent.close())
      for (const each of listening) each.close()
      sw.close()
      pace.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
