/**
 * Hashes of flow keys as Open vSwitch makes them, so that what chooses between links by a hash chooses the same: murmur3's
 * steps over fields as the little-endian numbers that their bytes are.
 */
import { EtherType } from '../wire/ethernet.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { hashAdd } from './hash.ts'
import { type FlowKey, fragment, word } from './layout.ts'

/** Murmur3's end. Unsigned. */
export const hashEnd = (hash: number, last: number): number => {
  let h = hash ^ last
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Of two numbers. */
export const hashPair = (x: number, y: number): number => hashEnd(hashAdd(hashAdd(x | 0, 0), y), 8)

const swap32 = (x: number): number => ((x & 0xff) << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24)

/**
 * Addresses, protocol and ports, one direction of a connection: the hash that a network card would give. `named` is the
 * protocol that is hashed, if not the key's.
 */
export const hashFiveTuple = (key: FlowKey, basis = 0, named?: number): number => {
  const type = key[word.ethType]! >>> 16
  let hash = basis | 0
  if (type === EtherType.ipv6)
    for (let at: number = word.ipv6Src; at < word.ipv6Src + 8; at++) hash = hashAdd(hash, swap32(key[at]!))
  else if (type === EtherType.ipv4 || type === EtherType.arp)
    hash = hashAdd(hashAdd(hash, swap32(key[word.ipv4Src]!)), swap32(key[word.ipv4Dst]!))
  else return hashEnd(hash, 42)
  const protocol = key[word.ip]! & 0xff
  hash = hashAdd(hash, named ?? protocol)
  if (hasPorts(protocol)) hash = hashAdd(hash, swap32(key[word.transport]!))
  return hashEnd(hash, 42)
}

/** Later fragments have no ports, so the first one's do not count: all go one way. */
const isFragment = (key: FlowKey): boolean => ((key[word.ip]! >>> 24) & fragment.any) !== 0

/** Types and codes of ICMP stand where ports do. */
const hasPorts = (protocol: number): boolean =>
  protocol === IpProtocol.tcp ||
  protocol === IpProtocol.udp ||
  protocol === IpProtocol.sctp ||
  protocol === IpProtocol.icmp ||
  protocol === IpProtocol.icmp6

/**
 * The same in both directions: addresses, protocol, and ports of TCP, SCTP and, if `withUdp`, UDP; of other than IP the
 * MACs and VLANs.
 */
export const hashSymmetricL3L4 = (key: FlowKey, basis: number, withUdp: boolean): number => {
  let hash = basis | 0
  const type = key[word.ethType]! >>> 16
  if (type === EtherType.ipv4) hash = hashAdd(hash, swap32(key[word.ipv4Src]! ^ key[word.ipv4Dst]!))
  else if (type === EtherType.ipv6)
    for (let i = 0; i < 4; i++) hash = hashAdd(hash, swap32(key[word.ipv6Src + i]! ^ key[word.ipv6Dst + i]!))
  else return symmetricL2(key, basis)
  const protocol = key[word.ip]! & 0xff
  hash = hashAdd(hash, protocol)
  const counts = protocol === IpProtocol.tcp || protocol === IpProtocol.sctp || (withUdp && protocol === IpProtocol.udp)
  if (counts && !isFragment(key)) hash = hashAdd(hash, swap32(portsXor(key) << 16))
  return hashEnd(hash, basis)
}

/** The difference of the two ports. */
export const portsXor = (key: FlowKey): number => (key[word.transport]! >>> 16) ^ (key[word.transport]! & 0xffff)

/** 0 of what is no Ethernet. */
const symmetricL2 = (key: FlowKey, basis: number): number => {
  if (key[word.packetType] !== 0) return 0
  const first = key[word.ethernet]!
  const middle = key[word.ethernet1]!
  const last = key[word.ethernet2]!
  const vlan = (key[word.vlan]! ^ key[word.vlan1]!) & 0xfff
  let hash = hashAdd(basis | 0, swap32((key[word.ethType]! & 0xffff0000) | vlan))
  // Destination and source.
  hash = hashAdd(hash, swap32(first ^ ((middle << 16) | (last >>> 16))))
  hash = hashAdd(hash, swap32((middle & 0xffff0000) ^ (last << 16)))
  return hashEnd(hash, basis)
}
