import { setOf } from '../../ovsdb/datum.ts'
import { schemaVersion } from '../../ovsdb/schemas/open-vswitch.ts'
import type { Task } from '../../runtime/index.ts'
import type { Committed, Transaction } from '../../vswitchd/config.ts'
import type { Vswitchd } from '../../vswitchd/vswitchd.ts'
import { logLine, type Program, type Stdio } from '../program.ts'
import { bridgeCommands } from './bridges.ts'
import { type Call, type NamedRow, textOf } from './command.ts'
import { type Parsed, parseCommandLine, type Step } from './command-line.ts'
import { controllerCommands } from './controllers.ts'
import { vsctlHelp } from './help.ts'
import { portCommands } from './ports.ts'
import { recordCommands, tryAgain } from './records.ts'
import { showCommands } from './show.ts'
import { sslCommands } from './ssl.ts'

const commands = {
  ...bridgeCommands,
  ...portCommands,
  ...controllerCommands,
  ...sslCommands,
  ...showCommands,
  ...recordCommands,
}

/** What one run of all the commands came to. */
type Ran = {
  lines: string[][]
  made: string[]
  failed?: string
  status?: number
  waiting?: boolean
  committed?: Committed
}

/** `ovs-vsctl`: several commands, one transaction, all or nothing. */
export const vsctl: Program = function* (args, stdio, connect) {
  const name = 'ovs-vsctl'
  const parsed = parseCommandLine(args.slice(1), commands)
  if (!parsed.ok) return yield* fail(stdio, `${name}: ${parsed.error}`)
  const { global, steps } = parsed
  if (global.version) {
    yield* stdio.print(`${name} (Open vSwitch) 3.1.0\nDB Schema ${schemaVersion}\n`)
    return 0
  }
  if (global.help) {
    yield* stdio.print(vsctlHelp)
    return 0
  }
  const daemon = connect.vswitchd()
  if (daemon === undefined) {
    const socket = global.db ?? 'unix:/var/run/openvswitch/db.sock'
    return yield* fail(stdio, `${name}: ${socket}: database connection failed (No such file or directory)`)
  }
  daemon.refresh()
  for (;;) {
    const warnings: string[] = []
    const warn = (module: string, text: string): void => {
      warnings.push(logLine(connect.wallTime(), warnings.length + 2, module, 'WARN', text))
    }
    const ran: Ran = { lines: [], made: [] }
    const committed = daemon.config.transact(transaction => {
      runSteps(steps, global, transaction, warn, ran)
      return ran.failed === undefined && ran.status === undefined && ran.waiting !== true && !global.dryRun
    })
    for (const warning of warnings) yield* stdio.error(warning)
    if (ran.waiting) {
      yield resume => daemon.config.watch(resume)
      continue
    }
    if (ran.failed !== undefined) return yield* fail(stdio, `${name}: ${ran.failed}`)
    if (!committed.ok) {
      const text = `transaction error: ${JSON.stringify(committed.error)}`
      yield* stdio.error(logLine(connect.wallTime(), warnings.length + 2, 'ovsdb_idl', 'WARN', text))
      return yield* fail(stdio, `${name}: ${text}`)
    }
    yield* printLines(stdio, ran.lines, global.oneline)
    if (!global.noWait && !global.dryRun) yield* reportErrors(stdio, daemon, ran.made)
    return ran.status ?? 0
  }
}

const runSteps = (
  steps: readonly Step[],
  global: Parsed['global'],
  transaction: Transaction,
  warn: Call['warn'],
  ran: Ran,
): void => {
  const names = new Map<string, NamedRow>()
  for (const { command, args, options, text } of steps) {
    const lines: string[] = []
    const verdict = command.run({
      transaction,
      args,
      options,
      lines,
      text,
      names,
      warn,
      output: global.output,
      made: ran.made,
    })
    ran.lines.push(lines)
    if (verdict === undefined) continue
    if (typeof verdict === 'string') ran.failed = verdict
    else if (verdict === tryAgain) ran.waiting = true
    else ran.status = verdict
    return
  }
  for (const [id, named] of names) {
    if (!named.created) {
      ran.failed = `row id "${id}" is referenced but never created (e.g. with "-- --id=${id} create ...")`
      return
    }
    if (!named.used) {
      warn(
        'vsctl',
        `row id "${id}" was created but no reference to it was inserted, so it will not actually appear in the database`,
      )
    }
  }
  if (steps.some(step => step.changes) && !global.noWait) {
    const root = transaction.rows('Open_vSwitch')[0]!
    transaction.update(root, { next_cfg: setOf(Number(root.columns.next_cfg?.keys[0] ?? 0) + 1) })
  }
}

/** Says which of the new interfaces the daemon could not set up. */
function* reportErrors(stdio: Stdio, daemon: Vswitchd, made: readonly string[]): Task<void> {
  let any = false
  for (const uuid of made) {
    const row = daemon.config.row('Interface', uuid)
    if (row === undefined || row.columns.ofport?.keys[0] !== -1) continue
    const why = textOf(row, 'error')
    const what = `Error detected while setting up '${textOf(row, 'name')}'`
    yield* stdio.error(`ovs-vsctl: ${what}${why === '' ? '' : `: ${why}`}.  See ovs-vswitchd log for details.`)
    any = true
  }
  if (any) yield* stdio.error('ovs-vsctl: The default log directory is "/var/log/openvswitch".')
}

function* printLines(stdio: Stdio, steps: readonly string[][], oneline: boolean): Task<void> {
  for (const lines of steps) {
    if (oneline) yield* stdio.print(`${lines.map(line => line.replaceAll('\\', '\\\\')).join('\\n')}\n`)
    else if (lines.length > 0) yield* stdio.print(`${lines.join('\n')}\n`)
  }
}

function* fail(stdio: Stdio, text: string): Task<number> {
  yield* stdio.error(text)
  return 1
}
