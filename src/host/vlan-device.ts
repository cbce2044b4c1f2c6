import { EtherType } from '../wire/ethernet.ts'
import type { Frame } from '../wire/frame.ts'
import { pushVlan } from '../wire/vlan.ts'
import { failed, made, type Result } from './errno.ts'
import type { Link } from './link.ts'
import type { LinkOptions, Links } from './links.ts'

/**
 * `ip link add link LOWER name NAME type vlan id ID`: a link for the frames of one VLAN of another link. It has that link's
 * MAC and MTU unless told otherwise, goes up and down with it, and is removed with it. EEXIST, EINVAL, ERANGE.
 */
export const addVlan = (
  links: Links,
  lower: Link,
  name: string,
  id: number,
  options: LinkOptions = {},
): Result<Link> => {
  if (id > 4094) return failed('ERANGE', 'Invalid VLAN id.')
  if (lower.isLoopback) return failed('EOPNOTSUPP', 'VLANs not supported on device.')
  if (lower.vlans?.has(id)) return failed('EEXIST', 'VLAN device already exists.')
  if ((options.mtu ?? 0) > lower.mtu) return failed('ERANGE')
  const added = links.add('vlan', name, { mtu: lower.mtu, mac: lower.mac, ...options })
  if (!added.ok) return added
  const vlan = added.value
  vlan.lower = lower
  vlan.vlanId = id
  vlan.plug({ takesRuns: true, send: frame => sendTagged(lower, id, frame) })
  let quit = attach(vlan, lower, id)
  // To move to another namespace is to be removed and added.
  vlan.listen(event => {
    if (event === 'removed') quit()
    else if (event === 'added') quit = attach(vlan, lower, id)
  })
  return made(vlan)
}

const attach = (vlan: Link, lower: Link, id: number): (() => void) => {
  const vlans = lower.vlans ?? new Map<number, Link>()
  lower.vlans = vlans
  vlans.set(id, vlan)
  vlan.setCarrier(lower.carrier)
  const quit = follow(vlan, lower)
  return () => {
    quit()
    vlans.delete(id)
    if (vlans.size === 0) lower.vlans = undefined
  }
}

const sendTagged = (lower: Link, id: number, frame: Frame): void => {
  pushVlan(frame, EtherType.vlan, id)
  lower.transmit(frame)
}

/** What the lower link does to its VLAN. */
const follow = (vlan: Link, lower: Link): (() => void) => {
  let { mac } = lower
  return lower.listen(event => {
    if (event === 'removed') vlan.owner.discard(vlan)
    else if (event === 'up' || event === 'down') {
      vlan.setUp(event === 'up')
      vlan.setCarrier(lower.carrier)
    } else if (event === 'carrier') vlan.setCarrier(lower.carrier)
    else if (event === 'mtu' && vlan.mtu > lower.mtu) vlan.setMtu(lower.mtu)
    else if (event === 'mac') {
      if (vlan.mac === mac) vlan.setMac(lower.mac)
      mac = lower.mac
    }
  })
}
