/**
 * `ovs-testcontroller` (ovs-testcontroller(8)): a controller that makes of switches what they would be without one. What
 * it needs of the computer is handed in (`host.ts`); `learning-switch.ts` is what it does with each switch.
 */
import { type FileFlow, parseFlowFile } from '../../openflow/index.ts'
import { type Duplex, fromUtf8, type Level, Signal, start, type Task } from '../../runtime/index.ts'
import { pump } from '../../switch/agent/pump.ts'
import { type Daemon, flushLog, goOn, holdPidFile, openControl, otherParts, Stay } from '../daemon/index.ts'
import { sayListenFailure } from '../db-remotes.ts'
import type { Connect, Stdio, TlsWords } from '../program.ts'
import { openLog } from '../vlog/index.ts'
import { testcontrollerHelp } from './help.ts'
import type { ControllerHost } from './host.ts'
import { LearningSwitch } from './learning-switch.ts'
import { testcontrollerModules } from './modules.ts'
import { type Options, parseOptions } from './options.ts'

const program = 'ovs-testcontroller'
const version = 'ovs-testcontroller (Open vSwitch) 3.1.0\nOpenFlow versions 0x1:0x6\n'
const bySignal = 128
const signalNames: Readonly<Record<string, string>> = { SIGTERM: 'Terminated', SIGINT: 'Interrupt', SIGHUP: 'Hangup' }

export function* testcontroller(
  args: readonly string[],
  stdio: Stdio,
  connect: Connect,
  host: ControllerHost,
): Task<number> {
  const parsed = parseOptions(args.slice(1))
  if (!parsed.ok) return yield* refuse(stdio, parsed.error)
  const { options, words } = parsed
  if (options.shows !== undefined) {
    const help = testcontrollerHelp(connect.runDirectory, connect.system?.logDirectory ?? '/var/log/openvswitch')
    yield* stdio.print(options.shows === 'help' ? help : version)
    return 0
  }
  if (options.passedOver !== undefined) yield* stdio.error(`${program}: ${options.passedOver}`)
  if (words.length === 0) return yield* refuse(stdio, 'at least one vconn argument required; use --help for usage')
  const elsewhere = yield* otherParts({ program, modules: testcontrollerModules }, options, stdio, connect)
  if (elsewhere !== undefined) return elsewhere
  return yield* new ControllerProgram(options, words, stdio, connect, host).run()
}

function* refuse(stdio: Stdio, text: string): Task<number> {
  yield* stdio.error(`${program}: ${text}`)
  return 1
}

class ControllerProgram {
  private readonly options: Options
  private readonly targets: readonly string[]
  private readonly connect: Connect
  private readonly stdio: Stdio
  private readonly host: ControllerHost
  private readonly daemon: Daemon
  private readonly usableLog: boolean
  private readonly stay = new Stay()
  private readonly changed = new Signal()
  private readonly switches = new Set<Duplex>()
  private flows: FileFlow[] = []
  private listeners = 0
  private status: number | undefined

  constructor(options: Options, targets: readonly string[], stdio: Stdio, connect: Connect, host: ControllerHost) {
    this.options = options
    this.targets = targets
    this.connect = connect
    this.stdio = stdio
    this.host = host
    const { log, usable } = openLog(connect, { program, modules: testcontrollerModules, steps: options.logging })
    this.usableLog = usable
    this.daemon = { program, options, connect, stdio, log, counters: {} }
  }

  private readonly say = (module: string, level: Level, text: string): void => {
    this.daemon.log.add(module, level, text)
    if (this.daemon.log.lines.length > 0) this.changed.wake()
  };

  *run(): Task<number> {
    const { daemon, stay, connect } = this
    if (!this.usableLog) return yield* this.fail()
    try {
      const wrong = yield* this.readFlows()
      if (wrong !== undefined) return yield* this.fail(wrong)
      const tls = this.takeTls()
      for (const target of this.targets) yield* this.open(target, tls)
      if (this.listeners === 0 && this.switches.size === 0)
        return yield* this.fail('no active or passive switch connections')
      const held = holdPidFile(daemon, stay)
      if (held !== undefined) return yield* this.fail(held)
      if ((yield* openControl(daemon, stay, {})) !== undefined) return yield* this.fail()
      const cancelSignals = connect.system?.onSignal((name, number) => {
        this.say('fatal_signal', 'warn', `terminating with signal ${number} (${signalNames[name] ?? name})`)
        this.end(bySignal + number)
      })
      stay.add(() => cancelSignals?.())
      yield* goOn(daemon)
      yield* this.untilEnd()
      return this.status ?? 0
    } finally {
      for (const duplex of this.switches) duplex.close()
      stay.end()
    }
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

  /** A text is what is wrong with a file. */
  private *readFlows(): Task<string | undefined> {
    for (const file of this.options.flowFiles) {
      const bytes = file === '-' ? yield* this.stdio.readAll() : this.connect.readFile(file)
      if (typeof bytes === 'string') return `${file}: open failed (${bytes})`
      const read = parseFlowFile(fromUtf8(bytes), file, 'add', { warn: this.daemon.log.warn })
      if (!read.ok) return read.error
      this.flows.push(...read.flows)
    }
    return undefined
  }

  private *open(target: string, tls: TlsWords): Task<void> {
    if (/^p(tcp|ssl|unix):/.test(target)) {
      const result = yield* this.host.listen(target, (duplex, name) => this.serve(duplex, name), tls)
      if (typeof result !== 'string') {
        this.listeners++
        this.stay.add(() => result.close())
        return
      }
      sayListenFailure(this.say, target, result)
      this.sayFailure(target, result)
      return
    }
    const result = yield* this.host.dial(target, tls)
    if (typeof result === 'string') this.sayFailure(target, result)
    else this.serve(result, target)
  }

  private sayFailure(target: string, why: string): void {
    this.say('controller', 'err', `${target}: connect: ${why}`)
  }

  private serve(duplex: Duplex, name: string): void {
    const { clock } = this.connect
    const learning = new LearningSwitch({ ...this.options.learning, flows: this.flows }, clock.now())
    this.switches.add(duplex)
    this.say('rconn', 'dbg', `${name}: entering ACTIVE`)
    const serving = start(
      pump(learning.session, duplex, clock, {
        handle: message => learning.handle(clock.now(), message),
        more: () => false,
        agreed: () => learning.begin(),
        drained: () => {},
        changed: new Signal(),
      }),
      {
        done: why => {
          this.switches.delete(duplex)
          duplex.close()
          this.say('rconn', 'dbg', `${name}: ${why}`)
          this.changed.wake()
        },
      },
    )
    this.stay.add(() => serving.stop())
  }

  private end(status: number): void {
    this.status ??= status
    this.changed.wake()
  }

  /** It ends by itself when there is no switch, and nowhere for one to come from. */
  private *untilEnd(): Task<void> {
    while (this.status === undefined && (this.listeners > 0 || this.switches.size > 0)) {
      yield* flushLog(this.daemon)
      if (this.status === undefined) yield this.changed.wait
    }
    yield* flushLog(this.daemon)
  }
}
