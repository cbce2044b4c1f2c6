import { type Ip, isIp6, type Mac } from '../../wire/address.ts'
import type { Groups } from '../groups.ts'
import type { Link } from '../link.ts'

const given = new WeakMap<Link, Set<Mac>>()

/** MACs that a device was told to take besides its own (`bridge fdb add MAC dev DEV self`). */
export const givenMacs = (link: Link): Set<Mac> => {
  const macs = given.get(link) ?? new Set()
  given.set(link, macs)
  return macs
}

/** Where frames to a group go: RFC 1112 §6.4, RFC 2464 §7. */
const macOfGroup = (group: Ip): Mac =>
  isIp6(group) ? 0x333300000000 + Number(group & 0xffffffffn) : 0x01005e000000 + (group & 0x7fffff)

const allHosts: Ip = 0xe0000001
const allSnoopers: readonly Mac[] = [0x01005e00006a, 0x33330000006a]

/** What a device takes besides frames to itself, as `bridge fdb` lists it. A bridge that is up also listens to snoopers. */
export const deviceMacs = (link: Link, groups: Groups): Mac[] => {
  if (link.isLoopback) return []
  const macs = new Set([...givenMacs(link), 0x333300000001])
  if (link.up) {
    if (link.kind === 'bridge') for (const mac of allSnoopers) macs.add(mac)
    macs.add(macOfGroup(allHosts))
  }
  for (const [group] of groups.of(link)) macs.add(macOfGroup(group))
  return [...macs]
}
