import { hashPair } from '../../flow/key-hash.ts'
import { second } from '../../runtime/clock.ts'
import { type Bpdu, parseBpdu } from '../../wire/bpdu.ts'
import { HashOrder } from '../flood-order.ts'
import { type PortTree, portTrees, type SpanningTree, type TreeState } from '../stp/spanning-tree.ts'
import type { TreeHost } from '../tree-host.ts'
import { informationMachine } from './information.ts'
import { type Machine, type MachineName, step } from './machines.ts'
import {
  bridgeDetectionMachine,
  migrationMachine,
  receiveMachine,
  stateTransitionMachine,
  topologyChangeMachine,
  transmitMachine,
} from './port-machines.ts'
import { roleTransitionMachine } from './role-transition.ts'
import { assignRoles, type RootInfo, selectRoot } from './roles.ts'
import { portNumber, type RstpPort, type RstpTimers, rstpPort } from './rstp-port.ts'
import type { RstpTimes } from './settings.ts'
import type { RstpWorld } from './world.ts'

/** By whose name the log speaks. */
type RstpHost = Pick<TreeHost, 'name' | 'log'>

/** What the owner of a bridge sets. */
export type RstpSettings = { id: bigint; times: RstpTimes; holdCount: number; isRapid: boolean }

/** What the owner of a port sets. */
export type RstpPortSettings = {
  id: number
  pathCost: number
  adminEdge: boolean
  autoEdge: boolean
  mcheck: boolean
  enabled: boolean
}

/** Steps after which machines that still go on are left alone until something happens. */
const mostSteps = 1000

// biome-ignore lint/suspicious/noExplicitAny: each machine has names of states of its own
type AnyMachine = Machine<RstpPort, any>

/**
 * The rapid spanning tree protocol of one bridge (IEEE 802.1D-2004 §17). Ports ask their neighbours before they forward, so
 * that a tree of rapid bridges is there as soon as they have talked; where a neighbour is silent or of 1998, timers decide.
 * Timers count whole seconds from when the bridge began, as Open vSwitch's do.
 */
export class Rstp implements SpanningTree, RstpWorld {
  readonly protocol = 'RSTP'
  /** In the order in which they take their turns: along Open vSwitch's table of their numbers. */
  ports: readonly RstpPort[] = []
  private readonly table = new HashOrder<RstpPort>(port => hashPair(portNumber(port), 0))
  root: RootInfo
  private settings: RstpSettings
  private nextTick: number
  private selects = false
  private sent: { port: number; bpdu: Bpdu }[] = []
  private readonly flushes = new Set<number>()
  private readonly machines: readonly (readonly [MachineName, AnyMachine])[]

  private readonly host: RstpHost

  constructor(host: RstpHost, now: number, settings: RstpSettings) {
    this.host = host
    this.settings = settings
    this.root = selectRoot(settings.id, settings.times, [])
    this.nextTick = now + second
    this.machines = [
      ['receive', receiveMachine],
      ['bridgeDetection', bridgeDetectionMachine],
      ['information', informationMachine(this)],
      ['roleTransition', roleTransitionMachine(this)],
      ['stateTransition', stateTransitionMachine],
      ['topologyChange', topologyChangeMachine(this)],
      ['transmit', transmitMachine(this)],
      ['migration', migrationMachine(this)],
    ]
  }

  get id(): bigint {
    return this.settings.id
  }
  get isRapid(): boolean {
    return this.settings.isRapid
  }
  get holdCount(): number {
    return this.settings.holdCount
  }
  get times(): RstpTimes {
    return this.settings.times
  }
  get rootTimes(): RstpTimes {
    return this.root.times
  }
  get isRoot(): boolean {
    return this.root.port === undefined
  }

  member(number: number): RstpPort | undefined {
    return this.ports.find(port => port.number === number)
  }

  configure(settings: RstpSettings): void {
    const before = this.settings
    this.settings = settings
    if (before.isRapid !== settings.isRapid) for (const port of this.ports) restart(port, 'migration', 'checking')
    if (JSON.stringify(shown(before)) === JSON.stringify(shown(settings))) return
    for (const port of this.ports) reselect(port)
    this.move()
  }

  addPort(now: number, number: number, settings: RstpPortSettings): void {
    const port = rstpPort(now, number, settings.id, this.rootTimes)
    this.set(port, settings)
    this.table.add(port)
    this.ports = this.table.list()
    reselect(port)
    this.move()
  }

  removePort(number: number): void {
    const gone = this.member(number)
    if (gone === undefined) return
    this.table.remove(gone)
    this.ports = this.table.list()
    this.flushes.add(number)
    for (const port of this.ports) reselect(port)
    this.move()
  }

  configurePort(number: number, settings: RstpPortSettings): void {
    const port = this.member(number)
    if (port === undefined) return
    const before = portNumber(port)
    const { id, pathCost, enabled } = settings
    const same = id === port.id && pathCost === port.pathCost && enabled === port.enabled
    this.set(port, settings)
    // A port with another number is put into the table anew.
    if (portNumber(port) !== before) {
      this.table.remove(port)
      this.table.add(port)
      this.ports = this.table.list()
    }
    if (!same) reselect(port)
    if (!enabled) this.flushes.add(number)
    this.move()
  }

  private set(port: RstpPort, { mcheck, ...settings }: RstpPortSettings): void {
    Object.assign(port, settings)
    if (mcheck && !port.mcheckAsked && this.isRapid) port.mcheck = true
    port.mcheckAsked = mcheck
  }

  receive(_now: number, number: number, bytes: Uint8Array): void {
    const port = this.member(number)
    if (port === undefined) return
    const read = parseBpdu(bytes, 0, bytes.length)
    if (!read.ok || !this.isValid(port, read.value)) {
      const { name, log } = this.host
      log('rstp_sm', 'dbg', `${name}, port ${portNumber(port)}: Bad STP or RSTP BPDU received`)
      port.counts.bad++
      return
    }
    port.counts.received++
    port.message = read.value
    port.rcvdBpdu = true
    this.move()
  }

  /** §9.3.4: of 1998 not too old, and not our own; how old a rapid message is, is seen when it is looked at. */
  private isValid({ id }: RstpPort, bpdu: Bpdu): boolean {
    if (bpdu.kind !== 'config') return true
    return bpdu.messageAge < bpdu.maxAge && (bpdu.bridge !== this.id || bpdu.port !== id)
  }

  /** `rstp/tcn`: as if a change had been detected on every port. */
  forceChange(): void {
    for (const port of this.ports) port.tcProp = true
    this.move()
  }

  nextWake(): number | undefined {
    return this.ports.length === 0 ? undefined : this.nextTick
  }

  wake(now: number): void {
    if (now < this.nextTick) return
    this.nextTick = now + second
    for (const port of this.ports) {
      for (const name of Object.keys(port.timers) as (keyof RstpTimers)[])
        port.timers[name] = Math.max(0, port.timers[name] - 1)
      port.txCount = Math.max(0, port.txCount - 1)
    }
    this.move()
  }

  take(): { port: number; bpdu: Bpdu }[] {
    return this.sent.splice(0)
  }

  takeFlush(): number[] | undefined {
    if (this.flushes.size === 0) return undefined
    const ports = [...this.flushes]
    this.flushes.clear()
    return ports
  }

  port(number: number): PortTree | undefined {
    const found = this.member(number)
    return found && trees[stateOf(found)]
  }

  send(port: RstpPort, bpdu: Bpdu): void {
    port.counts.sent++
    this.sent.push({ port: port.number, bpdu })
  }

  flush(port: RstpPort): void {
    this.flushes.add(port.number)
  }

  /** Lets all machines go on until none has anything to do. */
  private move(): void {
    for (let steps = 0; steps < mostSteps; steps++) {
      let moved = this.selectRoles()
      for (const port of this.ports)
        for (const [name, machine] of this.machines) if (step(machine, port.machines[name], port)) moved = true
      if (!moved) return
    }
  }

  private selectRoles(): boolean {
    const { id, times } = this.settings
    if (this.selects) {
      this.selects = false
      for (const port of this.ports) port.reselect = false
      this.root = selectRoot(id, times, this.ports)
      assignRoles(id, times, this.root, this.ports)
      for (const port of this.ports) port.selected = true
      return true
    }
    this.selects = this.ports.some(port => port.reselect)
    return this.selects
  }
}

const shown = ({ id, ...rest }: RstpSettings): unknown => ({ ...rest, id: String(id) })

const reselect = (port: RstpPort): void => {
  port.reselect = true
  port.selected = false
}

const restart = (port: RstpPort, name: MachineName, state: string): void => {
  port.machines[name].state = state
  port.machines[name].isNew = true
}

/** Discarding is `listening`, as OpenFlow has no other name for it. */
export const stateOf = ({ learning, forwarding }: RstpPort): TreeState =>
  forwarding ? 'forwarding' : learning ? 'learning' : 'listening'

const trees = portTrees('RSTP')
