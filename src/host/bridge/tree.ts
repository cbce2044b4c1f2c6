import type { Cancel, Clock } from '../../runtime/index.ts'
import { silent } from '../../runtime/index.ts'
import { Stp } from '../../switch/stp/stp.ts'
import type { StpPort } from '../../switch/stp/stp-port.ts'
import { bpduBytes, bpduFrame } from '../../wire/bpdu.ts'
import type { Frame } from '../../wire/frame.ts'
import type { BridgePort } from './port.ts'

/** Times in ns. */
type Times = { helloTime: number; maxAge: number; forwardDelay: number }

/**
 * The kernel's spanning tree (IEEE 802.1D-1998) of one bridge that is up: the same machine as a switch's, with Linux's
 * identifiers. What a port does is written into it; `onChange` says when.
 */
export class BridgeTree {
  readonly stp: Stp
  private readonly clock: Clock
  private readonly ports = new Map<number, BridgePort>()
  private readonly onChange: () => void
  private cancel: Cancel | undefined

  constructor(clock: Clock, name: string, id: bigint, times: Times, onChange: () => void) {
    this.clock = clock
    this.onChange = onChange
    this.stp = new Stp({ name, ports: new Map(), log: silent }, clock.now(), id, times)
    this.settle()
  }

  add(port: BridgePort): void {
    this.ports.set(port.number, port)
    this.stp.addPort(this.clock.now(), port.number, port.id, port.pathCost)
    if (port.state === 'forwarding') this.stp.letForward(this.clock.now(), port.number)
    this.settle()
  }

  remove(port: BridgePort): void {
    if (!this.ports.delete(port.number)) return
    this.stp.removePort(this.clock.now(), port.number)
    this.settle()
  }

  configure(id: bigint, times: Times): void {
    const now = this.clock.now()
    this.stp.setTimes(times)
    this.stp.setId(now, id)
    for (const port of this.ports.values()) {
      this.stp.setPortId(now, port.number, port.id)
      this.stp.setPathCost(now, port.number, port.pathCost)
    }
    this.settle()
  }

  receive(port: BridgePort, frame: Frame): void {
    this.stp.receive(this.clock.now(), port.number, bpduBytes(frame))
    this.settle()
  }

  member(port: BridgePort): StpPort | undefined {
    return this.stp.member(port.number)
  }

  stop(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  /** Sends what is to be sent, and sleeps until the next timer. */
  private settle(): void {
    const now = this.clock.now()
    for (const { port, bpdu } of this.stp.take()) {
      const out = this.ports.get(port)
      out?.link.transmit(bpduFrame(bpdu, out.link.mac))
    }
    // Linux lets what was learned age faster, and forgets nothing at once.
    this.stp.takeFlush()
    let changed = false
    for (const port of this.ports.values()) {
      const state = this.stp.member(port.number)?.state ?? 'disabled'
      if (port.state === state) continue
      port.state = state
      port.since = now
      changed = true
    }
    this.cancel?.()
    const next = this.stp.nextWake()
    this.cancel = next === undefined ? undefined : this.clock.at(Math.max(next, now), () => this.wake())
    if (changed) this.onChange()
  }

  private wake(): void {
    this.cancel = undefined
    this.stp.wake(this.clock.now())
    this.settle()
  }
}
