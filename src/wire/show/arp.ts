import { formatIp4, formatMac } from '../address.ts'
import { ArpHeader, ArpOp } from '../arp.ts'
import type { Line } from './line.ts'

const hardwareNames: ReadonlyMap<number, string> = new Map([
  [1, 'Ethernet'],
  [6, 'TokenRing'],
  [7, 'ArcNet'],
  [15, 'FrameRelay'],
  [17, 'Strip'],
  [24, 'IEEE 1394'],
])

/** ARP and RARP. The length is what the frame has room for, padding included. */
export const showArp = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  if (!line.needs(at, 8, 'arp')) return
  const field = ArpHeader.at
  const [hardwareSize, protocolSize] = [field.hardwareSize(bytes, at), field.protocolSize(bytes, at)]
  if (!line.needs(at, 8 + 2 * (hardwareSize + protocolSize), 'arp')) return
  if (!line.link) line.put('ARP, ')
  const [hardware, protocol] = [field.hardwareType(bytes, at), field.protocolType(bytes, at)]
  const understood = protocol === 0x0800 && protocolSize === 4 && hardwareSize === 6
  if (line.verbose || !understood) {
    const name = hardwareNames.get(hardware) ?? `Unknown Hardware (${hardware})`
    const what = protocol === 0x0800 ? 'IPv4' : `Unknown Protocol (0x${protocol.toString(16).padStart(4, '0')})`
    line.put(`${name} (len ${hardwareSize}), ${what} (len ${protocolSize}), `)
  }
  if (understood) line.put(what(bytes, at))
  line.put(`, length ${size}`)
}

const what = (bytes: Uint8Array, at: number): string => {
  const field = ArpHeader.at
  const [sha, tha] = [formatMac(field.sha(bytes, at)), formatMac(field.tha(bytes, at))]
  const [spa, tpa] = [formatIp4(field.spa(bytes, at)), formatIp4(field.tpa(bytes, at))]
  const op = field.op(bytes, at)
  switch (op) {
    case ArpOp.request:
      return `Request who-has ${tpa}${field.tha(bytes, at) === 0 ? '' : ` (${tha})`} tell ${spa}`
    case ArpOp.reply:
      return `Reply ${spa} is-at ${sha}`
    case ArpOp.rarpRequest:
      return `Reverse Request who-is ${tha} tell ${sha}`
    case ArpOp.rarpReply:
      return `Reverse Reply ${tha} at ${tpa}`
    // Inverse ARP, RFC 2390.
    case 8:
      return `Inverse Request who-is ${tha} tell ${sha}`
    case 9:
      return `Inverse Reply ${sha} at ${spa}`
    default:
      return `Unknown (${op})`
  }
}
