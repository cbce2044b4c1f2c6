import { type Clock, type Log, type Random, silent } from '../runtime/index.ts'
import { Backlog } from './backlog.ts'
import { done, failed, made, type Result } from './errno.ts'
import type { Link } from './link.ts'
import { Namespace } from './namespace.ts'

/** What a machine hands to its kernel. */
export type KernelParts = { clock: Clock; random: Random; log?: Log; name?: string }

/** The network part of a simulated Linux kernel: the namespace that a machine starts in, and named ones. */
export class Kernel {
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The namespace without a name. */
  readonly root: Namespace
  /** Frames between links; `backlog.dropped` counts those lost in loops. */
  readonly backlog: Backlog
  private readonly named = new Map<string, Namespace>()
  private readonly unnamed = new Set<Namespace>()

  constructor({ clock, random, log = silent, name = '' }: KernelParts) {
    this.clock = clock
    this.random = random
    this.log = log
    this.name = name
    this.backlog = new Backlog(clock)
    this.root = this.make('')
  }

  private make(name: string): Namespace {
    const { clock, random, log, backlog } = this
    return new Namespace({ name, clock, random, log, backlog })
  }

  /** Named namespaces in the order in which they were made. */
  namespaces(): Namespace[] {
    return [...this.named.values()]
  }

  namespace(name: string): Namespace | undefined {
    return this.named.get(name)
  }

  /** `ip netns add`: EEXIST; EINVAL for a name that is no file name. */
  addNamespace(name: string): Result<Namespace> {
    if (name === '' || name === '.' || name === '..' || name.includes('/')) return failed('EINVAL')
    if (this.named.has(name)) return failed('EEXIST')
    const namespace = this.make(name)
    this.named.set(name, namespace)
    return made(namespace)
  }

  /** What unshare(2) gives to a process: a namespace that `ip netns` does not know. */
  addUnnamed(): Namespace {
    const namespace = this.make('')
    this.unnamed.add(namespace)
    return namespace
  }

  /** The last process of a namespace without a name has ended. */
  removeUnnamed(namespace: Namespace): void {
    if (this.unnamed.delete(namespace)) this.empty(namespace)
  }

  /** `ip netns del`: ENOENT. Its virtual links end with it, both ends of a veth; a NIC goes back to the root. */
  removeNamespace(name: string): Result {
    const namespace = this.named.get(name)
    if (namespace === undefined) return failed('ENOENT')
    this.named.delete(name)
    this.empty(namespace)
    return done
  }

  private empty(namespace: Namespace): void {
    for (const link of namespace.links.all()) {
      if (link.isLoopback) link.setUp(false)
      else if (link.kind !== 'eth' || !namespace.links.move(link, this.root.links).ok) namespace.links.remove(link)
    }
  }

  /** The namespace that a link is in now; undefined if the link was removed. */
  namespaceOf(link: Link): Namespace | undefined {
    const { owner } = link
    if (!(owner instanceof Namespace) || owner.links.at(link.index) !== link) return undefined
    const isOurs = owner === this.root || this.unnamed.has(owner) || this.named.get(owner.name) === owner
    return isOurs ? owner : undefined
  }

  /** Moves a link to another namespace: `ip link set LINK netns NAME`. */
  moveLink(link: Link, to: Namespace): Result {
    const from = this.namespaceOf(link)
    return from === undefined ? failed('ENODEV') : from.links.move(link, to.links)
  }
}
