/** The frames that ask where a neighbour is: ARP (RFC 826) and neighbour solicitation (RFC 4861 §4.3). */
import { broadcastMac, type Ip, type Ip6, isIp6, type Mac } from '../wire/address.ts'
import { ArpOp, writeArp } from '../wire/arp.ts'
import { EtherType, pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { pushIpv6 } from '../wire/ipv6.ts'
import { ndFrame } from '../wire/nd.ts'

const arpSize = 28

export const neighbourRequest = (mac: Mac, source: Ip, ip: Ip): Frame =>
  isIp6(ip) ? solicitation(mac, BigInt(source), ip) : arpRequest(mac, Number(source), ip)

const arpRequest = (mac: Mac, source: number, ip: number): Frame => {
  const frame = Frame.of(arpSize)
  writeArp(frame.bytes, frame.start, { op: ArpOp.request, sha: mac, spa: source, tha: 0, tpa: ip })
  return pushEthernet(frame, { dst: broadcastMac, src: mac, type: EtherType.arp })
}

/** To the group that the address's last 24 bits name (RFC 4291 §2.7.1). */
const solicitation = (mac: Mac, source: Ip6, ip: Ip6): Frame => {
  const low = ip & 0xffffffn
  const group = 0xff0200000000000000000001ff000000n | low
  const ends = { src: source, dst: group }
  const options = [{ kind: 'source' as const, mac }]
  const frame = ndFrame({ kind: 'neighbor-solicitation', target: ip, options }, ends)
  pushIpv6(frame, { ...ends, nextHeader: IpProtocol.icmp6, hopLimit: 255 })
  return pushEthernet(frame, { dst: 0x3333ff000000 + Number(low), src: mac, type: EtherType.ipv6 })
}
