import { type Ip, isIp6 } from '../../wire/address.ts'
import { isEverybodys } from '../groups.ts'
import type { Link } from '../link.ts'
import type { Received } from '../received.ts'
import type { Stack } from '../stack.ts'
import { receiveIgmp, sendIgmp } from './igmp.ts'
import { receiveMld, sendMld } from './mld.ts'
import { Reporter, type Version } from './reporter.ts'
import { noSource } from './source-filter.ts'

/** The reporters of a namespace's links. A link gets one when a socket joins a group there or a router asks. */
export class Memberships {
  private readonly stack: Stack
  private readonly reporters = { 4: new Map<Link, Reporter>(), 6: new Map<Link, Reporter>() }

  constructor(stack: Stack) {
    this.stack = stack
    stack.groups.onChange = (link, group, before, after) => {
      if (link.up && this.isReported(link, group))
        this.reporter(link, isIp6(group) ? 6 : 4).changed(group, before, after)
    }
  }

  receiveIgmp(packet: Received): void {
    receiveIgmp(packet, link => this.asked(link, 4))
  }

  receiveMld(packet: Received): void {
    receiveMld(packet, link => this.asked(link, 6))
  }

  /** The link is up: routers hear again what sockets had joined. */
  up(link: Link): void {
    for (const [group] of this.stack.groups.of(link)) {
      const filter = this.stack.groups.socketFilterOf(link, group)
      if (filter !== undefined) this.stack.groups.onChange(link, group, noSource, filter)
    }
  }

  /** The link is down or gone. */
  stop(link: Link): void {
    for (const reporters of [this.reporters[4], this.reporters[6]]) {
      reporters.get(link)?.stop()
      reporters.delete(link)
    }
  }

  private isReported(link: Link, group: Ip): boolean {
    if (link.isLoopback || isEverybodys(group)) return false
    // ff01::/16 and ff00::/16 do not leave the host (RFC 3810 §6).
    if (isIp6(group)) return ((group >> 112n) & 15n) > 1n
    return group >>> 8 !== 0xe00000 || this.stack.settings.value('net.ipv4.igmp_link_local_mcast_reports') !== 0
  }

  private reported(link: Link, family: 4 | 6): Ip[] {
    return this.stack.groups
      .of(link)
      .map(([group]) => group)
      .filter(group => isIp6(group) === (family === 6) && this.isReported(link, group))
      .reverse()
  }

  /** Who answers a router on a link; nobody where nothing was ever joined. */
  private asked(link: Link, family: 4 | 6): Reporter | undefined {
    if (this.stack.looping || link.isLoopback) return undefined
    return this.reporter(link, family)
  }

  private reporter(link: Link, family: 4 | 6): Reporter {
    const known = this.reporters[family].get(link)
    if (known !== undefined) return known
    const { stack } = this
    const { clock, random, settings } = stack
    const reporter = new Reporter({
      clock,
      random,
      send: message => (family === 4 ? sendIgmp : sendMld)(stack, link, message),
      groups: () => this.reported(link, family),
      filterOf: group => stack.groups.filterOf(link, group),
      robustness: () => Math.max(1, settings.value(family === 4 ? 'net.ipv4.igmp_qrv' : 'net.ipv6.mld_qrv')),
      forced: () => forced(family, settings.of(link.name)),
    })
    this.reporters[family].set(link, reporter)
    return reporter
  }
}

/** MLD's 1 and 2 are IGMP's 2 and 3. */
const forced = (family: 4 | 6, link: { force_igmp_version: number; force_mld_version: number }): Version | 0 => {
  const version = family === 4 ? link.force_igmp_version : link.force_mld_version
  if (family === 6) return version === 1 ? 2 : version === 2 ? 3 : 0
  return version === 1 || version === 2 || version === 3 ? version : 0
}
