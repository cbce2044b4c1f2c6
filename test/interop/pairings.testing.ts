/**
 * A database server and a switch, each the original or ours, and sessions of commands with them: with the original tools,
 * which are processes, or with ours, which run in the test's own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { wordsOf } from '../../src/tools/words.testing.ts'
import { runOurs } from './ofctl-run.testing.ts'
import { until } from './waiting.testing.ts'
import { runIn, type WeftCli } from './weft-cli.testing.ts'

export type Kind = 'real' | 'weft'
/** `line` is the command; `text` is what it printed, with its status behind. */
export type Told = { line: string; text: string }

const schema = '/usr/share/openvswitch/vswitch.ovsschema'
const dummies = '--enable-dummy=override --disable-system --disable-system-route'

/** As a shell takes one word. */
const quoted = (word: string): string => (/^[-\w./:=,@+]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** What stands between what two commands said. */
const mark = '=====status'

export class Pairing {
  readonly directory = mkdtempSync(join(tmpdir(), 'weft-pair-'))
  private readonly server: Kind
  private readonly daemon: Kind
  private readonly weft: WeftCli
  private serverProcess: ChildProcess | undefined

  constructor(server: Kind, daemon: Kind, weft: WeftCli) {
    this.server = server
    this.daemon = daemon
    this.weft = weft
  }

  /** Whether server and switch are of different kinds. */
  get isMixed(): boolean {
    return this.server !== this.daemon
  }

  async start(): Promise<void> {
    const { directory, weft } = this
    const server = this.server === 'real' ? 'ovsdb-server' : weft.tool('ovsdb-server')
    const remote = `--remote=punix:${directory}/db.sock --unixctl=${directory}/ovsdb-server.ctl`
    this.serverProcess = spawn(
      'sh',
      ['-c', `ovsdb-tool create conf.db ${schema} && exec ${server} conf.db ${remote} --pidfile -vconsole:off`],
      { cwd: directory, env: { ...process.env, OVS_RUNDIR: directory, OVS_LOGDIR: directory }, stdio: 'ignore' },
    )
    await until(() => existsSync(join(directory, 'db.sock')), 'the socket of the database')
    const daemon = this.daemon === 'real' ? 'ovs-vswitchd' : weft.tool('vswitchd')
    const begin = `ovs-vsctl --retry -t 60 --no-wait init && ${daemon} ${dummies} --pidfile --log-file -vconsole:off --detach`
    const { stderr, status } = await runIn(directory, `sh -c '${begin}'`, 60_000)
    expect(status, stderr).toBe(0)
  }

  /** Runs a session in a database without rows, and a switch without bridges. `FILE name: text` makes a file. */
  async told(tools: Kind, script: readonly string[]): Promise<Told[]> {
    const fresh = await this.real([emptied])
    expect(fresh[0]?.text.trim()).toBe('[0]')
    const lines: string[] = []
    for (const line of script) {
      const [, name = '', text] = /^FILE (\S+): (.*)$/s.exec(line) ?? []
      if (text === undefined) lines.push(line.replaceAll('DIR', this.directory))
      else writeFileSync(join(this.directory, name), text)
    }
    const told = tools === 'real' ? await this.real(lines) : await this.ours(lines)
    const neutral = (text: string): string => text.replaceAll(this.directory, 'DIR')
    return told.map(({ line, text }) => ({ line: neutral(line), text: comparable(line, neutral(text)) }))
  }

  /** All of them by one shell: a process of Node's for each would take longer than the commands. */
  private async real(lines: readonly string[]): Promise<Told[]> {
    const file = join(this.directory, 'session')
    const command = (line: string): string => {
      const [tool = '', ...words] = wordsOf(limited(line))
      return [tool, ...words].map(quoted).join(' ')
    }
    writeFileSync(
      file,
      lines.map(line => `${command(line)} 2>said\nstatus=$?\ncat said\necho "${mark}[$status]"\n`).join(''),
    )
    const { stdout, stderr } = await runIn(this.directory, 'sh session', 120_000)
    const parts = stdout.split(/=====status(\[\d+\])\n/)
    expect({ stderr, count: (parts.length - 1) / 2 }, stdout.slice(-500)).toEqual({ stderr: '', count: lines.length })
    return lines.map((line, i) => ({ line, text: `${parts[2 * i]}${parts[2 * i + 1]}` }))
  }

  private async ours(lines: readonly string[]): Promise<Told[]> {
    const told: Told[] = []
    for (const line of lines) {
      const { stdout, stderr, status } = await runOurs(limited(line), this.directory)
      told.push({ line, text: `${stdout}${stderr}[${status}]` })
    }
    return told
  }

  async close(): Promise<void> {
    const pidFile = join(this.directory, 'ovs-vswitchd.pid')
    if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    const ended = new Promise(resolve => this.serverProcess?.once('exit', resolve))
    this.serverProcess?.kill('SIGKILL')
    if (this.serverProcess !== undefined) await ended
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** Nothing waits for ever. */
const limited = (line: string): string => line.replace(/^ovs-vsctl(?=$| (?!-t ))/, 'ovs-vsctl -t 30')

const columns = 'bridges manager_options ssl datapaths external_ids other_config'
const emptied = `ovs-vsctl -t 30 -- clear open_vswitch . ${columns} -- --all destroy qos -- --all destroy queue -- --all destroy flow_sample_collector_set`

/** What differs between any two runs: names of rows, times, made-up MACs, numbers of messages and changes. */
const masked = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?(\|\d+\|)?/g, 'TIME|')
    .replace(/ufid:[-0-9a-f]+/g, 'UFID')
    .replace(/, dp-extra-info:\S+/g, '')
    .replace(/(drop|xid|duration|idle_age|hard_age|used|sec_since\w+)=["{]?[x0-9a-f.?]+["}]?s?/g, '$1')
    .replace(/used:[0-9.]+s/g, 'used')
    .replace(/time=[0-9.]+ ms|^Finished in .*/gm, 'time')
    .replace(/[0-9a-f][26ae](:[0-9a-f]{2}){5}/g, 'MAC')
    .replace(/0000[0-9a-f][26ae][0-9a-f]{10}/g, 'DPID')
    // What a shell says of a command that a signal has ended.
    .replace(/^Alarm clock\n/m, '')
    .replace(/((?:next|cur)_cfg +: ).*/g, '$1N')
    .replace(/(recirc(?:_id=|\())0x[1-9a-f][0-9a-f]*/g, '$1ID')
    // Ports are flooded to in the order in which they were added, and those of one transaction in any order.
    .replace(/actions:([0-9a-z,]+)$/gm, (_all, ports: string) => `actions:${ports.split(',').sort()}`)
    .replace(/missed:\d+/g, 'missed')
    .replace(/pid \d+/g, 'pid N')

/** Rows, flows and ports come in no certain order: their lines are compared as a set. */
const unordered = /\b(list|find|show|dump|dump-\S+|diff-flows|replace-flows|list-tables|list-columns)\b/

const comparable = (line: string, text: string): string => {
  const same = line.includes(' cur_cfg ') ? masked(text).replace(/^\d+$/m, 'N') : masked(text)
  return unordered.test(line) ? same.split('\n').sort().join('\n') : same
}
