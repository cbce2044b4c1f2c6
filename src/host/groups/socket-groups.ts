import { type Ip, isIp6, isMulticastIp } from '../../wire/address.ts'
import { done, failed, type Result } from '../errno.ts'
import type { Listener } from '../groups.ts'
import type { Link } from '../link.ts'
import type { Stack } from '../stack.ts'
import { passes, type SourceFilter } from './source-filter.ts'

/** The groups that one socket has joined, each with the sources that it hears (ip(7), RFC 3678). */
export class SocketGroups {
  private readonly stack: Stack
  private readonly family: 4 | 6
  private readonly joined: Listener[] = []

  constructor(stack: Stack, family: 4 | 6) {
    this.stack = stack
    this.family = family
  }

  private find(group: Ip, link: Link): Listener | undefined {
    return this.joined.find(each => each.group === group && each.link === link)
  }

  has(group: Ip, link: Link): boolean {
    return this.find(group, link) !== undefined
  }

  /** EINVAL for what is no group of this family, ENOBUFS beyond net.ipv4.igmp_max_memberships. */
  add(group: Ip, link: Link, filter: SourceFilter): Result {
    if (!isMulticastIp(group) || isIp6(group) !== (this.family === 6)) return failed('EINVAL')
    const most = this.stack.settings.value('net.ipv4.igmp_max_memberships')
    if (this.family === 4 && this.joined.length >= most) return failed('ENOBUFS')
    const listener: Listener = { link, group, filter }
    this.joined.push(listener)
    this.stack.groups.listen(listener)
    return done
  }

  /** EADDRNOTAVAIL if it was not joined. */
  remove(group: Ip, link: Link): Result {
    const listener = this.find(group, link)
    if (listener === undefined) return failed('EADDRNOTAVAIL')
    this.joined.splice(this.joined.indexOf(listener), 1)
    this.stack.groups.unlisten(listener)
    return done
  }

  /** EINVAL where the group was joined from all, EADDRNOTAVAIL the second time, ENOBUFS for too many. */
  addSource(group: Ip, link: Link, source: Ip): Result {
    const listener = this.find(group, link)
    if (listener === undefined) return this.add(group, link, { exclude: false, sources: new Set([source]) })
    if (listener.filter.exclude) return failed('EINVAL')
    return this.name(listener, source)
  }

  /** EINVAL where the group was not joined by sources, EADDRNOTAVAIL for one that was not named. */
  removeSource(group: Ip, link: Link, source: Ip): Result {
    const listener = this.find(group, link)
    if (listener === undefined || listener.filter.exclude) return failed('EINVAL')
    if (!listener.filter.sources.has(source)) return failed('EADDRNOTAVAIL')
    return listener.filter.sources.size === 1 ? this.remove(group, link) : this.unname(listener, source)
  }

  /** EINVAL where the group was not joined from all, EADDRNOTAVAIL the second time, ENOBUFS for too many. */
  block(group: Ip, link: Link, source: Ip): Result {
    const listener = this.find(group, link)
    return listener?.filter.exclude ? this.name(listener, source) : failed('EINVAL')
  }

  /** EINVAL where the group was not joined from all, EADDRNOTAVAIL for one that was not blocked. */
  unblock(group: Ip, link: Link, source: Ip): Result {
    const listener = this.find(group, link)
    if (!listener?.filter.exclude) return failed('EINVAL')
    return listener.filter.sources.has(source) ? this.unname(listener, source) : failed('EADDRNOTAVAIL')
  }

  private name(listener: Listener, source: Ip): Result {
    const { exclude, sources } = listener.filter
    if (sources.has(source)) return failed('EADDRNOTAVAIL')
    const most = this.stack.settings.value(this.family === 4 ? 'net.ipv4.igmp_max_msf' : 'net.ipv6.mld_max_msf')
    if (sources.size >= most) return failed('ENOBUFS')
    this.stack.groups.listenTo(listener, { exclude, sources: new Set([...sources, source]) })
    return done
  }

  private unname(listener: Listener, source: Ip): Result {
    const { exclude, sources } = listener.filter
    const left = [...sources].filter(each => each !== source)
    this.stack.groups.listenTo(listener, { exclude, sources: new Set(left) })
    return done
  }

  /** Whether a packet to a group is for this socket: what it did not join it hears as others do (IP_MULTICAST_ALL). */
  hears(link: Link, group: Ip, source: Ip): boolean {
    const listener = this.joined.length === 0 ? undefined : this.find(group, link)
    return listener === undefined || passes(listener.filter, source)
  }

  /** The socket is closed. */
  clear(): void {
    for (const listener of this.joined.splice(0)) this.stack.groups.unlisten(listener)
  }
}
