/**
 * `ovsdb-server` (ovsdb-server(1)): serves databases to clients. What it needs of the computer, files and sockets, is
 * handed in (`host.ts`).
 *
 * | file | what it does |
 * |---|---|
 * | `options.ts`, `help.ts`, `modules.ts` | the command line |
 * | `databases.ts` | databases in their files |
 * | `remotes.ts`, `remote.ts`, `remote-row.ts`, `status.ts` | where clients come from, also as the database has it |
 * | `replication.ts` | follows another server |
 * | `commands.ts`, `memory.ts`, `table-log.ts` | the control socket |
 */
import { Server, Service } from '../../ovsdb/index.ts'
import { every, millisecond, Signal, start, type Task } from '../../runtime/index.ts'
import { Coverage } from '../../vswitchd/unixctl/coverage.ts'
import { controlCounters, coverageCommands } from '../control-commands.ts'
import { type Daemon, flushLog, goOn, holdPidFile, openControl, otherParts, Stay } from '../daemon/index.ts'
import type { Connect, Stdio, TlsWords } from '../program.ts'
import { openLog } from '../vlog/index.ts'
import { serverCommands } from './commands.ts'
import { Databases } from './databases.ts'
import { ovsdbServerHelp } from './help.ts'
import type { DatabaseHost } from './host.ts'
import { memoryUse, watchMemory } from './memory.ts'
import { ovsdbServerModules } from './modules.ts'
import { type Options, parseOptions } from './options.ts'
import { isInDatabase, placeOf, wordAt } from './remote-row.ts'
import { Remotes } from './remotes.ts'
import { Replication } from './replication.ts'
import { TableLog } from './table-log.ts'

const program = 'ovsdb-server'
const version = 'ovsdb-server (Open vSwitch) 3.1.0'

/** How often rows of the database are told of their remotes. */
const statusInterval = 2500 * millisecond
const bySignal = 128
const signalNames: Readonly<Record<string, string>> = { SIGTERM: 'Terminated', SIGINT: 'Interrupt', SIGHUP: 'Hangup' }

export function* ovsdbServer(
  args: readonly string[],
  stdio: Stdio,
  connect: Connect,
  host: DatabaseHost,
): Task<number> {
  const parsed = parseOptions(args.slice(1))
  if (!parsed.ok) return yield* refuse(stdio, parsed.error)
  const { options, words } = parsed
  if (options.shows !== undefined) {
    const { databaseDirectory } = host
    const help = ovsdbServerHelp(databaseDirectory, connect.runDirectory, connect.system?.logDirectory ?? '')
    yield* stdio.print(options.shows === 'help' ? help : `${version}\n`)
    return 0
  }
  const elsewhere = yield* otherParts({ program, modules: ovsdbServerModules }, options, stdio, connect)
  if (elsewhere !== undefined) return elsewhere
  const usual = options.noDatabases ? [] : [`${host.databaseDirectory}/conf.db`]
  return yield* new ServerProgram(options, words.length > 0 ? words : usual, stdio, connect, host).run()
}

function* refuse(stdio: Stdio, text: string): Task<number> {
  yield* stdio.error(`${program}: ${text}`)
  return 1
}

/** TLS words that may stand in a database. */
const placed = ['privateKey', 'certificate', 'caCertificate'] as const

class ServerProgram {
  private readonly options: Options
  private readonly names: readonly string[]
  private readonly connect: Connect
  private readonly stdio: Stdio
  private readonly host: DatabaseHost
  private readonly daemon: Daemon
  private readonly usableLog: boolean
  private readonly server: Server
  private readonly databases: Databases
  private readonly remotes: Remotes
  private readonly replication: Replication
  private readonly tableLog: TableLog
  private readonly stay = new Stay()
  private readonly coverage: Coverage
  private readonly changed = new Signal()
  private tls: TlsWords
  private tlsText: string | undefined
  private clients = 0
  private reconfigures = false
  private status: number | undefined

  constructor(options: Options, names: readonly string[], stdio: Stdio, connect: Connect, host: DatabaseHost) {
    this.options = options
    this.names = names
    this.connect = connect
    this.stdio = stdio
    this.host = host
    this.tls = options.tls
    const { clock } = connect
    const { log, usable } = openLog(connect, { program, modules: ovsdbServerModules, steps: options.logging })
    this.usableLog = usable
    this.daemon = { program, options, connect, stdio, log, counters: controlCounters() }
    this.coverage = new Coverage(() => Object.entries(this.daemon.counters))
    this.server = new Server(clock, host.random)
    const world = { sha1: host.sha1, date: connect.wallTime, log: this.say }
    const lockHolder = (path: string): number | string => connect.system?.lockHolder(path) ?? 'unknown'
    this.databases = new Databases(this.server, host, world, clock, options.asDifferences, lockHolder)
    this.tableLog = new TableLog(this.server, this.say)
    this.replication = new Replication(this.server, {
      clock,
      random: host.random,
      log: this.say,
      dial: (remote, done) => {
        const dialing = start(host.dial(remote, this.tls), { done })
        return () => dialing.stop()
      },
      turned: () => this.remotes.reconnect('user switched the server between active and backup'),
    })
    this.remotes = new Remotes(this.server, {
      clock,
      host,
      log: this.say,
      service: new Service(this.server),
      readOnly: () => this.replication.isBackup,
      tls: () => this.tls,
      unixName: () => `unix#${this.clients++}`,
    })
  }

  private readonly say = (module: string, level: 'emer' | 'err' | 'warn' | 'info' | 'dbg', text: string): void => {
    this.daemon.log.add(module, level, text)
    if (this.daemon.log.lines.length > 0) this.changed.wake()
  };

  *run(): Task<number> {
    const { daemon, stay, connect } = this
    if (!this.usableLog) return yield* this.fail()
    try {
      stay.add(this.coverage.keepLooking(connect.clock))
      const wrong = holdPidFile(daemon, stay) ?? this.openDatabases() ?? (yield* this.openRemotes())
      if (wrong !== undefined) return yield* this.fail(wrong)
      if ((yield* this.control()) !== undefined) return yield* this.fail()
      const cancelSignals = connect.system?.onSignal((name, number) => {
        this.say('fatal_signal', 'warn', `terminating with signal ${number} (${signalNames[name] ?? name})`)
        this.end(bySignal + number)
      })
      stay.add(() => cancelSignals?.())
      if (this.options.run !== undefined) this.runBeside(this.options.run)
      yield* goOn(daemon)
      if (this.options.run === undefined) this.say('ovsdb_server', 'info', version)
      yield* this.untilEnd()
      return this.status ?? 0
    } finally {
      this.replication.end()
      this.remotes.close()
      this.databases.close()
      stay.end()
    }
  }

  private *fail(text?: string): Task<number> {
    yield* flushLog(this.daemon)
    return text === undefined ? 1 : yield* refuse(this.stdio, text)
  }

  private openDatabases(): string | undefined {
    for (const name of new Set(this.names)) {
      const wrong = this.databases.open(name)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }

  /** Opens all remotes; those that cannot be are tried again later. */
  private *openRemotes(): Task<string | undefined> {
    const { options, remotes, server, replication } = this
    const wrong = options.remotes.map(name => remotes.add(name)).filter(text => text !== undefined)
    for (const each of placed) {
      const word = options.tls[each]
      const place = word !== undefined && isInDatabase(word) ? placeOf(server, word) : undefined
      if (typeof place === 'string') wrong.push(place)
    }
    if (wrong.length > 0) return `${wrong.join('\n')}\n`
    this.takeTls()
    if (options.syncExclude !== undefined) replication.exclude(options.syncExclude)
    replication.source = options.syncFrom
    if (options.syncFrom !== undefined && !options.active) replication.begin()
    const opened = new Signal()
    let isOpen = false
    remotes.update(() => {
      isOpen = true
      opened.wake()
    })
    while (!isOpen) yield opened.wait
    this.stay.add(
      server.watch((served, commit) => {
        this.tableLog.note(served.name, commit)
        const concerned = commit.changes.some(({ row }) => this.concerns(served.name, row.table.name))
        if (concerned) this.reconfigureSoon()
      }),
    )
    const { clock } = this.connect
    this.stay.add(every(clock, statusInterval, () => remotes.refresh()))
    const peak = (): number => this.host.peakMemory()
    this.stay.add(watchMemory(clock, peak, () => memoryUse(server), this.say))
    return undefined
  }

  private *control(): Task<string | undefined> {
    const { server, databases, remotes, tableLog, replication, say } = this
    const reconfigure = (): void => this.reconfigure()
    // Once it is answered.
    const { clock } = this.connect
    const exit = (): void => void clock.at(clock.now() + millisecond, () => this.end(0))
    const own = serverCommands({ server, databases, remotes, tableLog, replication, log: say, reconfigure, exit })
    const commands = { ...own, ...coverageCommands(this.coverage) }
    return yield* openControl(this.daemon, this.stay, commands)
  }

  private concerns(database: string, table: string): boolean {
    if (this.remotes.concerns(database, table)) return true
    return placed.some(each => this.options.tls[each]?.startsWith(`db:${database},${table},`) === true)
  }

  /** Once for all commits that come together. */
  private reconfigureSoon(): void {
    if (this.reconfigures) return
    this.reconfigures = true
    const { clock } = this.connect
    clock.at(clock.now(), () => {
      this.reconfigures = false
      this.reconfigure()
    })
  }

  private reconfigure(): void {
    if (this.status !== undefined) return
    if (this.takeTls()) this.remotes.renewTls()
    else this.remotes.update()
  }

  /** Takes the words for TLS that stand in databases; whether they are other ones than before. */
  private takeTls(): boolean {
    const words: TlsWords = { ...this.options.tls }
    for (const each of placed) {
      const word = words[each]
      if (word === undefined || !isInDatabase(word)) continue
      const place = placeOf(this.server, word)
      const found = typeof place === 'string' ? undefined : wordAt(place)
      if (found === undefined) delete words[each]
      else words[each] = found
    }
    const text = JSON.stringify(words)
    if (text === this.tlsText) return false
    this.tlsText = text
    this.tls = text === '{}' ? {} : (this.connect.system?.checkTls({ tls: words, log: this.daemon.log.warn }) ?? {})
    return true
  }

  private runBeside(command: string): void {
    start(this.host.runShell(command), {
      done: ({ ok, how }) => {
        if (ok) this.end(0)
        else start(refuse(this.stdio, `${command}: child exited, ${how}`), { done: () => this.end(1) })
      },
    })
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
