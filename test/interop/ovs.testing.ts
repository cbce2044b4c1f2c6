import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Open vSwitch with dummy devices in a folder of its own: nothing of the machine's network is touched. */
export type DummyOvs = {
  /** Its run directory. */
  directory: string
  vsctl(...args: string[]): string
  ofctl(args: string[], input?: string): string
  /** A command of `ovs-appctl`, over the control socket itself: a process for each would be slow. */
  appctl(command: string, ...args: string[]): Promise<string>
  stop(): void
}

/** Whether the tools are installed. */
export const hasOvs = (): boolean => {
  try {
    execFileSync('ovs-vswitchd', ['--version'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

/** `dummies` says which devices are dummies: all, or with `--enable-dummy` those of type `dummy`, and tunnels are real. */
export const startOvs = (dummies = '--enable-dummy=override'): DummyOvs => {
  removeLeft()
  const dir = mkdtempSync(join(tmpdir(), prefix))
  writeFileSync(join(dir, ownerFile), ownerOf(process.pid) as string)
  const env = { ...process.env, OVS_RUNDIR: dir, OVS_LOGDIR: dir, OVS_DBDIR: dir }
  const run = (command: string, args: string[], input?: string): string =>
    execFileSync(command, args, { env, encoding: 'utf8', stdio: 'pipe', ...(input === undefined ? {} : { input }) })
  const db = `unix:${dir}/db.sock`
  const control = `${dir}/vswitchd.ctl`
  run('ovsdb-tool', ['create', `${dir}/conf.db`, '/usr/share/openvswitch/vswitch.ovsschema'])
  const detach = (name: string): string[] => [
    '--detach',
    `--pidfile=${dir}/${name}.pid`,
    `--log-file=${dir}/${name}.log`,
    '--verbose=console:off',
  ]
  run('ovsdb-server', [
    `${dir}/conf.db`,
    `--remote=punix:${dir}/db.sock`,
    `--unixctl=${dir}/ovsdb.ctl`,
    ...detach('ovsdb'),
  ])
  const vsctl = (...args: string[]): string => run('ovs-vsctl', [`--db=${db}`, ...args])
  vsctl('--no-wait', 'init')
  run('ovs-vswitchd', [db, dummies, '--disable-system', `--unixctl=${control}`, ...detach('vswitchd')])
  return {
    directory: dir,
    vsctl,
    ofctl: (args, input) => run('ovs-ofctl', args, input),
    appctl: (command, ...args) => callControl(control, command, args),
    stop: () => remove(dir),
  }
}

const prefix = 'weft-ovs-'
/** Says which process a run directory belongs to. */
export const ownerFile = 'owner'

/** A process by its number and when it began, as another may have the number later; undefined: there is none. */
export const ownerOf = (pid: number): string | undefined => {
  try {
    const [, fields = ''] = /^.*\)(.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return `${pid} ${fields.trim().split(' ')[startTime]}`
  } catch {
    return undefined
  }
}

/** Which field behind the name in /proc/PID/stat: proc_pid_stat(5) counts it as the 22nd. */
const startTime = 19

const remove = (dir: string, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): void => {
  for (const name of ['vswitchd', 'ovsdb']) {
    try {
      const pid = Number(readFileSync(join(dir, `${name}.pid`), 'utf8'))
      // The daemon may have ended, and another process have its number.
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dir)) process.kill(pid, signal)
    } catch {
      // It has ended already.
    }
  }
  rmSync(dir, { recursive: true, force: true })
}

/** Ends what runs left that were killed: their daemons and run directories. Those of runs that go on stay. */
const removeLeft = (): void => {
  for (const name of readdirSync(tmpdir()).filter(entry => entry.startsWith(prefix))) {
    const dir = join(tmpdir(), name)
    try {
      const owner = readFileSync(join(dir, ownerFile), 'utf8')
      if (owner !== '' && ownerOf(Number.parseInt(owner, 10)) !== owner) remove(dir, 'SIGKILL')
    } catch {
      // Another run is at it.
    }
  }
}

/** What `ovs-appctl` does, without a process; `path` is a control socket. */
export const callControl = (path: string, method: string, params: string[] = []): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    let text = ''
    socket.setEncoding('utf8')
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`${method} ${params.join(' ')}: the daemon closed the connection`)))
    socket.on('data', chunk => {
      text += chunk
      try {
        const { result, error } = JSON.parse(text) as { result?: string | null; error?: string | null }
        socket.end()
        if (typeof result === 'string') resolve(result)
        else reject(new Error(`${method} ${params.join(' ')}: ${error ?? 'no answer'}`))
      } catch {
        // The rest is on its way.
      }
    })
    socket.write(JSON.stringify({ method, params, id: 0 }))
  })
