/** The multicast groups of a namespace as Linux lists them: /proc/net/igmp, igmp6 and dev_mcast. */
import { formatMac, type Ip, isIp6, type Mac, multicastMac } from '../wire/address.ts'
import { allNodes6, isEverybodys } from './groups.ts'
import type { Link } from './link.ts'
import type { Stack } from './stack.ts'

const allHosts = 0xe0000001
const allNodesHere6 = (0xff01n << 112n) | 1n

/** ff02::1:ff00:0/104: who would be asked for an address, which nobody is on a link without neighbours (RFC 4291 §2.7.1). */
const isSolicited = (group: Ip): boolean => isIp6(group) && group >> 24n === 0xff0200000000000000000001ffn

/** A group of a link, and how many ask for it: sockets and the host itself. */
export type Membership = { group: Ip; users: number }

/** The groups of a link, the newest first: those that everybody is in come last. */
export const membershipsOf = (stack: Stack, link: Link, family: 4 | 6): Membership[] => {
  const asked = stack.groups
    .of(link)
    .filter(
      ([group]) => isIp6(group) === (family === 6) && !isEverybodys(group) && (link.resolves || !isSolicited(group)),
    )
  const all = asked.map(([group, users]) => ({ group, users })).reverse()
  if (family === 6) return [...all, { group: allNodes6, users: 1 }, { group: allNodesHere6, users: 1 }]
  return link.up ? [...all, { group: allHosts, users: 1 }] : all
}

/** The multicast MACs that a link takes in, in the order in which they came; none of loopback, which has no groups of its own. */
export const multicastMacsOf = (stack: Stack, link: Link): { mac: Mac; users: number }[] => {
  if (link.isLoopback || !link.up) return []
  const macs = new Map<Mac, number>([
    [multicastMac(allNodes6), 1],
    [multicastMac(allHosts), 1],
  ])
  for (const [group] of stack.groups.of(link)) {
    if (isEverybodys(group)) continue
    const mac = multicastMac(group)
    macs.set(mac, (macs.get(mac) ?? 0) + 1)
  }
  return [...macs].map(([mac, users]) => ({ mac, users }))
}

const reversed = (address: number): string =>
  [0, 8, 16, 24]
    .map(bits => ((address >>> bits) & 255).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()

export const igmpText = (stack: Stack): string => {
  const lines = stack.links.all().flatMap(link => {
    const groups = membershipsOf(stack, link, 4)
    if (groups.length === 0) return []
    const head = `${link.index}\t${link.name.padEnd(10)}: ${`${groups.length}`.padStart(5)} ${'V3'.padStart(7)}\n`
    const each = groups.map(({ group, users }) => {
      return `\t\t\t\t${reversed(group as number)} ${`${users}`.padStart(5)} 0:00000000\t\t0\n`
    })
    return [head, ...each]
  })
  return `Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n${lines.join('')}`
}

/** Joined; and never reported, as everybody is in it. */
const [isLoaded, isSilent] = [4, 8]

export const igmp6Text = (stack: Stack): string =>
  stack.links
    .all()
    .flatMap(link =>
      membershipsOf(stack, link, 6).map(({ group, users }) => {
        const flags = group === allNodesHere6 ? isSilent : group === allNodes6 ? isSilent | isLoaded : isLoaded
        const hex = group.toString(16).padStart(32, '0')
        const flagsText = flags.toString(16).toUpperCase().padStart(8, '0')
        return `${`${link.index}`.padEnd(4)} ${link.name.padEnd(15)} ${hex} ${`${users}`.padStart(5)} ${flagsText} 0\n`
      }),
    )
    .join('')

export const deviceGroupsText = (stack: Stack): string =>
  stack.links
    .all()
    .flatMap(link =>
      multicastMacsOf(stack, link).map(({ mac, users }) => {
        const hex = formatMac(mac).replaceAll(':', '')
        return `${`${link.index}`.padEnd(4)} ${link.name.padEnd(15)} ${`${users}`.padEnd(5)} ${'0'.padEnd(5)} ${hex}\n`
      }),
    )
    .join('')
