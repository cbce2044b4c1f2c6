import type { Cancel, Duplex } from '../../runtime/index.ts'
import type { OpenFlowAgent } from './agent.ts'
import type { ConnectionKind } from './connection.ts'
import { adjust, Connector, type ControllerOptions, type Dial, type TlsKeys } from './connector.ts'
import { FailOpen } from './fail-open.ts'
import type { Peer } from './peer.ts'

/** Waits for connections at `ptcp:6653` and the like, with the keys of the moment; a text says why it cannot. Gives how to stop. */
export type Listen = (
  target: string,
  accept: (duplex: Duplex, name: string) => void,
  tls?: () => TlsKeys | undefined,
) => Cancel | string

/** What the outside hands to those who call controllers and wait for them. */
export type Network = { dial: Dial; listen: Listen }

/** Nobody can be reached. */
export const noNetwork: Network = {
  dial: (_target, done) => {
    done('Network is unreachable')
    return () => {}
  },
  listen: () => 'Address family not supported by protocol',
}

const isPassive = (target: string): boolean => /^p(tcp|ssl|unix):/.test(target)

/** A place to be called at, and who has called. */
type Passive = { options: ControllerOptions; readonly kind: ConnectionKind; readonly peers: Set<Peer>; stop: Cancel }

/** Absent for three probe intervals is absent. */
const intervals = 3

/** The controllers that a bridge is configured with: those it calls, and the places where it waits to be called. */
export class Controllers {
  private readonly active = new Map<string, Connector>()
  private readonly passive = new Map<string, Passive>()
  private readonly agent: OpenFlowAgent
  private readonly network: Network
  private readonly changed: () => void
  private readonly failOpen: FailOpen

  /** `changed` is called when a controller came or went. */
  constructor(agent: OpenFlowAgent, network: Network, changed: () => void = () => {}) {
    this.agent = agent
    this.network = network
    this.changed = () => {
      this.failOpen.check()
      changed()
    }
    const ruling = (): Connector[] => [...this.active.values()].filter(({ kind }) => kind === 'primary')
    this.failOpen = new FailOpen(agent, {
      absence: () => (ruling().length === 0 ? undefined : Math.min(...ruling().map(each => each.absent()))),
      trigger: () => intervals * Math.max(...ruling().map(each => each.options.probeInterval)),
      isConnected: () => ruling().some(each => each.isConnected),
    })
  }

  /** Whether the bridge does without controllers that it should have. */
  get isFailedOpen(): boolean {
    return this.failOpen.isOpen
  }

  /** The one with this target, if it is one that is called. */
  get(target: string): Connector | undefined {
    return this.active.get(target)
  }

  /** Makes the set be this one; those that stay keep their connections, unless they are to speak other versions. */
  set(wanted: readonly ControllerOptions[]): void {
    const stays = ({ target, versions }: ControllerOptions): boolean =>
      wanted.some(each => each.target === target && each.versions === versions)
    const isWanted = (target: string): boolean => wanted.some(each => each.target === target)
    for (const [target, connector] of this.active) {
      if (stays(connector.options)) continue
      this.active.delete(target)
      this.sayGone(connector.kind, target, isWanted(target))
      connector.close()
    }
    for (const [target, { options, kind, stop }] of this.passive) {
      if (stays(options)) continue
      this.passive.delete(target)
      this.sayGone(kind, target, isWanted(target))
      stop()
    }
    for (const options of wanted) {
      if (isPassive(options.target)) this.listen(options)
      else this.call(options)
    }
    const all = [...this.active.values(), ...this.passive.values()]
    this.agent.bridge.setControlled(all.some(({ kind }) => kind === 'primary'))
    this.failOpen.check()
  }

  close(): void {
    this.set([])
    this.failOpen.close()
  }

  private say(text: string): void {
    const { bridge, sw } = this.agent
    sw.log('connmgr', 'info', `${bridge.name}: ${text}`)
  }

  /** One that is wanted still comes back with other versions. */
  private sayGone(kind: ConnectionKind, target: string, comesBack: boolean): void {
    if (comesBack) this.say(changedController(target))
    else this.say(`removed ${kind} controller "${target}"`)
  }

  private call(options: ControllerOptions): void {
    const { target } = options
    const connector = this.active.get(target)
    if (connector !== undefined) {
      connector.update(options)
      return
    }
    const made = new Connector(this.agent, this.network.dial, options, this.changed)
    this.active.set(target, made)
    this.say(`added ${made.kind} controller "${target}"`)
  }

  private listen(options: ControllerOptions): void {
    const { target, kind = 'service' } = options
    const there = this.passive.get(target)
    if (there !== undefined) {
      there.options = options
      for (const peer of there.peers) adjust(peer, options)
      return
    }
    const passive: Passive = { options, kind, peers: new Set(), stop: () => {} }
    const accept = (duplex: Duplex, name: string): void => {
      const peer = this.agent.accept(duplex, { kind, name })
      // Those that are gone are forgotten when another comes.
      for (const each of passive.peers) if (!this.agent.peers.has(each)) passive.peers.delete(each)
      passive.peers.add(peer)
      adjust(peer, passive.options)
    }
    const stop = this.network.listen(target, accept, () => passive.options.tls)
    if (typeof stop === 'string') return
    this.passive.set(target, Object.assign(passive, { stop }))
    this.say(`added ${kind} controller "${target}"`)
  }
}

/** What the log says where a controller, or who waits for one, is to begin anew. */
export const changedController = (target: string): string =>
  `Changes to controller "${target}" expects re-initialization: Re-initializing now.`
