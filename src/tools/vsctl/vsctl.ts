import type { ClientTransaction } from '../../ovsdb/client/transaction.ts'
import { schemaVersion } from '../../ovsdb/schemas/open-vswitch.ts'
import type { Task } from '../../runtime/index.ts'
import { flushLog } from '../daemon/index.ts'
import { bounded } from '../endings.ts'
import type { Connect, Program, Stdio } from '../program.ts'
import { type Log, openLog, setLevel } from '../vlog/index.ts'
import { autoAttachCommands } from './auto-attach.ts'
import { bridgeCommands } from './bridges.ts'
import { type Call, type NamedRow, Needs, textOf, type VsctlCommands } from './command.ts'
import { type Global, parseCommandLine, type Step, vsctlOptionList } from './command-line.ts'
import { controllerCommands } from './controllers.ts'
import { VsctlDatabase } from './database.ts'
import { vsctlHelp } from './help.ts'
import { Model, root } from './model.ts'
import { vsctlModules } from './modules.ts'
import { portCommands } from './ports.ts'
import { recordCommands, tryAgain } from './records.ts'
import { showCommands } from './show.ts'
import { sslCommands } from './ssl.ts'
import { listCommands } from './usage.ts'
import { zoneCommands } from './zones.ts'

const program = 'ovs-vsctl'

/** All commands, by name. */
export const vsctlCommands: VsctlCommands = {
  ...bridgeCommands,
  ...portCommands,
  ...controllerCommands,
  ...sslCommands,
  ...autoAttachCommands,
  ...zoneCommands,
  ...showCommands,
  ...recordCommands,
}

/** `ovs-vsctl`: several commands, one transaction, all or nothing. */
export const vsctl: Program = function* (args, stdio, connect) {
  const parsed = parseCommandLine(args.slice(1), vsctlCommands)
  if (!parsed.ok) {
    const { log } = openLog(connect, { program, modules: vsctlModules, steps: parsed.logging })
    return yield* fail({ log, stdio }, parsed.error)
  }
  const { global, steps } = parsed
  if (global.shows !== undefined) {
    yield* stdio.print(shown(global.shows, connect))
    return 0
  }
  const { log, usable } = openLog(connect, { program, modules: vsctlModules, steps: global.logging })
  const line = [program, ...args.slice(1)].map(quoted).join(' ')
  log.add('vsctl', steps.some(step => step.changes) ? 'info' : 'dbg', `Called as ${line}`)
  if (!usable) {
    yield* flushLog({ log, stdio })
    return 1
  }
  const needs = new Needs()
  needs.add('Open_vSwitch', ...(global.noWait ? [] : ['next_cfg', 'cur_cfg']))
  for (const { command, args: words, options } of steps) {
    const wrong = command.needs(needs, words, options)
    for (const [module, text] of needs.warnings.splice(0)) log.warn(module, text)
    if (wrong === undefined) continue
    return yield* fail({ log, stdio }, wrong)
  }
  const run = new Run({ stdio, connect, log, global, steps, needs, line })
  return yield* bounded({ log, stdio, connect, options: global }, run.all())
}

const shown = (what: NonNullable<Global['shows']>, connect: Connect): string => {
  if (what === 'help') return vsctlHelp(connect.runDirectory, connect.system?.logDirectory)
  if (what === 'options') return vsctlOptionList
  if (what === 'version') return `${program} (Open vSwitch) 3.1.0\nDB Schema ${schemaVersion}\n`
  return listCommands(vsctlCommands)
}

/** A word as a shell would have to be given it. */
const quoted = (word: string): string =>
  word !== '' && !/[ \t\r\n\v\f\\'"]/.test(word) ? word : `"${word.replace(/[\\"]/g, letter => `\\${letter}`)}"`

type World = {
  stdio: Stdio
  connect: Connect
  log: Log
  global: Global
  steps: readonly Step[]
  needs: Needs
  /** All words, for the log of the database. */
  line: string
}

/** What one attempt at all the commands came to. */
type Said = { lines: string[]; table: string[] }
type Ran = { said: Said[]; made: string[]; failed?: string; status?: number; waiting?: boolean }

/** One call: attempts until one goes through. */
class Run {
  private readonly world: World

  constructor(world: World) {
    this.world = world
  }

  *all(): Task<number> {
    const { connect, global, log, needs } = this.world
    const tls = Object.keys(global.tls).length === 0 ? {} : this.checkedTls()
    const database = new VsctlDatabase(connect, global, { tls, log: log.warn }, needs)
    try {
      for (;;) {
        const why = yield* database.reached()
        if (why !== undefined) return yield* this.fail(`${database.name}: database connection failed (${why})`)
        const status = yield* this.once(database)
        if (status !== undefined) return status
      }
    } finally {
      database.close()
    }
  }

  private checkedTls(): Global['tls'] {
    const { connect, global, log } = this.world
    return connect.system?.checkTls({ tls: global.tls, log: log.warn }) ?? global.tls
  }

  /** One attempt; undefined if there is to be another. */
  private *once(database: VsctlDatabase): Task<number | undefined> {
    const { global, log, stdio, line } = this.world
    const { client, changes } = database
    const transaction = client.transaction()
    const { parent } = this.world.connect.system ?? {}
    transaction.comment(`${program}${parent === undefined ? '' : ` (invoked by ${parent})`}: ${line}`)
    if (global.dryRun) transaction.dryRun()
    const { ran, warnings } = this.runSteps(transaction)
    if (ran.waiting) {
      yield* database.changedSince(changes)
      return undefined
    }
    for (const [module, text] of warnings) log.warn(module, text)
    if (ran.failed !== undefined) return yield* this.fail(ran.failed)
    if (ran.status !== undefined) {
      yield* flushLog({ log, stdio })
      return ran.status
    }
    const top = root(transaction)
    const waits = !global.noWait && top !== undefined && !transaction.isEmpty
    if (waits) transaction.increment(top, 'next_cfg')
    const status = yield* transaction.commitAndWait()
    if (status === 'try again') {
      yield* database.changedSince(changes)
      return undefined
    }
    if (status === 'error') {
      log.warn('ovsdb_idl', `transaction error: ${transaction.error}`)
      return yield* this.fail(`transaction error: ${transaction.error}`)
    }
    yield* flushLog({ log, stdio })
    yield* this.print(ran.said, transaction)
    if (waits && status === 'success') yield* this.awaitSwitch(database, transaction, ran.made)
    return 0
  }

  private runSteps(transaction: ClientTransaction): { ran: Ran; warnings: [string, string][] } {
    const { global, steps } = this.world
    const ran: Ran = { said: [], made: [] }
    const warnings: [string, string][] = []
    const warn: Call['warn'] = (module, text) => void warnings.push([module, text])
    const names = new Map<string, NamedRow>()
    const model = new Model(transaction)
    if (transaction.rows('Open_vSwitch').length === 0) transaction.insert('Open_vSwitch')
    for (const { command, args, options, text } of steps) {
      const said: Said = { lines: [], table: [] }
      const { style } = global
      const verdict = command.run({
        transaction,
        model,
        args,
        options,
        ...said,
        text,
        names,
        warn,
        style,
        made: ran.made,
      })
      ran.said.push(said)
      if (verdict === undefined) continue
      if (typeof verdict === 'string') ran.failed = verdict
      else if (verdict === tryAgain) ran.waiting = true
      else ran.status = verdict
      return { ran, warnings }
    }
    const wrong = checkNames(names, warn)
    return { ran: wrong === undefined ? ran : { ...ran, failed: wrong }, warnings }
  }

  /** Prints what the commands said; rows that they made are called as the database calls them. */
  private *print(steps: readonly Said[], transaction: ClientTransaction): Task<void> {
    const { stdio, global } = this.world
    for (const said of steps) {
      if (said.table.length > 0) {
        yield* stdio.print(`${said.table.join('\n')}\n`)
        continue
      }
      const lines = said.lines.map(line => transaction.realUuid(line) ?? line)
      if (global.oneline) yield* stdio.print(`${lines.map(line => line.replaceAll('\\', '\\\\')).join('\\n')}\n`)
      else if (lines.length > 0) yield* stdio.print(`${lines.join('\n')}\n`)
    }
  }

  /** Waits until the switch has done what was asked for, and says which of the new interfaces it could not set up. */
  private *awaitSwitch(database: VsctlDatabase, transaction: ClientTransaction, made: readonly string[]): Task<void> {
    const { stdio, connect } = this.world
    const { client } = database
    const [top] = client.rows('Open_vSwitch')
    const wanted = top && transaction.sumOf(top, 'next_cfg')
    if (top === undefined || wanted === undefined) return
    while (Number(client.row('Open_vSwitch', top.uuid)?.columns.cur_cfg?.keys[0] ?? 0) < wanted) {
      yield client.changed.wait
    }
    let any = false
    for (const uuid of made) {
      const row = client.row('Interface', transaction.realUuid(uuid) ?? uuid)
      const ofport = row?.columns.ofport?.keys[0] ?? -1
      if (row === undefined || ofport !== -1) continue
      const why = textOf(row, 'error')
      const what = `Error detected while setting up '${textOf(row, 'name')}'`
      yield* stdio.error(`${program}: ${what}${why === '' ? '' : `: ${why}`}.  See ovs-vswitchd log for details.`)
      any = true
    }
    const directory = connect.system?.logDirectory ?? '/var/log/openvswitch'
    if (any) yield* stdio.error(`${program}: The default log directory is "${directory}".`)
  }

  private *fail(text: string): Task<number> {
    return yield* fail(this.world, text)
  }
}

/** Names that stand for no row are an error, those of rows that nothing refers to a warning. */
const checkNames = (names: ReadonlyMap<string, NamedRow>, warn: Call['warn']): string | undefined => {
  for (const [id, named] of names) {
    if (!named.created) {
      return `row id "${id}" is referenced but never created (e.g. with "-- --id=${id} create ...")`
    }
    if (!named.used) {
      const what = `row id "${id}" was created but no reference to it was inserted`
      warn('vsctl', `${what}, so it will not actually appear in the database`)
    }
  }
  return undefined
}

/** Says what is wrong, to the log too, but not twice to whoever reads both. */
function* fail({ log, stdio }: { log: Log; stdio: Stdio }, text: string): Task<number> {
  setLevel(log.settings, 'db_ctl_base', 'console', 'off')
  log.add('db_ctl_base', 'err', text)
  yield* flushLog({ log, stdio })
  yield* stdio.error(`${program}: ${text}`)
  return 1
}
