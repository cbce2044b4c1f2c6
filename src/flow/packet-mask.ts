import { fullMask, writeField } from './fields.ts'
import { type FlowKey, fragment, hasTunnel, newKey, word } from './layout.ts'

/**
 * The fields that a packet of this key has, all their bits: what `ofproto/trace` prints as a packet's flow. `into` is
 * added to.
 */
export const packetMask = (key: FlowKey, into: FlowKey = newKey()): FlowKey => {
  const all = (first: number, count = 1): void => {
    for (let i = first; i < first + count; i++) into[i] = 0xffffffff
  }
  all(word.inPort, 4)
  into[word.vlan] = 0xffff
  if (key[word.vlan]! & 0xffff) into[word.vlan1] = 0xffff
  into[word.ethType]! |= 0xffff0000
  const type = typeOf(key)
  if (type === 0x0800) all(word.ipv4Src, 2)
  else if (type === 0x86dd) all(word.ipv6Src, 9)
  else if (type === 0x0806 || type === 0x8035) {
    into[word.ip]! |= 0xff
    all(word.ipv4Src, 2)
    all(word.arpSha, 3)
    return into
  } else if (type === 0x8847 || type === 0x8848) {
    for (let i = 0; i < 3; i++) {
      all(word.mpls + i)
      if (key[word.mpls + i]! & 0x100) break
    }
    return into
    // What only the packet type calls so has no NSH for Open vSwitch.
  } else if (type === 0x894f && key[word.ethType]! >>> 16 === type)
    all(word.nsh, (key[word.nsh]! & 0xff00) === 0x100 ? 6 : 2)
  else return into
  into[word.ip]! |= 0x03ffffff
  const proto = key[word.ip]! & 0xff
  if ((key[word.ip]! >>> 24) & fragment.later) {
    // Later fragments have no transport header, but Open vSwitch asks of all ICMPv6 whether it is neighbour discovery.
    if (proto === 58 && type === 0x86dd) neighbour(key, into)
    return into
  }
  if (proto === 6) into[word.tcpFlags]! |= 0x0fff0000
  if (proto === 6 || proto === 17 || proto === 132) all(word.transport)
  else if (proto === 1 || proto === 2) all(word.transport)
  else if (proto === 58) icmp6(key, into)
  return into
}

/** What comes with a packet beside its bytes and its port. */
const around = ['skb_priority', 'pkt_mark', 'ct_state', 'ct_zone', 'ct_mark', 'ct_label', 'dp_hash'] as const

/** All that there is to say of a packet of this key: nothing that differs from it in anything agrees. */
export const exactMask = (key: FlowKey): FlowKey => {
  const mask = packetMask(key)
  for (const name of around) writeField(mask, name, fullMask(name))
  if (hasTunnel(key)) mask.fill(0xffffffff, word.tunIdHigh, word.metadataHigh)
  return mask
}

/** The EtherType, which without Ethernet the packet type says; 0 if that says none. */
const typeOf = (key: FlowKey): number => {
  const packetType = key[word.packetType]!
  if (packetType === 0) return key[word.ethType]! >>> 16
  return packetType >>> 16 === 1 ? packetType & 0xffff : 0
}

const icmp6 = (key: FlowKey, into: FlowKey): void => {
  into[word.transport] = 0xffffffff
  neighbour(key, into)
}

/** Neighbour discovery has the code 0, and only then the type is looked at. */
const neighbour = (key: FlowKey, into: FlowKey): void => {
  into[word.transport]! |= 0x0000ffff
  if ((key[word.transport]! & 0xffff) !== 0) return
  into[word.transport] = 0xffffffff
  const type = key[word.transport]! >>> 16
  if (type !== 135 && type !== 136) return
  into.fill(0xffffffff, word.arpSha, word.arpSha + 3)
  into.fill(0xffffffff, word.ndTarget, word.ndTarget + 4)
}
