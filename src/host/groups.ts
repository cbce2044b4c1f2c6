import { type Ip, isIp6 } from '../wire/address.ts'
import { combine, everySource, noSource, passes, type SourceFilter } from './groups/source-filter.ts'
import type { Link } from './link.ts'

/** A socket's membership: `filter` says from whom it hears the group. Told by `listen`, `listenTo` and `unlisten`. */
export type Listener = { readonly link: Link; readonly group: Ip; filter: SourceFilter }

/** Who listens to a group of a link: the host's own protocols, counted, and sockets. */
type Member = { own: number; readonly listeners: Set<Listener>; filter: SourceFilter }

/**
 * Multicast groups that somebody on this host listens to, by link. IGMP and MLD watch `onChange` to tell the routers of
 * what sockets ask for; the groups that a host's own protocols need are told only when a router asks.
 */
export class Groups {
  private readonly links = new Map<Link, Map<Ip, Member>>()
  /** Called when sockets have changed what a link hears of a group; `noSource` is not to hear it. */
  onChange: (link: Link, group: Ip, before: SourceFilter, after: SourceFilter) => void = () => {}

  /** One of the host's own protocols needs a group: neighbour discovery, routing. */
  join(link: Link, group: Ip): void {
    const member = this.member(link, group)
    member.own++
    member.filter = everySource
  }

  leave(link: Link, group: Ip): void {
    const member = this.links.get(link)?.get(group)
    if (member === undefined || member.own === 0) return
    member.own--
    this.settle(link, group, member)
  }

  /** A socket joins. */
  listen(listener: Listener): void {
    const { link, group } = listener
    const member = this.member(link, group)
    member.listeners.add(listener)
    this.settleAloud(link, group, member)
  }

  /** A socket that has joined hears other sources from now on. */
  listenTo(listener: Listener, filter: SourceFilter): void {
    const { link, group } = listener
    listener.filter = filter
    const member = this.links.get(link)?.get(group)
    if (member?.listeners.has(listener)) this.settleAloud(link, group, member)
  }

  /** A socket leaves. */
  unlisten(listener: Listener): void {
    const { link, group } = listener
    const member = this.links.get(link)?.get(group)
    if (member?.listeners.delete(listener)) this.settleAloud(link, group, member)
  }

  private member(link: Link, group: Ip): Member {
    let groups = this.links.get(link)
    if (groups === undefined) {
      groups = new Map()
      this.links.set(link, groups)
    }
    let member = groups.get(group)
    if (member === undefined) {
      member = { own: 0, listeners: new Set(), filter: noSource }
      groups.set(group, member)
    }
    return member
  }

  private settleAloud(link: Link, group: Ip, member: Member): void {
    const before = member.filter
    this.settle(link, group, member)
    this.onChange(link, group, before, member.filter)
  }

  private settle(link: Link, group: Ip, member: Member): void {
    const { own, listeners } = member
    member.filter = own > 0 ? everySource : combine([...listeners].map(({ filter }) => filter))
    if (own === 0 && listeners.size === 0) this.links.get(link)?.delete(group)
  }

  /** 224.0.0.1, ff01::1 and ff02::1 are everybody's. */
  has(link: Link, group: Ip): boolean {
    return isEverybodys(group) || this.links.get(link)?.has(group) === true
  }

  /** Whether somebody hears what `source` sends to a group. */
  hears(link: Link, group: Ip, source: Ip): boolean {
    const member = this.links.get(link)?.get(group)
    return member === undefined ? isEverybodys(group) : passes(member.filter, source)
  }

  /** From whom a group is heard. */
  filterOf(link: Link, group: Ip): SourceFilter {
    return this.links.get(link)?.get(group)?.filter ?? noSource
  }

  /** The same for what sockets alone ask for; undefined where none does. */
  socketFilterOf(link: Link, group: Ip): SourceFilter | undefined {
    const listeners = this.links.get(link)?.get(group)?.listeners
    return listeners === undefined || listeners.size === 0
      ? undefined
      : combine([...listeners].map(each => each.filter))
  }

  /** Groups of a link with their users in the order in which they were joined, without everybody's. */
  of(link: Link): [Ip, number][] {
    return [...(this.links.get(link) ?? [])].map(([group, { own, listeners }]) => [group, own + listeners.size])
  }

  forget(link: Link): void {
    this.links.delete(link)
  }
}

export const allNodes6 = (0xff02n << 112n) | 1n
const allNodesHere6 = (0xff01n << 112n) | 1n
export const allRouters6 = (0xff02n << 112n) | 2n

/** A group that every host is in, and no report names. */
export const isEverybodys = (group: Ip): boolean =>
  isIp6(group) ? group === allNodes6 || group === allNodesHere6 : group === 0xe0000001
