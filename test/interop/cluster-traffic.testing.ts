/** A switch daemon, ours or the real one, behind database servers that come and go, with frames going through it meanwhile. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Result } from '../../src/tools/words.testing.ts'
import { until } from './waiting.testing.ts'
import { runIn } from './weft-cli.testing.ts'

/** ms between one frame and the next. */
const pause = 5

const header = Buffer.from('5054000000025054000000018899', 'hex')
const size = 60

/** Frames with numbers that go in on a dummy's stream and come out of another's. */
export class Traffic {
  /** How many went in. */
  sent = 0
  /** The number of the first that came out: before it nobody may have listened. */
  first: number | undefined
  /** The numbers that came out, in their order. */
  readonly got: number[] = []
  /** The longest that none came out while frames went in, ms. */
  longestGap = 0
  private pending = Buffer.alloc(0)
  private heardAt = performance.now()
  private readonly timer: NodeJS.Timeout
  private readonly from: Socket
  private readonly to: Socket

  /** `from` and `to` are unix sockets: `options:pstream` of two dummies. */
  constructor(from: string, to: string) {
    this.from = connect(from)
    this.to = connect(to)
    this.to.on('data', bytes => this.take(bytes))
    // A daemon that ended is told of by the frames that are missing.
    for (const socket of [this.from, this.to]) socket.on('error', () => {})
    this.timer = setInterval(() => this.send(), pause)
  }

  /** Those that did not come out, or not in their place. */
  get lost(): number[] {
    const first = this.first ?? 0
    const expected = Array.from({ length: this.sent - first }, (_, i) => first + i)
    return expected.filter((number, i) => this.got[i] !== number)
  }

  /** Waits until the last that went in came out, or ten seconds have passed. */
  async stop(): Promise<void> {
    clearInterval(this.timer)
    for (let i = 0; i < 100 && this.got.at(-1) !== this.sent - 1; i++)
      await new Promise(resolve => setTimeout(resolve, 100))
    this.from.destroy()
    this.to.destroy()
  }

  private send(): void {
    const record = Buffer.alloc(2 + size)
    record.writeUInt16BE(size)
    header.copy(record, 2)
    record.writeUInt32BE(this.sent++, 2 + header.length)
    this.from.write(record)
  }

  private take(bytes: Buffer): void {
    const now = performance.now()
    this.longestGap = Math.max(this.longestGap, now - this.heardAt)
    this.heardAt = now
    this.pending = Buffer.concat([this.pending, bytes])
    while (this.pending.length >= 2 && this.pending.length >= 2 + this.pending.readUInt16BE(0)) {
      const length = this.pending.readUInt16BE(0)
      const number = this.pending.readUInt32BE(2 + header.length)
      this.first ??= number
      this.got.push(number)
      this.pending = this.pending.subarray(2 + length)
    }
  }
}

/** The real ovs-vsctl with these words. */
export type Vsctl = (words: string) => Promise<Result>

/** A daemon in a run directory, with a bridge whose flow takes frames from p1 to p2. */
export class Behind {
  readonly directory = mkdtempSync(join(tmpdir(), 'weft-behind-'))
  private readonly daemon: string
  private readonly vsctl: Vsctl

  /** `daemon`: the words that start it, ours or the real one. */
  constructor(daemon: string, vsctl: Vsctl) {
    this.daemon = daemon
    this.vsctl = vsctl
  }

  /** Starts the daemon, which calls `remotes`, and makes its bridge. */
  async start(remotes: readonly string[]): Promise<void> {
    const dummies = '--enable-dummy=override --disable-system --disable-system-route'
    const started = await this.run(
      `${this.daemon} ${remotes.join()} ${dummies} --pidfile --log-file -vconsole:off --detach`,
    )
    expect(started).toMatch(/\[0\]$/)
    const bridge = 'add-br br0 -- set bridge br0 datapath-type=dummy fail-mode=secure'
    const port = (i: number): string => {
      const stream = `options:pstream=punix:${this.directory}/p${i}.stream`
      return `-- add-port br0 p${i} -- set interface p${i} ofport_request=${i} ${stream}`
    }
    expect(await this.vsctl(`${bridge} ${port(1)} ${port(2)}`)).toMatchObject({ status: 0 })
    expect(await this.run('ovs-ofctl add-flow br0 cookie=7,in_port=1,actions=output:2')).toBe('[0]')
  }

  /** Frames through it from now on. */
  async traffic(): Promise<Traffic> {
    for (const i of [1, 2]) await until(() => existsSync(join(this.directory, `p${i}.stream`)), `the stream of p${i}`)
    return new Traffic(join(this.directory, 'p1.stream'), join(this.directory, 'p2.stream'))
  }

  /** What a command says, and its status. */
  async run(line: string): Promise<string> {
    const { stdout, stderr, status } = await runIn(this.directory, line)
    return `${stdout}${stderr}[${status}]`
  }

  /** What the log says of a module, without times and the like. */
  log(module: string): string[] {
    const lines = readFileSync(join(this.directory, 'ovs-vswitchd.log'), 'utf8').split('\n')
    return lines.filter(line => line.includes(`|${module}|`)).map(line => line.split('|').slice(3).join('|'))
  }

  /** The names and numbers of the ports it added beside those of the beginning, in their order. */
  addedPorts(): [name: string, number: string][] {
    const said = this.log('bridge').map(line => /added interface (q\d+) on port (\d+)$/.exec(line))
    return said.flatMap(found => (found === null ? [] : [[found[1]!, found[2]!] as [string, string]]))
  }

  /** How often a frame was not in the cache, of all there were. */
  async missed(): Promise<number> {
    return Number(/missed:(\d+)/.exec(await this.run('ovs-appctl dpif/show'))?.[1])
  }

  /** What a flow's packets and seconds are, of the one with the cookie. */
  async flow(): Promise<{ seconds: number; packets: number }> {
    const text = await this.run('ovs-ofctl dump-flows br0 cookie=7/-1')
    const number = (name: string): number => Number(new RegExp(`${name}=([\\d.]+)`).exec(text)?.[1])
    return { seconds: number('duration'), packets: number('n_packets') }
  }

  stop(): void {
    try {
      process.kill(Number(readFileSync(join(this.directory, 'ovs-vswitchd.pid'), 'utf8')), 'SIGKILL')
    } catch {
      // It does not run.
    }
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Ports that are added by one ovs-vsctl after the other. */
export class Changes {
  /** The names of ports of which ovs-vsctl said that they are there. */
  readonly added: string[] = []
  private readonly wrong: string[] = []
  private isOver = false
  private readonly running: Promise<void>
  private readonly vsctl: Vsctl

  constructor(vsctl: Vsctl) {
    this.vsctl = vsctl
    this.running = this.run()
  }

  /** Waits for so many more; gives the seconds that took. */
  async more(count: number): Promise<number> {
    const goal = this.added.length + count
    const began = performance.now()
    await until(() => this.added.length >= goal || this.wrong.length > 0, `${goal} ports`)
    expect(this.wrong).toEqual([])
    return (performance.now() - began) / 1000
  }

  async stop(): Promise<void> {
    this.isOver = true
    await this.running
    expect(this.wrong).toEqual([])
  }

  private async run(): Promise<void> {
    for (let i = 0; !this.isOver; i++) {
      // A commit may be done though its answer is lost with the leader; ovs-vsctl then tries once more.
      const { status, stderr } = await this.vsctl(`--may-exist add-port br0 q${i}`)
      if (status === 0) this.added.push(`q${i}`)
      else this.wrong.push(`q${i}: ${stderr}`)
      if (this.wrong.length > 0) return
    }
  }
}
