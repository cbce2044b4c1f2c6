import type { Cancel } from '../runtime/clock.ts'
import { type Bpdu, bpduFrame, rapidSize } from '../wire/bpdu.ts'
import { floodOrder } from './flood-order.ts'
import type { BridgePort } from './port.ts'
import { configureRstp } from './rstp/configure.ts'
import { Rstp } from './rstp/rstp.ts'
import { configureStp } from './stp/configure.ts'
import { Stp } from './stp/stp.ts'
import type { TreeHost } from './tree-host.ts'
import type { TreeOptions } from './tree-options.ts'

/** The spanning tree of a bridge, if it has one: gives the protocol its frames and its time, and tells ports what they do. */
export class BridgeTree {
  private readonly host: TreeHost
  private machine: Stp | Rstp | undefined
  private options: TreeOptions = {}
  private cancel: Cancel | undefined
  private wakeAt: number | undefined
  private told = ''
  /** What is to be sent once whatever happens now is done: a frame that comes in may be in the middle of its way. */
  private outbox: { port: number; bpdu: Bpdu }[] = []
  private cancelSending: Cancel | undefined
  private holds = 0

  constructor(host: TreeHost) {
    this.host = host
  }

  /** Which one there is, as remarks name it. */
  get protocol(): 'STP' | 'RSTP' | undefined {
    return this.machine?.protocol
  }

  get stp(): Stp | undefined {
    return this.machine instanceof Stp ? this.machine : undefined
  }

  get rstp(): Rstp | undefined {
    return this.machine instanceof Rstp ? this.machine : undefined
  }

  configure(options: TreeOptions): void {
    const { name, log } = this.host
    const hasBoth = ({ stp, rstp }: TreeOptions): boolean => stp !== undefined && rstp !== undefined
    if (hasBoth(options) && !hasBoth(this.options))
      log('bridge', 'warn', `${name}: RSTP and STP are mutually exclusive but both are configured; enabling RSTP`)
    this.options = options
    this.follow()
  }

  /** Lets several things change before it looks at them, all at once: until what is returned is called. */
  hold(): () => void {
    this.holds++
    return () => {
      this.holds--
      this.follow()
    }
  }

  /** Ports came, went, or were set otherwise. */
  follow(): void {
    if (this.holds > 0) return
    const errors: string[] = []
    const { rstp, stp } = this.options
    if (stp === undefined || rstp !== undefined) this.endStp()
    if (rstp !== undefined) this.machine = configureRstp(this.host, this.rstp, rstp, errors)
    else this.machine = stp && configureStp(this.host, this.stp, stp, errors)
    const text = errors.join('\n')
    if (text !== this.told) for (const error of errors) this.host.log('bridge', 'err', error)
    this.told = text
    this.settle()
  }

  /** Ports leave one after the other, and those that are still there are told of it. */
  private endStp(): void {
    for (const number of this.stp === undefined ? [] : floodOrder(this.host.ports.keys()))
      this.stp?.removePort(this.host.now(), number)
  }

  /** A message came in, or what should be one. */
  receive(port: BridgePort, bytes: Uint8Array): void {
    const { machine } = this
    if (machine === undefined) return
    machine.receive(this.host.now(), port.ofport, bytes)
    this.settle()
  }

  /** `stp/tcn`, `rstp/tcn`. */
  forceChange(): void {
    this.machine?.forceChange(this.host.now())
    this.settle()
  }

  close(): void {
    this.cancel?.()
    this.cancelSending?.()
    this.cancel = this.cancelSending = undefined
    this.wakeAt = undefined
    this.machine = undefined
    this.options = {}
  }

  /** Does what the machine wants done. */
  private settle(): void {
    const { machine, host } = this
    for (const port of host.ports.values()) {
      const tree = machine?.port(port.ofport)
      if (tree !== port.tree) host.setTree(port, tree)
    }
    const flush = machine?.takeFlush()
    if (flush === 'all') host.flush()
    else for (const port of flush ?? []) host.flush(port)
    this.schedule()
    this.outbox.push(...(machine?.take() ?? []))
    if (this.outbox.length > 0) this.cancelSending ??= host.at(host.now(), () => this.send())
  }

  private send(): void {
    const { host } = this
    this.cancelSending = undefined
    // Open vSwitch's rapid bridges fill up what they tell old ones.
    const size = this.rstp === undefined ? 0 : rapidSize
    for (const { port: number, bpdu } of this.outbox.splice(0)) {
      const port = host.ports.get(number)
      // A patch port has no address of its own here.
      if (port !== undefined) host.send(port, bpduFrame(bpdu, port.mac === 0 ? host.mac : port.mac, size))
    }
  }

  private schedule(): void {
    const next = this.machine?.nextWake()
    if (next === this.wakeAt && next !== undefined) return
    this.cancel?.()
    this.wakeAt = next
    this.cancel = next === undefined ? undefined : this.host.at(next, () => this.wake())
  }

  private wake(): void {
    this.wakeAt = undefined
    this.cancel = undefined
    this.machine?.wake(this.host.now())
    this.settle()
  }
}
