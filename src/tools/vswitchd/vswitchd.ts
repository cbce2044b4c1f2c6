/**
 * `ovs-vswitchd` (ovs-vswitchd(8)): a switch that does what a database says. What it needs of the computer is handed in
 * (`host.ts`). Who called it with `--detach` goes on when the switch is as the database wants it.
 */
import { type Level, Signal, start, type Task } from '../../runtime/index.ts'
import { changedController, type Network } from '../../switch/agent/controllers.ts'
import { Switch } from '../../switch/switch.ts'
import type { OpenTunnel } from '../../switch/switch-options.ts'
import { NativeVxlan } from '../../tunnel/native-vxlan.ts'
import { memoryUsage } from '../../vswitchd/appctl/upcalls.ts'
import { switchCommands } from '../../vswitchd/appctl.ts'
import { Dummies } from '../../vswitchd/dummy.ts'
import { LoggedDatapath } from '../../vswitchd/logged-datapath.ts'
import { Underlay } from '../../vswitchd/native-tunnels.ts'
import { plan } from '../../vswitchd/reconcile.ts'
import { type Reply, reply } from '../../vswitchd/unixctl/dispatch.ts'
import { Vswitchd } from '../../vswitchd/vswitchd.ts'
import { answering, type ControlCommands, controlCounters } from '../control-commands.ts'
import {
  type Daemon,
  flushLog,
  goOn,
  holdPidFile,
  openControl,
  otherParts,
  pidFilePath,
  Stay,
} from '../daemon/index.ts'
import type { Connect, Stdio, TlsWords } from '../program.ts'
import { openLog } from '../vlog/index.ts'
import { DaemonDevices } from './devices.ts'
import { vswitchdHelp } from './help.ts'
import type { SwitchHost } from './host.ts'
import { reportMemory } from './memory-report.ts'
import { vswitchdModules } from './modules.ts'
import { type Options, parseOptions } from './options.ts'
import { timeCommands } from './time-commands.ts'

const program = 'ovs-vswitchd'
const version = 'ovs-vswitchd (Open vSwitch) 3.1.0'
const bySignal = 128
const signalNames: Readonly<Record<string, string>> = { SIGTERM: 'Terminated', SIGINT: 'Interrupt', SIGHUP: 'Hangup' }

export function* vswitchd(args: readonly string[], stdio: Stdio, connect: Connect, host: SwitchHost): Task<number> {
  const parsed = parseOptions(args.slice(1))
  if (!parsed.ok) return yield* refuse(stdio, parsed.error)
  const { options, words } = parsed
  if (options.shows !== undefined) {
    const help = vswitchdHelp(connect.runDirectory, connect.system?.logDirectory ?? '')
    yield* stdio.print(options.shows === 'help' ? help : `${version}\n`)
    return 0
  }
  const elsewhere = yield* otherParts({ program, modules: vswitchdModules }, options, stdio, connect)
  if (elsewhere !== undefined) return elsewhere
  const remote = words[0] ?? `unix:${connect.runDirectory}/db.sock`
  return yield* new SwitchProgram(options, remote, stdio, connect, host).run()
}

function* refuse(stdio: Stdio, text: string): Task<number> {
  yield* stdio.error(`${program}: ${text}`)
  return 1
}

class SwitchProgram {
  private readonly options: Options
  private readonly remote: string
  private readonly connect: Connect
  private readonly stdio: Stdio
  private readonly host: SwitchHost
  private readonly daemon: Daemon
  private readonly usableLog: boolean
  private readonly stay = new Stay()
  private readonly changed = new Signal()
  private status: number | undefined

  constructor(options: Options, remote: string, stdio: Stdio, connect: Connect, host: SwitchHost) {
    this.options = options
    this.remote = remote
    this.connect = connect
    this.stdio = stdio
    this.host = host
    const { log, usable } = openLog(connect, { program, modules: vswitchdModules, steps: options.logging })
    this.usableLog = usable
    this.daemon = { program, options, connect, stdio, log, counters: controlCounters() }
  }

  private readonly say = (module: string, level: Level, text: string): void => {
    this.daemon.log.add(module, level, text)
    if (this.daemon.log.lines.length > 0) this.changed.wake()
  };

  *run(): Task<number> {
    const { daemon, stay, connect } = this
    if (!this.usableLog) return yield* this.fail()
    try {
      const wrong = holdPidFile(daemon, stay)
      if (wrong !== undefined) return yield* this.fail(wrong)
      const tls = this.takeTls()
      const network = this.host.network(tls)
      stay.add(() => network.close())
      const commands = this.commands(() => vswitchd)
      if ((yield* openControl(daemon, stay, commands)) !== undefined) return yield* this.fail()
      this.sayCores()
      const vswitchd = this.begin(network, tls)
      const cancelSignals = connect.system?.onSignal((name, number) => {
        this.say('fatal_signal', 'warn', `terminating with signal ${number} (${signalNames[name] ?? name})`)
        this.end(bySignal + number)
      })
      stay.add(() => cancelSignals?.())
      const telling = start(this.tellWhenReady(vswitchd))
      stay.add(() => telling.stop())
      yield* this.untilEnd()
      if (this.status === 0) yield* this.takeDown(vswitchd)
      return this.status ?? 0
    } finally {
      stay.end()
    }
  }

  private sayCores(): void {
    const { cores } = this.host
    this.say('ovs_numa', 'info', `Discovered ${cores} CPU cores on NUMA node 0`)
    this.say('ovs_numa', 'info', `Discovered 1 NUMA nodes and ${cores} CPU cores`)
  }

  private *fail(text?: string): Task<number> {
    yield* flushLog(this.daemon)
    return text === undefined ? 1 : yield* refuse(this.stdio, text)
  }

  private takeTls(): TlsWords {
    const { tls } = this.options
    if (Object.keys(tls).length === 0) return {}
    return this.connect.system?.checkTls({ tls, log: this.daemon.log.warn }) ?? {}
  }

  /** The switch and its daemon, which does not look at its database yet. */
  private begin(network: Network, tls: TlsWords): Vswitchd {
    const { connect, host, say: log, options } = this
    const { clock } = connect
    const { random } = host
    const dummies = new Dummies({ clock, log, network, wallTime: connect.wallTime, openCapture: host.openCapture })
    let known: Vswitchd | undefined
    const kind = (): string => {
      const type = String(known?.client.rows('Bridge')[0]?.columns.datapath_type?.keys[0] ?? '')
      return type === '' ? 'system' : type
    }
    const name = (): string => `${kind()}@ovs-${kind()}`
    const datapath = new LoggedDatapath(
      { clock, name, log: text => log('dpif', 'err', text) },
      { say: (module, text) => log(module, 'dbg', text), shows: module => this.daemon.log.shows(module, 'dbg') },
    )
    if (options.dummies !== undefined) {
      const own = {
        get name() {
          return `ovs-${kind()}`
        },
        type: 'dummy-internal',
        send() {},
      }
      datapath.addPort(own, 0)
    }
    const devices = new DaemonDevices(dummies, options.dummies)
    const underlay = new Underlay(() => clock.now())
    const openTunnel: OpenTunnel = (_type, udpPort, _receive, dialect) => ({
      vport: new NativeVxlan(udpPort, dialect),
      number: udpPort,
      close() {},
      refused: () => [],
    })
    const sw = new Switch({ datapath, clock, random, log, openTunnel, native: underlay })
    const vswitchd: Vswitchd = new Vswitchd({
      switch: sw,
      devices,
      dummies,
      underlay,
      random,
      database: { remotes: this.remote.split(/,(?=[a-z]+:)/), dial: (remote, done) => host.dial(remote, tls, done) },
      network,
      log,
      readFile: path => connect.readFile(path),
      pid: connect.system?.pid,
      counters: () => [
        ...Object.entries(this.daemon.counters),
        ...Object.entries(datapath.asked),
        ['netdev_received', dummies.traffic.received],
        ['netdev_sent', dummies.traffic.sent],
      ],
      systemStatistics: () => host.systemStatistics(connect.runDirectory, pidFilePath(this.daemon)),
      cores: host.cores,
      interfaceTypes: [
        ...new Set([...realTypes, ...(options.dummies === undefined ? [] : ['dummy']), ...devices.dummyTypes]),
      ],
      datapathTypes: options.dummies === undefined ? ['netdev', 'system'] : ['dummy', 'netdev', 'system'],
    })
    known = vswitchd
    this.listenForBridges(vswitchd, network)
    const stopRefreshing = vswitchd.keepRefreshing()
    const stopLooking = vswitchd.coverage.keepLooking(clock)
    const stopReports = reportMemory(clock, log, host.peakMemory, () => memoryUsage(vswitchd))
    this.stay.add(() => {
      stopRefreshing()
      stopReports()
      stopLooking()
      vswitchd.close()
      sw.close()
    })
    return vswitchd
  }

  /** Lets programs talk to each bridge, by `BRIDGE.mgmt` and `BRIDGE.snoop` in the run directory. */
  private listenForBridges(vswitchd: Vswitchd, network: Network): void {
    const { runDirectory, system } = this.connect
    const stops = new Map<string, (() => void)[]>()
    vswitchd.watchAgents((agent, what) => {
      const { name } = agent.bridge
      const target = `punix:${runDirectory}/${name}.mgmt`
      const sayAdded = (): void => this.say('connmgr', 'info', `${name}: added service controller "${target}"`)
      if (what === 'changed') {
        this.say('connmgr', 'info', `${name}: ${changedController(target)}`)
        sayAdded()
        return
      }
      for (const stop of stops.get(name) ?? []) stop()
      stops.delete(name)
      if (what === 'removed') return
      const listen = (suffix: string, accept: Parameters<Network['listen']>[1]): void => {
        const path = `${runDirectory}/${name}.${suffix}`
        const stop = network.listen(`punix:${path}`, accept)
        const stopAll = (): void => {
          if (typeof stop !== 'string') stop()
          system?.removeFile(path)
        }
        stops.set(name, [...(stops.get(name) ?? []), stopAll])
      }
      listen('mgmt', duplex => void agent.accept(duplex, { kind: 'service' }))
      listen('snoop', duplex => agent.snoop(duplex))
      sayAdded()
    })
  }

  private commands(vswitchd: () => Vswitchd): ControlCommands {
    const ofSwitch = Object.entries(switchCommands).map(
      ([name, { run, ...callable }]) => [name, answering(callable, args => run(vswitchd(), args))] as const,
    )
    return {
      ...Object.fromEntries(ofSwitch),
      ...timeCommands(this.host.time),
      exit: answering({ usage: '[--cleanup]', min: 0, max: 1 }, () => this.exit()),
    }
  }

  /** Ends once the answer is on its way. */
  private exit(): Reply {
    const { clock } = this.connect
    clock.at(clock.now(), () => this.end(0))
    return reply('')
  }

  /** Waits for the database, and for the bridges to be as it wants them. Another process may have them for now. */
  private *tellWhenReady({ client }: Vswitchd): Task<void> {
    while (!client.isSynced || !client.hasLock) yield client.changed.wait
    this.say('bridge', 'info', version)
    yield* goOn(this.daemon)
  }

  /** Bridges go with the process that made them: nothing of theirs is in the kernel. */
  private *takeDown(vswitchd: Vswitchd): Task<void> {
    vswitchd.close()
    vswitchd.hand.run(plan(vswitchd.hand.present(), []), [])
    yield* flushLog(this.daemon)
  }

  private end(status: number): void {
    this.status ??= status
    this.changed.wake()
  }

  private *untilEnd(): Task<void> {
    while (this.status === undefined) {
      yield* flushLog(this.daemon)
      if (this.status === undefined) yield this.changed.wait
    }
    yield* flushLog(this.daemon)
  }
}

/** What the switch makes, beside dummies. */
const realTypes = ['internal', 'patch', 'system', 'tap', 'vxlan']
