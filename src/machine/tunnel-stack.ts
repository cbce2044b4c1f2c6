import { type TunnelRow, tunnelFlag } from '../flow/layout.ts'
import type { Errno, Namespace, Received, UdpSend } from '../host/index.ts'
import { Counters } from '../runtime/index.ts'
import type { OpenedTunnel } from '../switch/switch-options.ts'
import { at, ip6At, isOuter6, newRow, setAddress } from '../tunnel/row.ts'
import { VxlanVport } from '../tunnel/vxlan-vport.ts'
import type { Frame } from '../wire/frame.ts'

/** Opens the UDP port of all VXLAN tunnels to it in a namespace's IP stack, as the kernel's `vxlan_sys_4789` does. */
export const openVxlan = (
  stack: Namespace,
  udpPort: number,
  receive: (frame: Frame, tunnel: TunnelRow) => void,
): OpenedTunnel | string => {
  const unsent = new Counters<`vxlan_send_${Errno}`>()
  const vport = new VxlanVport({ underlay: { send: sender(stack, unsent) }, receive, port: udpPort })
  const row = newRow()
  const taken = stack.encap(udpPort, (frame, packet, sport) => {
    readOuter(packet, sport, udpPort, row)
    vport.receive(frame, row)
  })
  if (!taken.ok) return 'Address already in use'
  return { vport, close: taken.value, refused: () => [...vport.counters.entries(), ...unsent.entries()] }
}

/** Hands encapsulated frames to the stack, with one object for all of them, and counts what the stack refuses. */
const sender = (
  stack: Namespace,
  unsent: Counters<`vxlan_send_${Errno}`>,
): ((frame: Frame, outer: TunnelRow) => void) => {
  const send: UdpSend = {
    src: undefined,
    dst: 0,
    sport: 0,
    dport: 0,
    ttl: undefined,
    tos: 0,
    df: false,
    checksum: false,
  }
  return (frame, outer) => {
    const flags = outer[at.flags]!
    const transport = outer[at.transport]!
    if (isOuter6(outer)) {
      send.dst = ip6At(outer, at.dst6)
      send.src = ip6At(outer, at.src6) || undefined
    } else {
      send.dst = outer[at.dst]!
      send.src = outer[at.src]! || undefined
    }
    send.sport = transport >>> 16
    send.dport = transport & 0xffff
    send.ttl = flags & 255 || undefined
    send.tos = (flags >>> 8) & 255
    send.df = ((flags >>> 16) & tunnelFlag.dontFragment) !== 0
    send.checksum = ((flags >>> 16) & tunnelFlag.csum) !== 0
    const why = stack.sendUdp(frame, send)
    if (why !== undefined) unsent.add(`vxlan_send_${why}`)
  }
}

/** What the outer headers of a datagram said, as a tunnel row. */
const readOuter = (packet: Received, sport: number, dport: number, row: TunnelRow): void => {
  if (packet.family === 4) {
    row[at.src] = packet.src4
    row[at.dst] = packet.dst4
    for (let i = 0; i < 4; i++) row[at.src6 + i] = row[at.dst6 + i] = 0
  } else {
    setAddress(row, at.src, at.src6, packet.src6)
    setAddress(row, at.dst, at.dst6, packet.dst6)
  }
  row[at.flags] = ((packet.tos << 8) | packet.ttl) >>> 0
  row[at.transport] = ((sport << 16) | dport) >>> 0
}
