import { below, type Random } from '../runtime/index.ts'
import type { Mac } from '../wire/address.ts'
import type { Backlog } from './backlog.ts'
import { done, failed, made, type Result } from './errno.ts'
import { isLinkName, Link, type LinkOwner } from './link.ts'
import type { LinkKind } from './link-kind.ts'

/** A random unicast address with the locally administered bit, as the kernel gives to virtual devices. */
export const randomMac = (random: Random): Mac =>
  ((below(random, 256) & 0xfc) | 2) * 2 ** 40 + below(random, 256) * 2 ** 32 + below(random, 2 ** 32)

export type LinkOptions = { mac?: Mac; mtu?: number; index?: number; txQueueLength?: number }

/** The links of one namespace. Each namespace counts its own ifindexes from 1, which is `lo`. */
export class Links {
  private readonly byIndex = new Map<number, Link>()
  private readonly byName = new Map<string, Link>()
  private last = 0
  private readonly owner: LinkOwner
  private readonly backlog: Backlog
  private readonly random: Random

  constructor(owner: LinkOwner, backlog: Backlog, random: Random) {
    this.owner = owner
    this.backlog = backlog
    this.random = random
  }

  get(name: string): Link | undefined {
    return this.byName.get(name)
  }

  at(index: number): Link | undefined {
    return this.byIndex.get(index)
  }

  /** In the order of their indexes, as `ip link` lists them. */
  all(): Link[] {
    return [...this.byIndex.values()].sort((a, b) => a.index - b.index)
  }

  /** Makes a link that is not a veth. Errors: EEXIST, EINVAL (name), ERANGE. Taps and NICs start without carrier. */
  add(kind: Exclude<LinkKind, 'veth'>, name: string, options: LinkOptions = {}): Result<Link> {
    const refusal = this.refusal(name, options)
    if (refusal !== undefined) return refusal
    const link = this.make(kind, name, options)
    this.insert(link)
    return made(link)
  }

  /** Makes a pair, the second end here or in another namespace; gives the first end. */
  addVeth(
    name: string,
    peerName: string,
    far: Links = this,
    options: LinkOptions = {},
    peer: LinkOptions = {},
  ): Result<Link> {
    if (far === this && name === peerName) return failed('EEXIST')
    const refusal = this.refusal(name, options) ?? far.refusal(peerName, peer)
    if (refusal !== undefined) return refusal
    // The kernel registers the peer first, so that in one namespace it gets the lower index.
    const b = far.make('veth', peerName, peer)
    far.reserve(b)
    const a = this.make('veth', name, options)
    a.peer = b
    b.peer = a
    far.insert(b)
    this.insert(a)
    return made(a)
  }

  /** Removes a link; a veth takes its other end along. EOPNOTSUPP for `lo`. */
  remove(link: Link): Result {
    if (link.isLoopback) return failed('EOPNOTSUPP')
    const { peer } = link
    this.drop(link)
    if (peer !== undefined) peer.owner.discard(peer)
    return done
  }

  /** Takes the link out of the tables: what `remove` does to one end. */
  drop(link: Link): void {
    if (this.byIndex.get(link.index) !== link) return
    link.setUp(false)
    link.setEgress(undefined)
    this.byIndex.delete(link.index)
    this.byName.delete(link.name)
    this.owner.changed(link, 'removed')
  }

  /** A link may be renamed while it is up, as since Linux 6.2. Errors: EEXIST, EINVAL. */
  rename(link: Link, name: string): Result {
    if (name === link.name) return done
    const refusal = this.refusal(name, {})
    if (refusal !== undefined) return refusal
    this.byName.delete(link.name)
    link.name = name
    this.byName.set(name, link)
    this.owner.changed(link, 'name')
    return done
  }

  /** Moves a link to another namespace; it goes down and loses its addresses. EINVAL for `lo` and bridges, EEXIST for the name. */
  move(link: Link, to: Links): Result {
    if (to === this) return done
    if (link.isLoopback || link.kind === 'bridge') return failed('EINVAL', 'The interface netns is immutable.')
    if (to.byName.has(link.name)) return failed('EEXIST')
    this.drop(link)
    link.owner = to.owner
    link.enslave(undefined, undefined)
    if (to.byIndex.has(link.index)) link.index = to.next()
    to.insert(link)
    return done
  }

  private refusal(name: string, options: LinkOptions) {
    if (!isLinkName(name)) return failed('EINVAL')
    if (this.byName.has(name)) return failed('EEXIST')
    if (options.index !== undefined && this.byIndex.has(options.index)) return failed('EBUSY')
    return undefined
  }

  private make(kind: LinkKind, name: string, options: LinkOptions): Link {
    const mac = options.mac ?? (kind === 'loopback' ? 0 : randomMac(this.random))
    const mtu = options.mtu ?? (kind === 'loopback' ? 65536 : 1500)
    const link = new Link(this.owner, this.backlog, kind, options.index ?? this.next(), name, mac, mtu)
    if (options.txQueueLength !== undefined) link.txQueueLength = options.txQueueLength
    return link
  }

  private reserve(link: Link): void {
    this.byIndex.set(link.index, link)
  }

  private insert(link: Link): void {
    this.byIndex.set(link.index, link)
    this.byName.set(link.name, link)
    this.owner.changed(link, 'added')
  }

  private next(): number {
    do this.last++
    while (this.byIndex.has(this.last))
    return this.last
  }
}
