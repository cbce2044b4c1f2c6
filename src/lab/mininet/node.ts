import type { Namespace } from '../../host/index.ts'
import { type Process, strerror } from '../../machine/index.ts'
import { elapsed, type Wait } from '../../runtime/index.ts'
import type { Box } from './box.ts'
import type { Intf, IntfOwner } from './intf.ts'
import { NodeShell } from './node-shell.ts'
import { Popen } from './popen.ts'
import type { Options } from './topo.ts'

/** What a node is made with. What is not named here is kept for those who derive classes. */
export type NodeParams = {
  /** In a namespace of its own; otherwise in the machine's. */
  inNamespace?: boolean
  /** `10.0.0.1/8`. */
  ip?: string | undefined
  mac?: string | undefined
  /** `via 10.0.0.254`, or an interface. */
  defaultRoute?: string | undefined
  /** `down` leaves the loopback interface off. */
  lo?: 'up' | 'down'
  /** Directories that only this node sees: a path, or a path and where its content is (`%(name)s` is the node's name). */
  privateDirs?: readonly (string | readonly [string, string])[]
  [option: string]: unknown
}

export type NodeClass = new (box: Box, name: string, params?: NodeParams) => Node

/** A host, switch or controller: a shell in a network namespace, and interfaces. */
export class Node implements IntfOwner {
  /** The number of a node's first port. */
  static readonly portBase: number = 0
  readonly box: Box
  readonly name: string
  params: NodeParams
  readonly inNamespace: boolean
  readonly namespace: Namespace
  readonly shell: NodeShell
  /** Interfaces by port number, and the other way. */
  readonly intfs = new Map<number, Intf>()
  readonly ports = new Map<Intf, number>()
  readonly nameToIntf = new Map<string, Intf>()
  private terminated = false

  constructor(box: Box, name: string, params: NodeParams = {}) {
    this.box = box
    this.name = name
    this.params = params
    this.inNamespace = params.inNamespace ?? true
    const { kernel } = box.machine
    this.namespace = this.inNamespace ? kernel.addUnnamed() : kernel.root
    this.shell = new NodeShell(box, this.namespace, name)
    for (const directory of params.privateDirs ?? []) this.mountPrivateDir(directory)
  }

  get pid(): number {
    return this.shell.process.pid
  }

  /** Whether a command that was sent has not ended, or its end was not read. */
  get waiting(): boolean {
    return this.shell.waiting
  }

  /** The process that the last command ending in `&` left behind. */
  get lastPid(): number | undefined {
    return this.shell.lastPid
  }

  private mountPrivateDir(directory: string | readonly [string, string]): void {
    const { files, init } = this.box.machine
    const [point, from] = typeof directory === 'string' ? [directory, undefined] : directory
    const place = from?.replaceAll('%(name)s', this.name)
    for (const path of place === undefined ? [point] : [place, point]) files.mkdirAll(init, path)
    const { process } = this.shell
    const mounts = files.bind(process, point, place)
    if (!mounts.ok) throw new Error(`${this.name}: ${point}: ${strerror(mounts.errno)}`)
    process.mounts = mounts.value
  }

  /** Runs a program in the node, past its shell; gives what it printed. */
  async exec(...words: string[]): Promise<string> {
    this.box.output.debug(`*** ${this.name} : (${words.map(word => `'${word}'`).join(', ')})\n`)
    const { text } = await this.box.calls.run(this.box.exec(words, this.namespace))
    this.box.output.debug(text)
    return text
  }

  /** Types a command line at the node's shell and waits for its end; gives what it printed, errors too. */
  async cmd(...words: unknown[]): Promise<string> {
    return await this.type(words, text => this.box.output.debug(text))
  }

  /** As `cmd`, and prints what the command prints while it does. */
  async cmdPrint(...words: unknown[]): Promise<string> {
    return await this.type(words, text => this.box.output.info(text))
  }

  private async type(words: unknown[], told: (text: string) => void): Promise<string> {
    const { output, calls } = this.box
    const line = lineOf(words)
    output.debug(`*** ${this.name} : ('${line}',)\n`)
    if (this.terminated) {
      output.warn(`(${this.name} exited - ignoring cmd('${line}',))\n`)
      return ''
    }
    this.sendCmd(line)
    return await calls.run(this.shell.finish(told))
  }

  /** Types a command line and does not wait; `monitor` and `waitOutput` read what it prints. */
  sendCmd(...words: unknown[]): void {
    if (this.waiting) throw new Error(`${this.name} still runs a command`)
    if (this.terminated) throw new Error(`${this.name} has ended`)
    const line = lineOf(words)
    this.shell.send(/\w/.test(line) ? line : 'echo -n')
  }

  /** Ctrl-C to the command that runs. */
  sendInt(): void {
    this.shell.keyboard.flush()
    this.box.machine.interrupt(this.pid)
  }

  /** Types text for a program that reads. */
  write(text: string): void {
    this.shell.write(text)
  }

  /** Waits for something to be printed, at most `timeoutms`; gives it, or nothing. */
  monitor(timeoutms?: number): Promise<string> {
    const { clock } = this.box
    const limit: Wait | undefined = timeoutms === undefined ? undefined : elapsed(clock, timeoutms * 1e6)
    return this.box.calls.run(this.shell.monitor(limit))
  }

  /** Waits for the end of a command that was sent; gives what it printed since. `verbose` prints it too. */
  waitOutput(verbose = false): Promise<string> {
    const { output, calls } = this.box
    return calls.run(this.shell.finish(text => (verbose ? output.info(text) : output.debug(text))))
  }

  /** Starts a program, or with `shell` a command line, of its own; the node's shell stays free. */
  popen(words: string | readonly string[], options: { shell?: boolean } = {}): Popen {
    const line = typeof words === 'string' ? words : words.join(' ')
    const list = options.shell ? ['bash', '-c', line] : typeof words === 'string' ? words.trim().split(/\s+/) : words
    return new Popen(this.box, list, this.namespace, this.shell.process)
  }

  /** Runs a program of its own to its end: what it printed, its errors, its status. `input` is its stdin. */
  async pexec(words: string | readonly string[], options: { shell?: boolean } = {}): Promise<[string, string, number]> {
    const popen = this.popen(words, options)
    const { stdout, stderr } = await popen.communicate()
    return [stdout, stderr, popen.returncode as number]
  }

  /** The next free port. */
  newPort(): number {
    if (this.intfs.size > 0) return Math.max(...this.intfs.keys()) + 1
    return (this.constructor as typeof Node).portBase
  }

  /** Takes an interface; `Intf` and `Link` do so themselves. */
  addIntf(intf: Intf, port = this.newPort()): void {
    this.intfs.set(port, intf)
    this.ports.set(intf, port)
    this.nameToIntf.set(intf.name, intf)
    this.box.output.debug(`\nadded intf ${intf} (${port}) to node ${this.name}\n`)
  }

  /** Forgets an interface. */
  delIntf(intf: Intf): void {
    const port = this.ports.get(intf)
    if (port === undefined) return
    this.intfs.delete(port)
    this.ports.delete(intf)
    this.nameToIntf.delete(intf.name)
  }

  /** The interface of the lowest port. */
  defaultIntf(): Intf | undefined {
    if (this.intfs.size > 0) return this.intfs.get(Math.min(...this.intfs.keys()))
    this.box.output.warn(`*** defaultIntf: warning: ${this.name} has no interfaces\n`)
    return undefined
  }

  /** The interface of this name; the default one without a name. */
  intf(intf?: Intf | string): Intf | undefined {
    if (intf === undefined || intf === '') return this.defaultIntf()
    return typeof intf === 'string' ? this.nameToIntf.get(intf) : intf
  }

  private needed(intf?: Intf | string): Intf {
    const found = this.intf(intf)
    if (found === undefined) throw new Error(`${this.name} has no interface ${intf ?? ''}`.trimEnd())
    return found
  }

  /** Interfaces in the order of their ports. */
  intfList(): Intf[] {
    return [...this.intfs.entries()].sort(([a], [b]) => a - b).map(([, intf]) => intf)
  }

  intfNames(): string[] {
    return this.intfList().map(intf => intf.name)
  }

  /** Pairs of interfaces, mine and the other's, that connect this node to another. */
  connectionsTo(node: Node): [Intf, Intf][] {
    const pairs: [Intf, Intf][] = []
    for (const intf of this.intfList()) {
      if (intf.link === undefined) continue
      const { intf1, intf2 } = intf.link
      const other = intf1 === intf ? intf2 : intf1
      if (other.node === node) pairs.push([intf, other])
    }
    return pairs
  }

  /** Removes the interfaces that carry this node's name. */
  async deleteIntfs(checkName = true): Promise<void> {
    for (const intf of this.intfList()) {
      if (intf.name === 'lo' || (checkName && intf.link === undefined)) continue
      await intf.delete()
      this.box.output.info('.')
    }
  }

  setARP(ip: string, mac: string): Promise<string> {
    return this.exec('arp', '-s', ip, mac)
  }

  setHostRoute(ip: string, intf: Intf | string): Promise<string> {
    return this.exec('route', 'add', '-host', ip, 'dev', `${intf}`)
  }

  /** `via 10.0.0.1`, `dev h1-eth0 via …`, or an interface. */
  async setDefaultRoute(route: Intf | string): Promise<string> {
    const words = typeof route === 'string' && route.includes(' ') ? route : `dev ${route}`
    await this.exec('ip', 'route', 'del', 'default')
    return this.exec('ip', 'route', 'add', 'default', ...words.trim().split(/\s+/))
  }

  async setMAC(mac: string, intf?: Intf | string): Promise<string> {
    return await this.needed(intf).setMAC(mac)
  }

  async setIP(ip: string, prefixLen = 8, intf?: Intf | string): Promise<string> {
    return await this.needed(intf).setIP(ip, prefixLen)
  }

  /** The address of an interface; undefined if it has none. */
  IP(intf?: Intf | string): string | undefined {
    return this.intf(intf)?.IP()
  }

  MAC(intf?: Intf | string): string | undefined {
    const found = this.intf(intf)
    return found?.MAC() ?? found?.updateMAC()
  }

  intfIsUp(intf?: Intf | string): boolean {
    return this.intf(intf)?.isUp() === true
  }

  /** Makes the node what parameters say; derived classes do more, and call this first. */
  async config(params: NodeParams = {}): Promise<Record<string, unknown>> {
    const { mac, ip, defaultRoute, lo = 'up' } = params
    const result: Record<string, unknown> = {}
    if (typeof mac === 'string') result.mac = await this.setMAC(mac)
    if (typeof ip === 'string') result.ip = await this.setIP(ip)
    if (typeof defaultRoute === 'string') result.defaultRoute = await this.setDefaultRoute(defaultRoute)
    if (this.inNamespace || lo === 'down') await this.exec('ifconfig', 'lo', lo)
    return result
  }

  /** `config` with what the node was made with, and more. */
  async configDefault(more: Options = {}): Promise<void> {
    this.params = { ...this.params, ...more }
    await this.config(this.params)
  }

  /** Ends the node: its shell, its programs, its namespace. */
  async stop(deleteIntfs = false): Promise<void> {
    if (deleteIntfs) await this.deleteIntfs()
    await this.terminate()
  }

  async terminate(): Promise<void> {
    if (this.terminated) return
    this.terminated = true
    const { machine } = this.box
    for (const each of [...machine.processes.values()].reverse())
      if (each !== this.shell.process && isIn(each, this.shell.process)) each.signal('HUP')
    this.shell.process.signal('HUP')
    if (!this.inNamespace) return
    for (const each of [...machine.processes.values()]) if (each.namespace === this.namespace) each.signal('KILL')
    machine.kernel.removeUnnamed(this.namespace)
  }

  /** `<Host h1: h1-eth0:10.0.0.1 pid=121> `. */
  repr(): string {
    const intfs = this.intfList().map(intf => `${intf.name}:${intf.IP() ?? 'None'}`)
    return `<${this.constructor.name} ${this.name}: ${intfs.join(',')} pid=${this.pid}> `
  }

  toString(): string {
    return this.name
  }
}

const isIn = (process: Process, shell: Process): boolean => {
  for (let at = process.parent; at !== undefined; at = at.parent) if (at === shell) return true
  return false
}

const lineOf = (words: readonly unknown[]): string => {
  const list = words.length === 1 && Array.isArray(words[0]) ? (words[0] as unknown[]) : words
  return list.map(String).join(' ')
}

/** A host is a node. */
export class Host extends Node {}
