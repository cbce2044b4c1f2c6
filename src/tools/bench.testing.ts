/** A switch without a world, and a shell-like way to run tools on it: for tests. */
import type { Datapath, PortStats, Vport } from '../datapath/datapath.ts'
import { fromUtf8, seeded, start, type Task, UnixSockets, utf8, VirtualClock } from '../runtime/index.ts'
import { Switch } from '../switch/switch.ts'
import type { Device, Devices } from '../vswitchd/devices.ts'
import { LocalDatabase } from '../vswitchd/local-database.ts'
import { listenForBridges, runDirectory } from '../vswitchd/management.ts'
import { Vswitchd } from '../vswitchd/vswitchd.ts'
import type { Connect, Program, Stdio } from './program.ts'
import { type Result, wordsOf } from './words.testing.ts'

export { type Result, wordsOf } from './words.testing.ts'

/** A datapath that has ports and moves nothing. */
export const idleDatapath = (): Datapath => {
  const ports = new Map<number, Vport>()
  const none: PortStats = { rxPackets: 0, rxBytes: 0, rxDropped: 0, txPackets: 0, txBytes: 0, txDropped: 0 }
  return {
    name: 'netdev@ovs-netdev',
    addPort(vport, wanted) {
      let number = wanted !== undefined && !ports.has(wanted) ? wanted : 1
      while (ports.has(number)) number++
      ports.set(number, vport)
      return number
    },
    removePort: number => void ports.delete(number),
    ports: () => ports,
    portStats: number => (ports.has(number) ? none : undefined),
    receive() {},
    execute() {},
    onMiss() {},
    onUserspace() {},
    doubt() {},
    onDoubt() {},
    trust() {},
    doubted: () => [],
    flows: () => [],
    flowLimit: 0,
    addFlow: () => undefined,
    seenBy: () => undefined,
    replaceActions: () => false,
    removeFlow: () => undefined,
    clear() {},
    vlanLimit: 1,
    limitVlans() {},
    stats: () => ({ hit: 0, missed: 0, lost: 0, flows: 0, masks: 0, maskHits: 0, cacheHits: 0 }),
    counters: () => [],
    setMeter() {},
    removeMeter() {},
    meterCounts: () => undefined,
  }
}

/** Devices that are there for every name but those that start with `no`. */
export const anyDevices = (): Devices => {
  let next = 0xaa55aa550000
  return {
    open(name, type, mac) {
      if (name.startsWith('no')) return 'No such device'
      const device: Device = {
        vport: { name, type, send() {} },
        mac: mac === 0 ? ++next : mac,
        mtu: 1500,
        ifindex: 0,
        adminUp: true,
        linkUp: true,
        receiver: undefined,
        onChange: undefined,
        statistics: () => ({}),
        close() {},
      }
      const mutable: { mac: number; mtu: number } = device
      return Object.assign(device, {
        setMac(to: number) {
          mutable.mac = to
        },
        setMtu(to: number) {
          mutable.mtu = to
        },
      })
    },
  }
}

/** A machine on which nothing runs. */
export const unreachable = (clock: VirtualClock): Connect => ({
  clock,
  vswitchd: () => undefined,
  runDirectory,
  exists: () => false,
  // biome-ignore lint/correctness/useYield: it never waits
  *open() {
    return 'No such file or directory'
  },
  readFile: () => 'No such file or directory',
  wallTime: () => 0,
})

/** What a tool prints goes into `result`; what it reads is `stdin`. */
export const stdioInto = (result: Result, stdin = ''): Stdio => ({
  // biome-ignore lint/correctness/useYield: it never waits
  *print(text) {
    result.stdout += text
  },
  // biome-ignore lint/correctness/useYield: it never waits
  *printBytes(bytes) {
    result.stdout += fromUtf8(bytes)
  },
  // biome-ignore lint/correctness/useYield: it never waits
  *error(text) {
    result.stderr += `${text}\n`
  },
  // biome-ignore lint/correctness/useYield: it never waits
  *readAll(): Task<Uint8Array> {
    return utf8(stdin)
  },
  isTerminal: false,
})

/** A daemon, its files, and `run`. */
export const bench = (
  programs: Readonly<Record<string, Program>>,
  devices = anyDevices(),
): {
  daemon: Vswitchd
  clock: VirtualClock
  files: Map<string, string>
  connect: Connect
  run(line: string, stdin?: string): Result
} => {
  const clock = new VirtualClock()
  const random = seeded(7)
  const database = new LocalDatabase({ clock, random })
  const daemon = new Vswitchd({
    switch: new Switch({
      datapath: idleDatapath(),
      clock,
      random,
      openTunnel: () => ({
        vport: { name: 'vxlan_sys_4789', type: 'vxlan', send() {} },
        close() {},
        refused: () => [],
      }),
    }),
    devices,
    random,
    database,
  })
  const files = new Map<string, string>()
  const sockets = new UnixSockets()
  listenForBridges(daemon, sockets)
  database.listen(sockets)
  database.onClient.add(() => daemon.refresh())
  const connect: Connect = {
    ...unreachable(clock),
    vswitchd: () => daemon,
    exists: path => sockets.has(path) || files.has(path),
    // biome-ignore lint/correctness/useYield: it never waits
    *open(remote) {
      return sockets.connect(remote.replace(/^unix:/, '')) ?? 'No such file or directory'
    },
    readFile(path) {
      const text = files.get(path)
      return text === undefined ? 'No such file or directory' : utf8(text)
    },
    wallTime: () => Date.UTC(2026, 0, 1),
  }
  const run = (line: string, stdin = ''): Result => {
    const args = wordsOf(line)
    const result: Result = { stdout: '', stderr: '', status: -1 }
    const stdio = stdioInto(result, stdin)
    const program = programs[args[0] as string]
    if (program === undefined) throw new Error(`no program ${args[0]}`)
    start(program(args, stdio, connect), {
      done(status) {
        result.status = status
      },
    })
    return result
  }
  return { daemon, clock, files, connect, run }
}
