import { Kernel, type Link } from '../host/index.ts'
import { commands, Machine, type MachineOptions, openVSwitch, openVSwitchCommands } from '../machine/index.ts'
import {
  type Log,
  millisecond,
  type Random,
  seeded,
  silent,
  start,
  UnixSockets,
  VirtualClock,
} from '../runtime/index.ts'
import { noNetwork, type Network as Outside } from '../switch/agent/controllers.ts'
import type { Vswitchd } from '../vswitchd/index.ts'
import { Cable, type CableEnd, type CableOptions } from './cable.ts'

export type NetworkOptions = { seed?: number; log?: Log }

/** A mistake in a lab: which machine, which line, and what the machine said. */
export class LabError extends Error {
  override name = 'LabError'
}

/**
 * Machines and the cables between them, on one virtual clock. Everything random comes from the seed, and each machine and
 * cable draws from a generator of its own, so that adding one does not change what the others do.
 */
export class Network {
  readonly clock = new VirtualClock()
  readonly seed: number
  readonly machines = new Map<string, Machine>()
  /** Open vSwitch of each machine. */
  readonly daemons = new Map<string, Vswitchd>()
  readonly cables: Cable[] = []
  /** Told of each cable that is laid. */
  readonly onCable = new Set<(cable: Cable) => void>()
  /** How bridges reach OpenFlow controllers that are not in the lab: none, unless someone sets another. */
  outside: Outside = noNetwork
  private readonly log: Log

  constructor(options: NetworkOptions = {}) {
    this.seed = options.seed ?? 1
    this.log = options.log ?? silent
  }

  /** A generator that depends on the seed and the name alone. */
  random(name: string): Random {
    let hash = 0x811c9dc5
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
    return seeded((this.seed >>> 0) + (hash >>> 0) * 2 ** 21)
  }

  /** Adds a Linux box with a kernel, a shell and Open vSwitch. */
  machine(name: string, options: Pick<MachineOptions, 'processLimit'> = {}): Machine {
    if (this.machines.has(name)) throw new LabError(`there are two machines named ${name}`)
    const { clock, log } = this
    const random = this.random(name)
    const kernel = new Kernel({ clock, random, log, name })
    // As the boot scripts of any distribution do.
    kernel.root.lo.setUp(true)
    const sockets = new UnixSockets()
    const outside = (): Outside | undefined => (this.outside === noNetwork ? undefined : this.outside)
    const vswitchd = openVSwitch({ kernel, clock, random, log, sockets, outside })
    this.daemons.set(name, vswitchd)
    const tools = openVSwitchCommands(vswitchd, sockets)
    const machine = new Machine({
      kernel,
      clock,
      random,
      hostname: name,
      commands: { ...commands, ...tools },
      ...options,
    })
    this.machines.set(name, machine)
    return machine
  }

  /** Nanoseconds from 1970 to the clock's 0, as the machines' `date` has it; 0 without machines. */
  get epoch(): bigint {
    const [machine] = this.machines.values()
    return machine === undefined ? 0n : BigInt(Math.round(machine.wallTime() - this.clock.now() / 1e6)) * 1_000_000n
  }

  get(name: string): Machine {
    const machine = this.machines.get(name)
    if (machine === undefined) throw new LabError(`there is no machine named ${name}`)
    return machine
  }

  /**
   * Lays a cable between two places such as `hv1:eth0`. An interface that is not there becomes a NIC of that machine; one
   * that is there must be a tap or a NIC without a cable, and is plugged in.
   */
  cable(a: string, b: string, options: CableOptions = {}): Cable {
    const ends = [this.link(a), this.link(b)] as const
    const world = { clock: this.clock, random: this.random(`${a} ${b}`) }
    const cable = new Cable([a, b], world, options)
    for (const [i, end] of [cable.a, cable.b].entries()) plug(cable, end, ends[i] as Link)
    this.cables.push(cable)
    for (const told of this.onCable) told(cable)
    return cable
  }

  /**
   * Lays a cable from a NIC, made if it is not there, to a tap that need not be there yet, as a VM that waits for its tap. It is
   * plugged in as long as there is a tap of that name.
   */
  cableToTap(nic: string, tap: string, options: CableOptions = {}): Cable {
    const [name, device] = split(tap)
    const { root } = this.get(name).kernel
    const cable = new Cable([nic, tap], { clock: this.clock, random: this.random(`${nic} ${tap}`) }, options)
    plug(cable, cable.a, this.link(nic))
    let at: Link | undefined
    cable.onPlug.add(plugged => at?.setCarrier(plugged))
    const connect = (link: Link | undefined): void => {
      if (link === at) return
      at?.plug(undefined)
      at = link
      cable.b.output = link && { send: frame => link.deliver(frame) }
      link?.plug(cable.b)
      cable.plugged = link !== undefined
    }
    const look = (): void => {
      const link = root.links.get(device)
      connect(link?.kind === 'tap' ? link : undefined)
    }
    cable.plugged = false
    look()
    root.watchers.add((_, event) => {
      if (event === 'added' || event === 'removed' || event === 'name') look()
    })
    this.cables.push(cable)
    for (const told of this.onCable) told(cable)
    return cable
  }

  /** Makes sure that there is a NIC for a cable at a place, as `cable` does, so that commands can name it before. */
  nic(place: string): void {
    this.link(place)
  }

  /**
   * Lays a cable from a place to something that is no machine: a VTEP of the real world, a generator of frames. Gives
   * the end for it, under its own name; it sends with `send` and receives through `output`.
   */
  lead(place: string, name: string, options: CableOptions = {}): CableEnd {
    const link = this.link(place)
    const cable = new Cable([place, name], { clock: this.clock, random: this.random(`${place} ${name}`) }, options)
    plug(cable, cable.a, link)
    this.cables.push(cable)
    for (const told of this.onCable) told(cable)
    return cable.b
  }

  /** Gives the link of `hv1:eth0`, made if the machine has none of that name. */
  private link(place: string): Link {
    const [name, device] = split(place)
    const { links } = this.get(name).kernel.root
    const there = links.get(device)
    if (there === undefined) {
      const added = links.add('eth', device)
      if (!added.ok) throw new LabError(`${place}: ${added.errno}`)
      return added.value
    }
    if ((there.kind !== 'tap' && there.kind !== 'eth') || there.output !== undefined) {
      throw new LabError(`${place}: nothing can be plugged in there`)
    }
    return there
  }

  /** Types lines at a machine's prompt, one after the other; a line that fails is an error that quotes it. */
  type(name: string, script: string): string {
    const machine = this.get(name)
    let output = ''
    for (const line of script.split('\n').map(text => text.trim())) {
      if (line === '') continue
      const ran = this.finish(machine.exec(line))
      if (ran.status !== 0) throw new LabError(`${name}: ${line}\n${ran.stdout}${ran.stderr}`.trimEnd())
      output += ran.stdout
    }
    return output
  }

  /** Runs a task to its end, letting time pass as it needs. */
  finish<T>(task: Generator<(resume: () => void) => () => void, T, void>): T {
    let result: { value: T } | undefined
    start(task, {
      done: value => {
        result = { value }
      },
    })
    this.clock.runWhile(() => result === undefined)
    if (result === undefined) throw new LabError('a command waits for something that cannot happen')
    return result.value
  }

  /** Lets time pass: enough for links to come up and addresses to be found unique, unless told otherwise. */
  settle(duration = 2500 * millisecond): void {
    this.clock.runUntil(this.clock.now() + duration)
  }
}

const split = (place: string): [string, string] => {
  const at = place.indexOf(':')
  if (at <= 0 || at === place.length - 1) throw new LabError(`${place}: a place is written machine:interface`)
  return [place.slice(0, at), place.slice(at + 1)]
}

const plug = (cable: Cable, end: CableEnd, link: Link): void => {
  link.plug(end)
  end.output = { takesRuns: true, send: frame => link.deliver(frame) }
  cable.onPlug.add(plugged => link.setCarrier(plugged))
}
