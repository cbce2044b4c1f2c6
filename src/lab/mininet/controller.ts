import type { Box } from './box.ts'
import type { Intf } from './intf.ts'
import { Node, type NodeParams } from './node.ts'

export type ControllerParams = NodeParams & {
  /** The program, and its words with `%d` for the port. */
  command?: string
  cargs?: string
  /** The directory that it starts in. */
  cdir?: string | undefined
  /** `127.0.0.1`, or with a port `127.0.0.1:6653`. */
  ip?: string
  port?: number | undefined
  protocol?: 'tcp' | 'ssl'
  verbose?: boolean | number
}

export type ControllerClass = new (box: Box, name: string, params?: ControllerParams) => Controller

/** An OpenFlow controller that is a program of the machine. */
export class Controller extends Node {
  static readonly params: readonly string[] = []
  readonly command: string
  readonly cargs: string
  readonly cdir: string | undefined
  readonly protocol: string
  port: number
  protected readonly ip: string

  constructor(box: Box, name: string, params: ControllerParams = {}) {
    const { command = 'ovs-testcontroller', cargs = 'ptcp:%d', cdir, protocol = 'tcp', verbose } = params
    const [ip = '127.0.0.1', port] = (params.ip ?? '127.0.0.1').split(':')
    super(box, name, { inNamespace: false, ...params, ip })
    this.command = command
    this.cargs = verbose ? `-v ${cargs}` : cargs
    this.cdir = cdir
    this.ip = ip
    this.protocol = protocol
    this.port = port === undefined ? (params.port ?? 6653) : Number(port)
  }

  /** Looks whether nobody else has its port; called when it is added to a network. */
  async checkListening(): Promise<void> {
    if (!isListening(this, this.port)) return
    const said = await this.exec('netstat', '-natp')
    const [first = '', ...lines] = said.split('\n')
    const there = [first, ...lines.filter(line => line.includes(`:${this.port} `))]
    throw new Error(`Please shut down the controller which is running on port ${this.port}:\n${there.join('\n')}`)
  }

  /** Starts the program; what it prints goes to /tmp/NAME.log. */
  async start(): Promise<void> {
    const [program = ''] = this.command.split(' ')
    const { machine } = this.box
    if (machine.find(program, machine.init).kind === 'none')
      throw missingProgram(this.command, machine.init.env.get('PATH') ?? '')
    const log = `/tmp/${this.name}.log`
    if (this.cdir !== undefined) await this.cmd(`cd ${this.cdir}`)
    await this.cmd(`${this.command} ${this.cargs.replace(/%[ds]/, String(this.port))} 1>${log} 2>${log} &`)
  }

  override async stop(deleteIntfs = false): Promise<void> {
    if (this.lastPid !== undefined) this.box.machine.processes.get(this.lastPid)?.signal('TERM')
    await super.stop(deleteIntfs)
  }

  override IP(intf?: Intf | string): string | undefined {
    return this.intfs.size > 0 ? super.IP(intf) : this.ip
  }

  override repr(): string {
    return `<${this.constructor.name} ${this.name}: ${this.IP()}:${this.port} pid=${this.pid}> `
  }
}

/** Whether a program of the node's namespace listens at a TCP port. */
export const isListening = (node: Node, port: number): boolean =>
  node.namespace.tcp.allAcceptors().some(({ hold }) => hold.port === port)

/** A program that is not on the machine; Mininet says so and ends when it needs one. */
export class MissingProgram extends Error {
  override name = 'MissingProgram'
}

/** What is said of a program that is in no directory of `path`; `module` is what has it. */
export const missingProgram = (program: string, path: string, module = 'it'): MissingProgram =>
  new MissingProgram(
    `Cannot find required executable ${program}.\nPlease make sure that ${module} is installed and available in your $PATH:\n(${path})`,
  )

/** Open vSwitch's test controller. */
export class OVSController extends Controller {}

/** Ryu, where the machine has it. */
export class Ryu extends Controller {
  static override readonly params: readonly string[] = ['ryuArgs']

  constructor(box: Box, name: string, params: ControllerParams & { ryuArgs?: string | readonly string[] } = {}) {
    const { ryuArgs = 'ryu.app.simple_switch', ...rest } = params
    const words = typeof ryuArgs === 'string' ? ryuArgs : ryuArgs.join(' ')
    super(box, name, { command: 'ryu run', cargs: `${words} --ofp-tcp-listen-port %s`, ...rest })
  }
}
