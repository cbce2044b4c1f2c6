import type { Clock } from '../../runtime/index.ts'
import type { Mac } from '../../wire/address.ts'
import type { Frame } from '../../wire/frame.ts'
import { u48 } from '../../wire/header.ts'
import { segmentSize } from '../../wire/tcp-segments.ts'
import { done, failed, made, type Result } from '../errno.ts'
import type { Link, LinkEvent } from '../link.ts'
import type { LinkOptions, Links } from '../links.ts'
import { Fdb } from './fdb.ts'
import { BridgePort } from './port.ts'
import { type BridgeSetting, bridgeSettings, centisecond, checkSetting } from './settings.ts'
import { BridgeTree } from './tree.ts'

/** What a bridge needs of the namespace it is in. */
export type BridgeHome = { readonly clock: Clock; readonly links: Links }

/** Addresses that no bridge forwards (IEEE 802.1D-2004 §7.12.6); of the first, the tree's, see `takesGroup`. */
const firstGroup: Mac = 0x0180c2000000
const lastGroup: Mac = 0x0180c200000f

const mostPorts = 1023

const bridges = new WeakMap<Link, Bridge>()
const portsOf = new WeakMap<Link, { bridge: Bridge; port: BridgePort }>()

/** The bridge of a link of kind `bridge`. */
export const bridgeOf = (link: Link): Bridge | undefined => bridges.get(link)

/** The bridge that a link is a port of. */
export const bridgePortOf = (link: Link): { bridge: Bridge; port: BridgePort } | undefined => portsOf.get(link)

/** `ip link add NAME type bridge`. Errors are those of a link. */
export const addBridge = (home: BridgeHome, name: string, options: LinkOptions = {}): Result<Bridge> => {
  const added = home.links.add('bridge', name, options)
  return added.ok ? made(new Bridge(home, added.value, options.mac)) : added
}

/**
 * A Linux bridge: it learns where MACs are, floods what it does not know, and is a link of the machine itself. With
 * `stp_state` it takes part in a spanning tree. It does not tell VLANs apart, and as no bridge of Linux asks for groups by
 * itself, multicast goes to all ports.
 */
export class Bridge {
  readonly link: Link
  readonly fdb = new Fdb()
  /** The newest first: in this order the kernel floods. */
  readonly ports: BridgePort[] = []
  readonly settings: Record<BridgeSetting, number> = { ...bridgeSettings }
  tree: BridgeTree | undefined
  /** When it was set up, ns; undefined while it never was. */
  upSince: number | undefined
  private readonly clock: Clock
  private readonly home: BridgeHome
  /** The MAC in the bridge's identifier, and whether somebody chose it; otherwise it is the lowest of the ports'. */
  private idMac: Mac = 0
  private isMacChosen = false
  private isMtuChosen = false
  /** The change of the bridge's own link that is going on is the bridge's doing. */
  private adjusting = false
  private readonly quits = new Map<BridgePort, () => void>()

  constructor(home: BridgeHome, link: Link, mac: Mac | undefined) {
    this.home = home
    this.clock = home.clock
    this.link = link
    bridges.set(link, this)
    link.plug({ takesRuns: true, send: frame => this.sendOut(frame) })
    link.listen(event => this.ownChanged(event))
    if (mac !== undefined) this.macChosen(mac)
  }

  /** Priority 16 bits, MAC 48. */
  get id(): bigint {
    return (BigInt(this.settings.priority) << 48n) | BigInt(this.idMac)
  }

  get hasTree(): boolean {
    return this.settings.stp_state !== 0
  }

  /** For how long a MAC that is not seen is kept, ns: shorter while the tree changes. */
  get holding(): number {
    if (this.tree?.stp.changes.told) return 2 * this.tree.stp.times.forwardDelay
    return this.settings.ageing_time * centisecond
  }

  /** `ip link set LINK master BRIDGE`: EINVAL, ELOOP, EBUSY. */
  addPort(link: Link): Result<BridgePort> {
    if (link.isLoopback || this.home.links.at(link.index) !== link) return failed('EINVAL')
    if (link.kind === 'bridge') return failed('ELOOP', 'Can not enslave a bridge to a bridge.')
    if (link.master !== undefined) return failed('EBUSY')
    const taken = new Set(this.ports.map(({ number }) => number))
    let number = 1
    while (taken.has(number)) number++
    if (number > mostPorts) return failed('EXFULL')
    const port = new BridgePort(link, number, this.clock.now())
    this.ports.unshift(port)
    portsOf.set(link, { bridge: this, port })
    this.fdb.setOwn(link.mac, port, this.clock.now())
    link.enslave(this.link.name, frame => this.receive(port, frame))
    this.quits.set(
      port,
      link.listen(event => this.portChanged(port, event)),
    )
    this.chooseMac()
    this.chooseMtu()
    this.refresh(port)
    return made(port)
  }

  /** `ip link set LINK nomaster`. */
  removePort(port: BridgePort): void {
    const at = this.ports.indexOf(port)
    if (at < 0) return
    this.disable(port)
    this.ports.splice(at, 1)
    this.quits.get(port)?.()
    this.quits.delete(port)
    portsOf.delete(port.link)
    this.fdb.flush(port, true)
    for (const other of this.ports) this.fdb.setOwn(other.link.mac, other, this.clock.now())
    port.link.enslave(undefined, undefined)
    this.chooseMac()
    this.chooseMtu()
    this.select()
  }

  /** Changes a setting: ERANGE, EOPNOTSUPP. */
  set(name: BridgeSetting, value: number): Result {
    const checked = checkSetting(name, value, this.hasTree)
    if (!checked.ok) return checked
    const before = this.settings[name]
    this.settings[name] = value
    if (name !== 'stp_state') this.tree?.configure(this.id, this.times)
    else if ((before !== 0) !== (value !== 0)) this.switchTree()
    return done
  }

  /** Cost 1 to 65535, priority 0 to 63 of a port: ERANGE. */
  configurePort(port: BridgePort, { cost, priority }: { cost?: number; priority?: number }): Result {
    if (cost !== undefined && (cost < 1 || cost > 65535)) return failed('ERANGE')
    if (priority !== undefined && (priority < 0 || priority > 63)) return failed('ERANGE')
    if (cost !== undefined) port.pathCost = cost
    if (priority !== undefined) port.priority = priority
    this.tree?.configure(this.id, this.times)
    return done
  }

  /** Lets a port do something by hand: EBUSY with a tree, ENETDOWN for one that is down, EINVAL. */
  setState(port: BridgePort, state: number): Result {
    const name = stateNames[state]
    if (name === undefined) return failed('EINVAL')
    if (this.hasTree) return failed('EBUSY')
    if (!port.link.up || (!port.link.carrier && state !== 0)) return failed('ENETDOWN')
    port.state = name
    port.since = this.clock.now()
    this.select()
    return done
  }

  private get times() {
    const { hello_time, max_age, forward_delay } = this.settings
    return {
      helloTime: hello_time * centisecond,
      maxAge: max_age * centisecond,
      forwardDelay: forward_delay * centisecond,
    }
  }

  private receive(port: BridgePort, frame: Frame): void {
    const { bytes, start } = frame
    if (port.state === 'disabled') return
    const src = u48.get(bytes, start + 6)
    if (((bytes[start + 6] as number) & 1) === 1 || src === 0) return
    const dst = u48.get(bytes, start)
    if (dst >= firstGroup && dst <= lastGroup && this.takesGroup(dst)) {
      this.receiveGroup(port, frame, dst, src)
      return
    }
    if (port.state !== 'forwarding' && port.state !== 'learning') return
    const now = this.clock.now()
    const { fdb, holding } = this
    if (port.flags.locked) {
      const known = fdb.find(src, now, holding)
      if (known?.port !== port || known.isLocal) return
    }
    if (port.learns) fdb.learn(src, port, now, holding)
    if (port.state === 'learning') return
    if (((bytes[start] as number) & 1) === 1) {
      const flag = dst === 0xffffffffffff ? 'bcast_flood' : 'mcast_flood'
      this.flood(frame.copy(), port, flag)
      this.link.deliver(frame)
      return
    }
    const entry = fdb.find(dst, now, holding)
    if (entry !== undefined) entry.used = now
    if (entry?.isLocal) {
      this.link.deliver(frame)
      return
    }
    if (this.link.promiscuity > 0) this.link.deliver(frame.copy())
    if (entry?.port === undefined) this.flood(frame, port, 'flood')
    else if (mayLeave(entry.port, frame, port)) entry.port.link.transmit(frame)
  }

  /** What the machine itself sends. */
  private sendOut(frame: Frame): void {
    const { bytes, start } = frame
    const dst = u48.get(bytes, start)
    if (((bytes[start] as number) & 1) === 1) {
      this.flood(frame, undefined, dst === 0xffffffffffff ? 'bcast_flood' : 'mcast_flood')
      return
    }
    const entry = this.fdb.find(dst, this.clock.now(), this.holding)
    if (entry === undefined) this.flood(frame, undefined, 'flood')
    else if (entry.port !== undefined && mayLeave(entry.port, frame, undefined)) entry.port.link.transmit(frame)
  }

  private flood(frame: Frame, from: BridgePort | undefined, flag: 'flood' | 'mcast_flood' | 'bcast_flood'): void {
    let last: BridgePort | undefined
    for (const port of this.ports) {
      if (!port.flags[flag] || !mayLeave(port, frame, from)) continue
      last?.link.transmit(frame.copy())
      last = port
    }
    last?.link.transmit(frame)
  }

  /** Without a tree its messages pass, so that others may find the circle; `group_fwd_mask` lets more pass. */
  private takesGroup(dst: Mac): boolean {
    const which = dst - firstGroup
    if (which === 0 && !this.hasTree) return false
    return which === 1 || ((this.settings.group_fwd_mask >> which) & 1) === 0
  }

  private receiveGroup(port: BridgePort, frame: Frame, dst: Mac, src: Mac): void {
    // A message to pause is for the device alone.
    if (dst === firstGroup + 1) return
    if (port.learns && this.settings.no_linklocal_learn === 0) this.fdb.learn(src, port, this.clock.now(), this.holding)
    if (dst !== firstGroup) {
      port.link.owner.receive(port.link, frame)
      return
    }
    if (port.flags.guard) this.disable(port)
    else this.tree?.receive(port, frame)
  }

  private ownChanged(event: LinkEvent): void {
    const { link } = this
    if (event === 'removed') for (const port of [...this.ports]) this.removePort(port)
    if (event === 'name') for (const port of this.ports) port.link.master = link.name
    if (event === 'up' || event === 'down') {
      if (event === 'up') this.upSince = this.clock.now()
      if (event === 'up' && this.hasTree) this.startTree()
      for (const port of [...this.ports].reverse()) this.refresh(port)
      if (event === 'down') this.stopTree()
    }
    if (this.adjusting) return
    if (event === 'mac') this.macChosen(link.mac)
    if (event === 'mtu') this.isMtuChosen = true
  }

  private portChanged(port: BridgePort, event: LinkEvent): void {
    if (event === 'removed') this.removePort(port)
    else if (event === 'up' || event === 'down' || event === 'carrier') this.refresh(port)
    else if (event === 'mtu') this.chooseMtu()
    else if (event === 'mac') {
      for (const { mac, port: owner, isLocal, byHand } of this.fdb.list(0, 0))
        if (owner === port && isLocal && !byHand) this.fdb.delete(mac)
      this.fdb.setOwn(port.link.mac, port, this.clock.now())
      this.chooseMac()
    }
  }

  /** A port takes part while it and the bridge are up. */
  private refresh(port: BridgePort): void {
    const on = this.link.up && port.link.running
    if (!on) {
      if (port.state !== 'disabled') this.disable(port)
      return
    }
    if (port.state !== 'disabled') return
    if (this.tree === undefined) this.move(port, 'forwarding')
    else this.tree.add(port)
    this.select()
  }

  private disable(port: BridgePort): void {
    this.tree?.remove(port)
    this.move(port, 'disabled')
    this.fdb.flush(port)
    this.select()
  }

  private move(port: BridgePort, state: BridgePort['state']): void {
    port.state = state
    port.since = this.clock.now()
  }

  /** A bridge has a carrier while a port of it forwards. */
  private select(): void {
    this.link.setCarrier(this.ports.some(port => port.forwards))
  }

  private switchTree(): void {
    if (this.hasTree) {
      if (this.link.up) this.startTree()
    } else {
      this.stopTree()
      for (const port of this.ports) if (port.state !== 'disabled') this.move(port, 'forwarding')
      this.select()
    }
  }

  private startTree(): void {
    this.tree = new BridgeTree(this.clock, this.link.name, this.id, this.times, () => this.select())
    for (const port of this.ports) if (port.state !== 'disabled') this.tree.add(port)
  }

  private stopTree(): void {
    this.tree?.stop()
    this.tree = undefined
  }

  private macChosen(mac: Mac): void {
    this.isMacChosen = true
    this.setId(mac)
  }

  private chooseMac(): void {
    if (this.isMacChosen) return
    const mac = this.ports.length === 0 ? 0 : Math.min(...this.ports.map(({ link }) => link.mac))
    if (mac === this.idMac) return
    this.adjust(() => {
      this.link.mac = mac
      this.link.owner.changed(this.link, 'mac')
    })
    this.setId(mac)
  }

  private setId(mac: Mac): void {
    const own = this.fdb.find(this.idMac, 0, 0)
    if (own?.isLocal && own.port === undefined && !own.byHand) this.fdb.delete(this.idMac)
    this.idMac = mac
    if (mac !== 0) this.fdb.setOwn(mac, undefined, this.clock.now())
    this.tree?.configure(this.id, this.times)
    this.select()
  }

  /** The smallest of the ports', unless somebody chose another. */
  private chooseMtu(): void {
    if (this.isMtuChosen) return
    const mtu = this.ports.length === 0 ? 1500 : Math.min(...this.ports.map(({ link }) => link.mtu))
    this.adjust(() => this.link.setMtu(mtu))
  }

  private adjust(run: () => void): void {
    this.adjusting = true
    run()
    this.adjusting = false
  }
}

/** As `bridge link set … state` numbers them. */
export const stateNames = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const

const mayLeave = (port: BridgePort, frame: Frame, from: BridgePort | undefined): boolean =>
  port.forwards &&
  (port !== from || port.flags.hairpin) &&
  !(from?.flags.isolated && port.flags.isolated) &&
  (frame.end - frame.start <= port.link.mtu + 18 || segmentSize(frame) <= port.link.mtu + 18)
