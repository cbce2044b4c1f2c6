import { type Ip, isIp6 } from '../wire/address.ts'
import type { Link } from './link.ts'

/**
 * Multicast groups that somebody on this host listens to, by link, with how many want them. IGMP and MLD watch
 * `onChange` to tell the routers.
 */
export class Groups {
  private readonly links = new Map<Link, Map<Ip, number>>()
  /** Called when a link's first listener of a group comes, or the last goes. */
  onChange: (link: Link, group: Ip, joined: boolean) => void = () => {}

  join(link: Link, group: Ip): void {
    let groups = this.links.get(link)
    if (groups === undefined) {
      groups = new Map()
      this.links.set(link, groups)
    }
    const users = groups.get(group) ?? 0
    groups.set(group, users + 1)
    if (users === 0) this.onChange(link, group, true)
  }

  leave(link: Link, group: Ip): void {
    const groups = this.links.get(link)
    const users = groups?.get(group)
    if (groups === undefined || users === undefined) return
    if (users > 1) groups.set(group, users - 1)
    else {
      groups.delete(group)
      this.onChange(link, group, false)
    }
  }

  /** 224.0.0.1, ff01::1 and ff02::1 are everybody's. */
  has(link: Link, group: Ip): boolean {
    if (isIp6(group) ? group === allNodes6 || group === allNodesHere6 : group === 0xe0000001) return true
    return this.links.get(link)?.has(group) === true
  }

  /** Groups of a link with their users, without everybody's. */
  of(link: Link): [Ip, number][] {
    return [...(this.links.get(link) ?? [])]
  }

  forget(link: Link): void {
    this.links.delete(link)
  }
}

export const allNodes6 = (0xff02n << 112n) | 1n
const allNodesHere6 = (0xff01n << 112n) | 1n
export const allRouters6 = (0xff02n << 112n) | 2n
