/**
 * A database server and a switch that follows it, Weft's beside Open vSwitch's, told what to do by the same ovs-vsctl; a ratio
 * above 1 is better than Open vSwitch.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bench, median } from './harness.ts'
import { hasOvs } from './openflow-pair.ts'

type Programs = { server: readonly string[]; daemon: readonly string[] }

/** The command as it is installed; `npm run bench` builds it, and runs in the project's folder. */
const weft = [process.execPath, 'dist/cli/weft.js']
const ours: Programs = { server: [...weft, 'ovsdb-server'], daemon: [...weft, 'vswitchd'] }
const theirs: Programs = { server: ['ovsdb-server'], daemon: ['ovs-vswitchd'] }

/** A server and a switch with a bridge `br0`, in a run directory that goes with this process. */
class Side {
  private readonly directory = mkdtempSync(join(tmpdir(), 'weft-bench-'))
  private readonly env = {
    ...process.env,
    OVS_RUNDIR: this.directory,
    OVS_LOGDIR: this.directory,
    OVS_DBDIR: this.directory,
  }

  constructor({ server, daemon }: Programs) {
    process.once('exit', () => this.stop())
    const file = join(this.directory, 'conf.db')
    this.run('ovsdb-tool', 'create', file, '/usr/share/openvswitch/vswitch.ovsschema')
    const background = ['--detach', '--no-chdir', '--pidfile', '-vconsole:off']
    const [serve = '', ...serveWords] = server
    this.run(serve, ...serveWords, file, `--remote=punix:${this.directory}/db.sock`, ...background)
    this.run('ovs-vsctl', '--no-wait', 'init')
    const [follow = '', ...followWords] = daemon
    this.run(follow, ...followWords, '--enable-dummy=override', '--disable-system', ...background)
    this.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy')
  }

  /** Runs the real ovs-vsctl, which waits until the switch has done what it says; gives the seconds on the clock. */
  vsctl(...words: string[]): number {
    const began = performance.now()
    this.run('ovs-vsctl', '--timeout=60', ...words)
    return (performance.now() - began) / 1000
  }

  /** Throws unless a frame that comes in at the port now is counted there and flooded. */
  forwards(port: string): void {
    this.run('ovs-appctl', 'netdev-dummy/receive', port, `ffffffffffff0200000000018899${'00'.repeat(46)}`)
    const [, local = ''] = /LOCAL:[^\n]*\n *tx pkts=(\d+)/.exec(this.run('ovs-ofctl', 'dump-ports', 'br0')) ?? []
    const [, received] = /rx pkts=(\d+)/.exec(this.run('ovs-ofctl', 'dump-ports', 'br0', port)) ?? []
    if (local === '0' || received !== '1') throw new Error(`${port} does not forward`)
  }

  private stop(): void {
    for (const name of ['ovs-vswitchd', 'ovsdb-server']) {
      try {
        process.kill(Number(readFileSync(join(this.directory, `${name}.pid`), 'utf8')), 'SIGKILL')
      } catch {
        // It does not run.
      }
    }
    rmSync(this.directory, { recursive: true, force: true })
  }

  private run(program: string, ...words: string[]): string {
    return execFileSync(program, words, { env: this.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  }
}

/** How many ports "many" are. */
const many = 1000

const addPorts = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => ['--', 'add-port', 'br0', `q${from + i}`]).flat()
const deletePorts = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => ['--', 'del-port', 'br0', `q${from + i}`]).flat()

/** Seconds from the start of ovs-vsctl until a thousand ports that it adds at once forward; they are gone again then. */
const addMany = (side: Side): number => {
  const seconds = side.vsctl(...addPorts(1, many))
  side.forwards(`q${many}`)
  side.vsctl(...deletePorts(1, many))
  return seconds
}

/** The same for one port: the median of a few. */
const addOne = (side: Side): number => {
  const each = Array.from({ length: 15 }, (_, i) => {
    const name = `r${2000 + i}`
    const seconds = side.vsctl('add-port', 'br0', name)
    side.forwards(name)
    side.vsctl('del-port', 'br0', name)
    return seconds
  })
  return median(each)
}

const ports: Bench = {
  name: 'ovsdb/ports',
  unit: 's',
  rounds: 3,
  setUp() {
    const side = new Side(ours)
    return () => addMany(side)
  },
}

const portsRatio: Bench = {
  name: 'ovsdb/ports/ratio',
  unit: 'times as fast',
  rounds: 3,
  setUp() {
    const [real, weft] = [new Side(theirs), new Side(ours)]
    return () => addMany(real) / addMany(weft)
  },
}

const addPort: Bench = {
  name: 'ovsdb/add-port/ratio',
  unit: 'times as fast',
  rounds: 3,
  setUp() {
    const [real, weft] = [new Side(theirs), new Side(ours)]
    return () => addOne(real) / addOne(weft)
  },
}

/** One port more on a bridge that has a thousand. */
const addToMany: Bench = {
  name: 'ovsdb/add-port/thousand/ratio',
  unit: 'times as fast',
  rounds: 3,
  setUp() {
    const sides = [new Side(theirs), new Side(ours)]
    for (const side of sides) side.vsctl(...addPorts(1, many))
    const [real, weft] = sides as [Side, Side]
    return () => addOne(real) / addOne(weft)
  },
}

export const vswitchdBenches: readonly Bench[] = hasOvs() ? [ports, portsRatio, addPort, addToMany] : []
