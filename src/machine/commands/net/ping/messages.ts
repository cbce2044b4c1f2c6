import type { SocketError } from '../../../../host/index.ts'

const unreachable4 = [
  'Destination Net Unreachable',
  'Destination Host Unreachable',
  'Destination Protocol Unreachable',
  'Destination Port Unreachable',
  '',
  'Source Route Failed',
  'Destination Net Unknown',
  'Destination Host Unknown',
  'Source Host Isolated',
  'Destination Net Prohibited',
  'Destination Host Prohibited',
  'Destination Net Unreachable for Type of Service',
  'Destination Host Unreachable for Type of Service',
  'Packet filtered',
  'Precedence Violation',
  'Precedence Cutoff',
]

const unreachable6 = [
  'No route',
  'Administratively prohibited',
  'Beyond scope of source address',
  'Address unreachable',
  'Port unreachable',
]

/** What ping says of an ICMP error about one of its requests (RFC 792, RFC 4443). */
export const errorText = ({ origin, type, code, mtu }: SocketError): string =>
  origin === 'icmp6' ? text6(type, code, mtu) : text4(type, code, mtu)

const text4 = (type: number, code: number, mtu: number): string => {
  if (type === 3 && code === 4) return `Frag needed and DF set (mtu = ${mtu})`
  if (type === 3) return unreachable4[code] ?? `Dest Unreachable, Bad Code: ${code}`
  if (type === 11) return code === 0 ? 'Time to live exceeded' : 'Frag reassembly time exceeded'
  if (type === 12) return 'Parameter problem: pointer = 0'
  return `Bad ICMP type: ${type}`
}

const text6 = (type: number, code: number, mtu: number): string => {
  if (type === 1) return `Destination unreachable: ${unreachable6[code] ?? `Unknown code ${code}`}`
  if (type === 2) return `Packet too big: mtu=${mtu}`
  if (type === 3) return `Time exceeded: ${code === 0 ? 'Hop limit' : 'Defragmentation failure'}`
  if (type === 4)
    return `Parameter problem: ${code === 0 ? 'Wrong header field ' : code === 1 ? 'Unknown header ' : 'Unknown option '}`
  return `unknown icmp type: ${type}`
}
