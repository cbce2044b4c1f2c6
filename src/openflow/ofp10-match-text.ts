/** The fixed match of OpenFlow 1.0 as it stands on the wire, field by field: what `ofp-print` shows when asked for more. */
import { formatIp4, formatMac } from '../wire/address.ts'
import { Reader } from './bytes.ts'
import { wild } from './ofp10-match.ts'
import { formatPort, type PortNames } from './port-text.ts'

const names: ReadonlyMap<number, string> = new Map([
  [0x0800, 'ip'],
  [0x0806, 'arp'],
  [0x8035, 'rarp'],
  [0x8847, 'mpls'],
  [0x8848, 'mplsm'],
])
const protocols: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 132: 'sctp' }

/** An address with the count of bits that are looked at. */
const address = (value: number, wildBits: number): string =>
  wildBits >= 32 ? '*' : wildBits === 0 ? formatIp4(value) : `${formatIp4(value)}/${32 - wildBits}`

/** All fields of the 40 bytes, `*` for those that are not looked at: `tcp,in_port=*,dl_vlan=5,…`. */
export const formatOfp10Match = (bytes: Uint8Array, ports?: PortNames): string => {
  const from = new Reader(bytes)
  const bits = from.u32()
  const looks = (bit: number): boolean => (bits & bit) === 0
  const inPort = from.u16()
  const source = from.big(6)
  const destination = from.big(6)
  const vlan = from.u16()
  const pcp = from.u8()
  from.skip(1)
  const type = from.u16()
  const tos = from.u8()
  const proto = from.u8()
  from.skip(2)
  const nwSource = from.u32()
  const nwDestination = from.u32()
  const short = looks(wild.ethType) ? names.get(type) : undefined
  const byProto = short === 'ip' && looks(wild.proto) ? protocols[proto] : undefined
  const isIcmp = looks(wild.ethType) && looks(wild.proto) && proto === 1
  const out: string[] = []
  const put = (name: string, bit: number, text: string | number): void => {
    out.push(`${name}=${looks(bit) ? text : '*'}`)
  }
  if (short !== undefined) out.push(byProto ?? short)
  put('in_port', wild.inPort, formatPort(inPort, ports))
  put('dl_vlan', wild.vlan, vlan)
  put('dl_vlan_pcp', wild.pcp, pcp)
  put('dl_src', wild.ethSrc, formatMac(Number(source)))
  put('dl_dst', wild.ethDst, formatMac(Number(destination)))
  if (short === undefined) put('dl_type', wild.ethType, `0x${type.toString(16).padStart(4, '0')}`)
  out.push(`nw_src=${address(nwSource, (bits >>> 8) & 63)}`, `nw_dst=${address(nwDestination, (bits >>> 14) & 63)}`)
  if (byProto === undefined) put(short === 'arp' || short === 'rarp' ? 'arp_op' : 'nw_proto', wild.proto, proto)
  put('nw_tos', wild.tos, tos)
  put(isIcmp ? 'icmp_type' : 'tp_src', wild.tpSrc, from.u16())
  put(isIcmp ? 'icmp_code' : 'tp_dst', wild.tpDst, from.u16())
  return out.join(',')
}
