import type { Cancel, Duplex } from '../../runtime/index.ts'
import type { OpenFlowAgent } from './agent.ts'
import { Connector, type ControllerOptions, type Dial, type TlsKeys } from './connector.ts'
import { FailOpen } from './fail-open.ts'

/** Waits for connections at `ptcp:6653` and the like; a text says why it cannot. Gives how to stop. */
export type Listen = (target: string, accept: (duplex: Duplex, name: string) => void, tls?: TlsKeys) => Cancel | string

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

/** Absent for three probe intervals is absent. */
const intervals = 3

/** The controllers that a bridge is configured with: those it calls, and the places where it waits to be called. */
export class Controllers {
  private readonly active = new Map<string, Connector>()
  private readonly passive = new Map<string, { options: ControllerOptions; stop: Cancel }>()
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
    const connectors = (): Connector[] => [...this.active.values()]
    this.failOpen = new FailOpen(
      agent.bridge,
      agent.sw.clock,
      () => (this.active.size === 0 ? undefined : Math.min(...connectors().map(each => each.absent()))),
      () => intervals * Math.max(...connectors().map(each => each.options.probeInterval)),
    )
  }

  /** Whether the bridge does without controllers that it should have. */
  get isFailedOpen(): boolean {
    return this.failOpen.isOpen
  }

  /** The one with this target, if it is one that is called. */
  get(target: string): Connector | undefined {
    return this.active.get(target)
  }

  /** Makes the set be this one; what stays as it is keeps its connection. */
  set(wanted: readonly ControllerOptions[]): void {
    const same = (a: ControllerOptions | undefined, b: ControllerOptions | undefined): boolean =>
      JSON.stringify(a) === JSON.stringify(b)
    const stays = (options: ControllerOptions): boolean =>
      wanted.some(each => each.target === options.target && same(each, options))
    for (const [target, connector] of this.active) {
      if (stays(connector.options)) continue
      this.active.delete(target)
      connector.close()
    }
    for (const [target, { options, stop }] of this.passive) {
      if (stays(options)) continue
      this.passive.delete(target)
      stop()
    }
    for (const options of wanted) {
      if (isPassive(options.target)) this.listen(options)
      else if (!this.active.has(options.target))
        this.active.set(options.target, new Connector(this.agent, this.network.dial, options, this.changed))
    }
    this.agent.bridge.setControlled(this.active.size > 0)
    this.failOpen.check()
  }

  close(): void {
    this.set([])
    this.failOpen.close()
  }

  private listen(options: ControllerOptions): void {
    if (this.passive.has(options.target)) return
    const { probeInterval, limit, quiet = false, tls } = options
    const accept = (duplex: Duplex, name: string): void => {
      this.agent.accept(duplex, { kind: 'service', name, probeInterval, limit, quiet })
    }
    const stop = this.network.listen(options.target, accept, tls)
    if (typeof stop !== 'string') this.passive.set(options.target, { options, stop })
  }
}
