/**
 * Hashes of frames as Open vSwitch makes them, so that `multipath`, `bundle` and groups choose the same link. They are
 * murmur3's steps over the bytes of fields as a frame has them; the older ones are lookup3.
 */
import { hashAdd } from '../../flow/hash.ts'
import { jenkins, littleWords } from '../../flow/jenkins.ts'
import { hashEnd, hashSymmetricL3L4, portsXor } from '../../flow/key-hash.ts'
import { type FlowKey, fragment, word } from '../../flow/layout.ts'
import { typeOf } from '../../flow/match.ts'
import type { HashFields } from '../../openflow/hash-fields.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'

/** Of a number of 64 bits. */
export const hash64 = (value: bigint): number =>
  hashEnd(hashAdd(hashAdd(0, Number(value & 0xffffffffn) | 0), Number((value >> 32n) & 0xffffffffn) | 0), 8)

/** Of bytes. */
export const hashBytes = (bytes: Uint8Array, basis: number): number =>
  hashEnd(
    littleWords(bytes).reduce((hash, next) => hashAdd(hash, next), basis | 0),
    bytes.length,
  )

/** Addresses are read by the type of the frame, which a packet that never had Ethernet has not; ports also by the packet's own. */
const ethType = (key: FlowKey): number => key[word.ethType]! >>> 16
const isIpType = (type: number): boolean => type === EtherType.ipv4 || type === EtherType.ipv6
const protocol = (key: FlowKey): number => key[word.ip]! & 0xff

/** The hash of the chosen fields. */
export const hashFieldsOf = (key: FlowKey, fields: HashFields, basis: number): number => {
  switch (fields) {
    case 'eth_src':
      return jenkins(macs(key).subarray(6), basis)
    case 'symmetric_l4':
      return symmetricL4(key, basis)
    case 'symmetric_l3l4':
      return hashSymmetricL3L4(key, basis, false)
    case 'symmetric_l3l4+udp':
      return hashSymmetricL3L4(key, basis, true)
    case 'symmetric_l3':
      return jenkins(symmetricAddresses(key, 20), basis)
    case 'nw_src':
      return address(key, word.ipv4Src, word.ipv6Src, basis)
    case 'nw_dst':
      return address(key, word.ipv4Dst, word.ipv6Dst, basis)
  }
}

const address = (key: FlowKey, at4: number, at6: number, basis: number): number => {
  if (ethType(key) === EtherType.ipv4) return jenkins(bytesAt(key, at4, 1), basis)
  return ethType(key) === EtherType.ipv6 ? jenkins(bytesAt(key, at6, 4), basis) : basis
}

/** Destination and source. */
const macs = (key: FlowKey): Uint8Array => bytesAt(key, word.ethernet, 3)

const bytesAt = (key: FlowKey, at: number, count: number): Uint8Array => {
  const bytes = new Uint8Array(count * 4)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < count; i++) view.setUint32(i * 4, key[at + i]!)
  return bytes
}

/** L2 to L4, the same in both directions; ports of UDP do not count. */
export const symmetricL4 = (key: FlowKey, basis: number): number => {
  const bytes = symmetricAddresses(key, 32)
  const view = new DataView(bytes.buffer)
  const type = ethType(key)
  view.setUint16(18, (key[word.vlan]! ^ key[word.vlan1]!) & 0xfff)
  if (type === EtherType.ipv4 || type === EtherType.ipv6) {
    const proto = protocol(key)
    bytes[28] = proto
    if (proto === IpProtocol.tcp || proto === IpProtocol.sctp) view.setUint16(20, portsXor(key))
  }
  const addresses = macs(key)
  for (let i = 0; i < 6; i++) bytes[22 + i] = addresses[i]! ^ addresses[i + 6]!
  return jenkins(bytes, basis)
}

/** So many bytes, of which the first are the addresses' difference and the type. */
const symmetricAddresses = (key: FlowKey, size: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  const type = ethType(key)
  if (type === EtherType.ipv4) view.setUint32(0, key[word.ipv4Src]! ^ key[word.ipv4Dst]!)
  else if (type === EtherType.ipv6)
    for (let i = 0; i < 4; i++) view.setUint32(i * 4, key[word.ipv6Src + i]! ^ key[word.ipv6Dst + i]!)
  view.setUint16(16, type)
  return bytes
}

/** Sets what such a hash looks at. */
export const maskHashFields = (key: FlowKey, mask: FlowKey, fields: HashFields): void => {
  const type = ethType(key)
  const isIp = isIpType(type)
  switch (fields) {
    case 'eth_src':
      mask[word.ethernet1] = mask[word.ethernet1]! | 0xffff
      mask[word.ethernet2] = 0xffffffff
      break
    case 'symmetric_l4':
      mask.fill(0xffffffff, word.ethernet, word.ethernet + 3)
      maskAddresses(mask, type, true, true)
      mask[word.vlan] = mask[word.vlan]! | 0x1fff
      mask[word.vlan1] = mask[word.vlan1]! | 0x1fff
      // Ports of UDP need not be the same both ways, so the hash leaves them out.
      if (isIpType(typeOf(key)) && protocol(key) === IpProtocol.udp) mask[word.ip] = mask[word.ip]! | 0xff
      else if (isIpType(typeOf(key))) maskPorts(key, mask)
      break
    case 'symmetric_l3l4':
    case 'symmetric_l3l4+udp': {
      const countsUdp = fields === 'symmetric_l3l4+udp' && isIpType(typeOf(key)) && protocol(key) === IpProtocol.udp
      if (countsUdp && isWhole(key)) mask[word.transport] = 0xffffffff
      if (!isIp) break
      maskAddresses(mask, type, true, true)
      const proto = protocol(key)
      mask[word.ip] = mask[word.ip]! | 0xff
      const counts = proto === IpProtocol.tcp || proto === IpProtocol.sctp
      if (isWhole(key) && counts) maskPorts(key, mask)
      break
    }
    case 'nw_src':
      maskAddresses(mask, type, true, false)
      break
    case 'nw_dst':
      maskAddresses(mask, type, false, true)
      break
    case 'symmetric_l3':
      maskAddresses(mask, type, true, true)
      break
  }
}

const maskAddresses = (mask: FlowKey, type: number, src: boolean, dst: boolean): void => {
  if (type === EtherType.ipv4) {
    if (src) mask[word.ipv4Src] = 0xffffffff
    if (dst) mask[word.ipv4Dst] = 0xffffffff
  } else if (type === EtherType.ipv6) {
    if (src) mask.fill(0xffffffff, word.ipv6Src, word.ipv6Src + 4)
    if (dst) mask.fill(0xffffffff, word.ipv6Dst, word.ipv6Dst + 4)
  }
}

/** Open vSwitch forgets that this hash looks at the ports of a first fragment. */
const isWhole = (key: FlowKey): boolean => ((key[word.ip]! >>> 24) & fragment.any) === 0

/** The protocol, and the words of its ports. */
const maskPorts = (key: FlowKey, mask: FlowKey): void => {
  mask[word.ip] = mask[word.ip]! | 0xff
  const proto = protocol(key)
  mask[word.transport] = proto === IpProtocol.icmp ? mask[word.transport]! | 0x00ff00ff : 0xffffffff
}
