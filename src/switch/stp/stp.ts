import { second } from '../../runtime/clock.ts'
import { LogLimit } from '../../runtime/log-limit.ts'
import { type Bpdu, BpduFlag, type TreeMessage } from '../../wire/bpdu.ts'
import type { TreeHost } from '../tree-host.ts'
import { hearStp, strangeVersion } from './hearing.ts'
import type { StpTimes } from './settings.ts'
import { type PortTree, portTrees, type SpanningTree, type TreeState } from './spanning-tree.ts'
import { isBetterRoot, isNews, type StpPort, stpPort } from './stp-port.ts'
import { Timer } from './timer.ts'

/** Shortest time between two configuration messages of a port (IEEE 802.1D-1998 table 8-2). */
const holdTime = second

/** A message's times are in these. */
const unit = second / 256

/** By how much information ages from bridge to bridge, in `unit`s; so little is what Open vSwitch adds. */
const ageIncrement = 1

type ConfigMessage = TreeMessage
/** By whose names the log speaks. */
export type StpHost = Pick<TreeHost, 'name' | 'log'> & {
  readonly ports: ReadonlyMap<number, { readonly name: string }>
}

/**
 * The spanning tree protocol of 1998 for one bridge (IEEE 802.1D-1998 §8; names of procedures are from §8.6 and §8.7). The
 * bridge with the lowest identifier is the root. Every other one has a root port, nearest to the root, and every LAN one
 * designated port, nearest to the root; all other ports block. A port waits twice the forward delay before it forwards.
 */
export class Stp implements SpanningTree {
  readonly protocol = 'STP'
  private readonly ports = new Map<number, StpPort>()
  private own: StpTimes
  private bridgeId: bigint
  designatedRoot: bigint
  rootPathCost = 0
  rootPort: StpPort | undefined
  /** The times of the root. */
  times: StpTimes
  private changeDetected = false
  private change = false
  private readonly hello = new Timer()
  private readonly changeNotice = new Timer()
  private readonly changeTime = new Timer()
  private sent: { port: number; bpdu: Bpdu }[] = []
  private needsFlush = false
  private readonly host: StpHost
  private readonly limit: LogLimit

  constructor(host: StpHost, now: number, id: bigint, times: StpTimes) {
    this.host = host
    this.limit = new LogLimit(60, now)
    this.bridgeId = id
    this.designatedRoot = id
    this.own = times
    this.times = times
    // The first hello is told at once.
    this.hello.start(now, times.helloTime - unit)
  }

  get id(): bigint {
    return this.bridgeId
  }

  get ownTimes(): StpTimes {
    return this.own
  }

  get isRoot(): boolean {
    return this.bridgeId === this.designatedRoot
  }

  /** Whether this bridge saw the tree change, and whether the root tells that it did. */
  get changes(): { detected: boolean; told: boolean } {
    return { detected: this.changeDetected, told: this.change }
  }

  /** What is left of the bridge's timers at time `now`, ns; 0 of one that stands. */
  left(now: number): { hello: number; changeNotice: number; changeTime: number } {
    const { times, own } = this
    return {
      hello: this.hello.left(now, times.helloTime),
      changeNotice: this.changeNotice.left(now, own.helloTime),
      changeTime: this.changeTime.left(now, times.maxAge + times.forwardDelay),
    }
  }

  /** Ports that take part, by their identifiers' numbers. */
  members(): StpPort[] {
    return [...this.ports.values()].sort((a, b) => (a.id & 0xff) - (b.id & 0xff))
  }

  member(port: number): StpPort | undefined {
    return this.ports.get(port)
  }

  port(port: number): PortTree | undefined {
    const found = this.ports.get(port)
    return found && trees[found.state]
  }

  role(port: StpPort): 'root' | 'designated' | 'alternate' {
    if (port === this.rootPort) return 'root'
    return this.isDesignated(port) ? 'designated' : 'alternate'
  }

  take(): { port: number; bpdu: Bpdu }[] {
    return this.sent.splice(0)
  }

  takeFlush(): 'all' | undefined {
    const flush = this.needsFlush ? 'all' : undefined
    this.needsFlush = false
    return flush
  }

  /** §8.8.4. */
  setId(now: number, id: bigint): void {
    if (id === this.bridgeId) return
    const wasRoot = this.isRoot
    for (const port of this.ports.values()) if (this.isDesignated(port)) port.designatedBridge = id
    this.bridgeId = id
    if (wasRoot) this.designatedRoot = id
    this.reconsider(now, wasRoot)
  }

  setTimes(times: StpTimes): void {
    this.own = times
    if (this.isRoot) this.times = times
  }

  /** §8.8.2: a port begins to take part; it blocks until its role is known. */
  addPort(now: number, number: number, id: number, pathCost: number): void {
    const port = stpPort(now, number, id, pathCost)
    this.ports.set(number, port)
    this.becomeDesignated(port)
    this.selectStates(now)
  }

  /** A port that forwarded before there was a tree goes on until its role is another (Linux does so). */
  letForward(now: number, number: number): void {
    const port = this.ports.get(number)
    if (port?.state !== 'listening') return
    port.forwardDelay.stop()
    this.setState(now, port, 'forwarding')
  }

  /** §8.8.3. */
  removePort(now: number, number: number): void {
    const port = this.ports.get(number)
    if (port === undefined) return
    const wasRoot = this.isRoot
    if (port === this.rootPort) this.rootPort = undefined
    this.ports.delete(number)
    if (trees[port.state].learns) this.needsFlush = true
    this.reconsider(now, wasRoot)
  }

  /** §8.8.5. */
  setPortId(now: number, number: number, id: number): void {
    const port = this.ports.get(number)
    if (port === undefined || port.id === id) return
    if (this.isDesignated(port)) port.designatedPort = id
    port.id = id
    if (this.bridgeId === port.designatedBridge && id < port.designatedPort) {
      this.becomeDesignated(port)
      this.selectStates(now)
    }
  }

  /** §8.8.6. */
  setPathCost(now: number, number: number, cost: number): void {
    const port = this.ports.get(number)
    if (port === undefined || port.pathCost === cost) return
    port.pathCost = cost
    this.updateConfiguration()
    this.selectStates(now)
  }

  /** `stp/tcn`. */
  forceChange(now: number): void {
    this.detectChange(now)
  }

  receive(now: number, number: number, bytes: Uint8Array): void {
    const port = this.ports.get(number)
    if (port === undefined) return
    const { name, log } = this.host
    const version = strangeVersion(bytes)
    if (version !== undefined) this.debug(now, `${name}: received BPDU with unexpected protocol version ${version}`)
    const heard = hearStp(bytes)
    if (heard.is === 'bad') port.counts.bad++
    else port.counts.received++
    if (heard.is !== 'good') {
      log('stp', 'warn', `${name}: ${heard.why}`)
      return
    }
    const { bpdu } = heard
    if (bpdu.kind === 'config') this.receiveConfig(now, port, bpdu)
    else if (this.isDesignated(port)) {
      this.detectChange(now)
      port.acknowledges = true
      this.transmitConfig(now, port)
    }
  }

  nextWake(): number | undefined {
    const { times, own } = this
    let next = Math.min(
      this.hello.due(times.helloTime),
      this.changeNotice.due(own.helloTime),
      this.changeTime.due(times.maxAge + times.forwardDelay),
    )
    for (const { messageAge, forwardDelay, hold } of this.ports.values())
      next = Math.min(next, messageAge.due(times.maxAge), forwardDelay.due(times.forwardDelay), hold.due(holdTime))
    return next === Number.POSITIVE_INFINITY ? undefined : next
  }

  /** §8.7.3 to §8.7.8: timers that have come to their ends. */
  wake(now: number): void {
    if (this.hello.expired(now, this.times.helloTime)) {
      this.generateConfigs(now)
      this.hello.start(now)
    }
    if (this.changeNotice.expired(now, this.own.helloTime)) {
      this.transmitNotice(now)
      this.changeNotice.start(now)
    }
    if (this.changeTime.expired(now, this.times.maxAge + this.times.forwardDelay)) {
      this.changeDetected = false
      this.change = false
    }
    for (const port of this.members()) if (port.messageAge.expired(now, this.times.maxAge)) this.forgetAged(now, port)
    for (const port of this.members())
      if (port.forwardDelay.expired(now, this.times.forwardDelay)) this.advance(now, port)
    for (const port of this.members())
      if (port.hold.expired(now, holdTime) && port.isPending) this.transmitConfig(now, port)
  }

  private receiveConfig(now: number, port: StpPort, config: ConfigMessage): void {
    const wasRoot = this.isRoot
    if (isNews(config, port, this.bridgeId)) {
      port.designatedRoot = config.root
      port.designatedCost = config.rootCost
      port.designatedBridge = config.bridge
      port.designatedPort = config.port
      port.messageAge.start(now, config.messageAge * unit)
      this.updateConfiguration()
      this.selectStates(now)
      if (wasRoot && !this.isRoot) {
        this.hello.stop()
        if (this.changeDetected) {
          this.changeTime.stop()
          this.transmitNotice(now)
          this.changeNotice.start(now)
        }
      }
      if (port === this.rootPort) this.hearRoot(now, config)
    } else if (this.isDesignated(port)) this.transmitConfig(now, port)
  }

  /** What the root says holds for all bridges, and is passed on. */
  private hearRoot(now: number, config: ConfigMessage): void {
    this.times = {
      maxAge: config.maxAge * unit,
      helloTime: config.helloTime * unit,
      forwardDelay: config.forwardDelay * unit,
    }
    this.change = (config.flags & BpduFlag.change) !== 0
    if (this.change) this.needsFlush = true
    this.generateConfigs(now)
    if ((config.flags & BpduFlag.changeAck) !== 0) {
      this.changeDetected = false
      this.changeNotice.stop()
    }
  }

  private isDesignated(port: StpPort): boolean {
    return port.designatedBridge === this.bridgeId && port.designatedPort === port.id
  }

  private transmitConfig(now: number, port: StpPort): void {
    if (port.hold.isRunning) {
      this.debug(now, `${this.at(port)}, transmit config bpdu pending`)
      port.isPending = true
      return
    }
    const age = this.rootPort === undefined ? 0 : Math.floor(this.rootPort.messageAge.value(now) / unit) + ageIncrement
    if (age * unit >= this.times.maxAge) return
    const flags = (port.acknowledges ? BpduFlag.changeAck : 0) | (this.change ? BpduFlag.change : 0)
    port.acknowledges = false
    port.isPending = false
    this.debug(now, `${this.at(port)}, transmit config bpdu`)
    this.send(port, {
      kind: 'config',
      version: 0,
      flags,
      root: this.designatedRoot,
      rootCost: this.rootPathCost,
      bridge: this.bridgeId,
      port: port.id,
      messageAge: age,
      maxAge: this.times.maxAge / unit,
      helloTime: this.times.helloTime / unit,
      forwardDelay: this.times.forwardDelay / unit,
    })
    port.hold.start(now)
  }

  private send(port: StpPort, bpdu: Bpdu): void {
    port.counts.sent++
    this.sent.push({ port: port.number, bpdu })
  }

  private generateConfigs(now: number): void {
    for (const port of this.members()) if (this.isDesignated(port)) this.transmitConfig(now, port)
  }

  /** Tells the way to the root that the tree has changed. */
  private transmitNotice(now: number): void {
    if (this.rootPort === undefined) return
    this.debug(now, `${this.at(this.rootPort, 'root port')}, transmit tcn`)
    this.send(this.rootPort, { kind: 'change', version: 0 })
  }

  private at({ number }: StpPort, as = 'port'): string {
    return `bridge: ${this.host.name}, ${as}: ${this.host.ports.get(number)?.name ?? ''}`
  }

  private debug(now: number, text: string): void {
    this.limit.log(this.host.log, now, 'stp', 'dbg', text)
  }

  private updateConfiguration(): void {
    this.selectRoot()
    for (const port of this.members()) if (this.shouldBeDesignated(port)) this.becomeDesignated(port)
  }

  private selectRoot(): void {
    let best: StpPort | undefined
    for (const port of this.members()) {
      if (this.isDesignated(port) || port.designatedRoot >= this.bridgeId) continue
      if (best === undefined || isBetterRoot(port, best)) best = port
    }
    this.rootPort = best
    this.designatedRoot = best?.designatedRoot ?? this.bridgeId
    this.rootPathCost = best === undefined ? 0 : best.designatedCost + best.pathCost
  }

  /** §8.6.11. */
  private shouldBeDesignated(port: StpPort): boolean {
    if (this.isDesignated(port) || port.designatedRoot !== this.designatedRoot) return true
    if (this.rootPathCost !== port.designatedCost) return this.rootPathCost < port.designatedCost
    if (this.bridgeId !== port.designatedBridge) return this.bridgeId < port.designatedBridge
    return port.id <= port.designatedPort
  }

  private becomeDesignated(port: StpPort): void {
    port.designatedRoot = this.designatedRoot
    port.designatedCost = this.rootPathCost
    port.designatedBridge = this.bridgeId
    port.designatedPort = port.id
  }

  private selectStates(now: number): void {
    for (const port of this.members()) {
      if (port === this.rootPort) {
        port.isPending = false
        port.acknowledges = false
        this.makeForwarding(now, port)
      } else if (this.isDesignated(port)) {
        port.messageAge.stop()
        this.makeForwarding(now, port)
      } else {
        port.isPending = false
        port.acknowledges = false
        this.makeBlocking(now, port)
      }
    }
  }

  private makeForwarding(now: number, port: StpPort): void {
    if (port.state !== 'blocking') return
    this.setState(now, port, 'listening')
    port.forwardDelay.start(now)
  }

  private makeBlocking(now: number, port: StpPort): void {
    if (port.state === 'blocking') return
    if (port.state !== 'listening') this.detectChange(now)
    this.setState(now, port, 'blocking')
    port.forwardDelay.stop()
  }

  private setState(now: number, port: StpPort, state: TreeState): void {
    if (trees[port.state].learns !== trees[state].learns) this.needsFlush = true
    port.state = state
    port.since = now
  }

  /** §8.7.5: a port has waited long enough. */
  private advance(now: number, port: StpPort): void {
    if (port.state === 'listening') {
      this.setState(now, port, 'learning')
      port.forwardDelay.start(now)
    } else if (port.state === 'learning') {
      this.setState(now, port, 'forwarding')
      if ([...this.ports.values()].some(each => each.designatedBridge === this.bridgeId)) this.detectChange(now)
    }
  }

  /** §8.7.4: the bridge that was heard here is silent. */
  private forgetAged(now: number, port: StpPort): void {
    this.debug(now, `${this.at(port)}, message age timer expired`)
    const wasRoot = this.isRoot
    this.becomeDesignated(port)
    this.reconsider(now, wasRoot)
  }

  private reconsider(now: number, wasRoot: boolean): void {
    this.updateConfiguration()
    this.selectStates(now)
    if (!this.isRoot || wasRoot) return
    this.times = this.own
    this.detectChange(now)
    this.changeNotice.stop()
    this.generateConfigs(now)
    this.hello.start(now)
  }

  private detectChange(now: number): void {
    this.host.log('stp', 'info', `${this.host.name}: detected topology change.`)
    if (this.isRoot) {
      this.change = true
      this.changeTime.start(now)
    } else if (!this.changeDetected) {
      this.transmitNotice(now)
      this.changeNotice.start(now)
    }
    this.needsFlush = true
    this.changeDetected = true
  }
}

const trees = portTrees('STP')
