/** `weft up` and `weft down`: a database and a switch that follows it, in the background, with places that are usual. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileLocks } from '../linux/index.ts'
import { DatabaseFile, sha1 } from '../node/database-file.ts'
import { sentence } from '../node/sentence.ts'
import { createLog, openVSwitch } from '../ovsdb/index.ts'

type Places = { run: string; database: string; log: string }

/** As Open vSwitch has them for root; others have their own. `OVS_RUNDIR`, `OVS_DBDIR` and `OVS_LOGDIR` overrule. */
const places = (): Places => {
  const { env } = process
  const isRoot = process.getuid?.() === 0
  const state = join(env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'weft')
  const own = {
    run: env.XDG_RUNTIME_DIR === undefined ? join(state, 'run') : join(env.XDG_RUNTIME_DIR, 'weft'),
    database: state,
    log: state,
  }
  const usual = { run: '/var/run/openvswitch', database: '/etc/openvswitch', log: '/var/log/openvswitch' }
  const found = isRoot ? usual : own
  return {
    run: env.OVS_RUNDIR ?? found.run,
    database: env.OVS_DBDIR ?? found.database,
    log: env.OVS_LOGDIR ?? found.log,
  }
}

const environment = ({ run, database, log }: Places): NodeJS.ProcessEnv => ({
  ...process.env,
  OVS_RUNDIR: run,
  OVS_DBDIR: database,
  OVS_LOGDIR: log,
})

/** The process that has a daemon's pid file, if it runs. */
const runningPid = ({ run }: Places, daemon: string): number | undefined => {
  const path = join(run, `${daemon}.pid`)
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    const locks = fileLocks()
    if (locks !== undefined) return locks.holder(path) === pid ? pid : undefined
    process.kill(pid, 0)
    return pid
  } catch {
    return undefined
  }
}

/** Runs this program again with other words; its status. */
const weft = (where: Places, ...words: string[]): number => {
  const [script = ''] = process.argv.slice(1)
  const command = [...process.execArgv, script, ...words]
  return (
    spawnSync(process.execPath, command, { env: environment(where), stdio: ['ignore', 'ignore', 'inherit'] }).status ??
    1
  )
}

/** With those above it. Node's own way of making those never ends in places where nothing can be made, such as /proc. */
const makeDirectory = (path: string): void => {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Unless somebody else made it meanwhile.
    if (!existsSync(path)) throw error
  }
}

/** Makes an empty database of a switch where there is none; a text says why it cannot. */
const makeDatabase = (path: string): string | undefined => {
  if (existsSync(path)) return undefined
  const file = DatabaseFile.open(path, { create: true })
  // Somebody else may have made it meanwhile.
  if (typeof file === 'string') return existsSync(path) ? undefined : file
  const fault = createLog(file, openVSwitch, { sha1, date: Date.now, log: () => {} })
  file.close()
  return fault === undefined ? undefined : `${path}: ${fault.error}`
}

/** The row that every switch's database has, if it is not there yet. */
const rootRow = [
  'Open_vSwitch',
  { op: 'wait', table: 'Open_vSwitch', timeout: 0, where: [], columns: ['_uuid'], until: '==', rows: [] },
  { op: 'insert', table: 'Open_vSwitch', row: {} },
]

const initialize = (path: string): Promise<string | undefined> =>
  new Promise(resolve => {
    const socket = connect(path, () => {
      socket.write(JSON.stringify({ method: 'transact', params: rootRow, id: 0 }))
    })
    socket.once('data', () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.once('error', error => resolve(`${path}: ${sentence(error)}`))
  })

const usage = (command: string, about: string): string => `usage: weft ${command}\n\n${about}\n`

const upUsage = usage(
  'up [OPTION]...',
  `Starts a database server and a switch that follows it, unless they run already. OPTIONs are those of
'weft vswitchd', such as --enable-dummy=override. The run directory is OVS_RUNDIR, the database is in OVS_DBDIR
and the logs are in OVS_LOGDIR; root has those of Open vSwitch without, and others their own.`,
)
const downUsage = usage('down', 'Stops the switch and the database server that `weft up` has started.')

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const complain = (text: string): number => {
  process.stderr.write(`weft up: ${text}\n`)
  return 1
}

const background = ['-vconsole:off', '--pidfile', '--log-file', '--detach']
const asksHelp = (args: readonly string[]): boolean => args[0] === '--help' || args[0] === '-h'

export const up = async (args: string[]): Promise<number> => {
  if (asksHelp(args)) {
    process.stdout.write(upUsage)
    return 0
  }
  const wrong = args.find(word => !word.startsWith('-'))
  if (wrong !== undefined) return complain(`'${wrong}' is no option`)
  const where = places()
  try {
    for (const directory of Object.values(where)) makeDirectory(directory)
  } catch (error) {
    return complain(`${(error as NodeJS.ErrnoException).path}: ${sentence(error)}`)
  }
  const file = join(where.database, 'conf.db')
  const socket = join(where.run, 'db.sock')
  if (runningPid(where, 'ovsdb-server') === undefined) {
    const failed = makeDatabase(file)
    if (failed !== undefined) return complain(failed)
    const remotes = [`--remote=punix:${socket}`, '--remote=db:Open_vSwitch,Open_vSwitch,manager_options']
    const status = weft(where, 'ovsdb-server', file, ...remotes, ...background)
    if (status !== 0) return complain(`the database server does not start; ${where.log}/ovsdb-server.log may say why`)
    const failedRow = await initialize(socket)
    if (failedRow !== undefined) return complain(failedRow)
  }
  say(`database: ${file}, at unix:${socket} (pid ${runningPid(where, 'ovsdb-server')})`)
  if (runningPid(where, 'ovs-vswitchd') === undefined) {
    const status = weft(where, 'vswitchd', `unix:${socket}`, ...background, ...args)
    if (status !== 0) return complain(`the switch does not start; ${where.log}/ovs-vswitchd.log may say why`)
  }
  say(`switch: ${where.run} (pid ${runningPid(where, 'ovs-vswitchd')})`)
  if (process.env.OVS_RUNDIR === undefined && where.run !== '/var/run/openvswitch')
    say(`for ovs-vsctl and the others: export OVS_RUNDIR=${where.run}`)
  return 0
}

/** How long an end may take, in ms. */
const patience = 5000

/** Whether it has let go of its pid file in time. */
const gone = async (where: Places, daemon: string): Promise<boolean> => {
  for (let waited = 0; waited < patience; waited += 20) {
    if (runningPid(where, daemon) === undefined) return true
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return false
}

export const down = async (args: string[]): Promise<number> => {
  if (asksHelp(args)) {
    process.stdout.write(downUsage)
    return 0
  }
  if (args.length > 0) {
    process.stderr.write('weft down: takes no words\n')
    return 2
  }
  const where = places()
  let failed = 0
  for (const [name, daemon] of [
    ['switch', 'ovs-vswitchd'],
    ['database', 'ovsdb-server'],
  ] as const) {
    const pid = runningPid(where, daemon)
    if (pid === undefined) {
      say(`${name}: does not run`)
      continue
    }
    weft(where, 'ovs-appctl', '-t', join(where.run, `${daemon}.${pid}.ctl`), 'exit')
    if (await gone(where, daemon)) say(`${name}: stopped`)
    else {
      process.stderr.write(`weft down: ${name}: process ${pid} does not end\n`)
      failed = 1
    }
  }
  return failed
}
