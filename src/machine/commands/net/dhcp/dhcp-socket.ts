import type { Errno, Link, Namespace, PacketSocket } from '../../../../host/index.ts'
import { type Cancel, type Clock, elapsed, first, millisecond, start, type Task } from '../../../../runtime/index.ts'
import type { Ip4 } from '../../../../wire/address.ts'
import { ArpOp, parseArp, writeArp } from '../../../../wire/arp.ts'
import { type Dhcp, DhcpPort, dhcpSize, parseDhcp, writeDhcp } from '../../../../wire/dhcp.ts'
import { EtherType, pushEthernet } from '../../../../wire/ethernet.ts'
import { Frame } from '../../../../wire/frame.ts'
import { u16, u48 } from '../../../../wire/header.ts'
import { IpProtocol } from '../../../../wire/ip-protocol.ts'
import { isIpv4ChecksumRight, parseIpv4, pushIpv4 } from '../../../../wire/ipv4.ts'
import { parseUdp, pushUdp } from '../../../../wire/udp.ts'

const broadcast = 0xffffffffffff

/** A packet socket that DHCP is spoken by while a link has no address. */
export const dhcpSocket = (namespace: Namespace, link: Link): PacketSocket =>
  namespace.packetSocket([link], (frame, way) => way === 'in' && isForClient(frame.bytes, frame.start, frame.end))

const isForClient = (bytes: Uint8Array, start: number, end: number): boolean => {
  if (end - start < 42 || u16.get(bytes, start + 12) !== EtherType.ipv4) return false
  const ip = start + 14
  return (
    bytes[ip + 9] === IpProtocol.udp && u16.get(bytes, ip + ((bytes[ip] as number) & 15) * 4 + 2) === DhcpPort.client
  )
}

/** The message in a frame and who sent it; undefined if there is none that can be read. */
export const dhcpIn = (bytes: Uint8Array): { message: Dhcp; from: Ip4 } | undefined => {
  const ip = parseIpv4(bytes, 14, bytes.length)
  if (!ip.ok || !isIpv4ChecksumRight(bytes, 14) || ip.value.moreFragments || ip.value.fragmentOffset > 0)
    return undefined
  const udp = parseUdp(bytes, ip.value.payload, ip.value.end)
  if (!udp.ok) return undefined
  const message = parseDhcp(bytes, udp.value.payload, udp.value.end)
  return message.ok ? { message: message.value, from: ip.value.src } : undefined
}

/** Sends a client's message to everybody on the link, from `src`, 0 while it has no address. */
export const broadcastDhcp = (socket: PacketSocket, link: Link, message: Dhcp, src: Ip4): Errno | undefined => {
  const ends = { src, dst: 0xffffffff }
  const frame = pushUdp(Frame.from(dhcpBytes(message)), { src: DhcpPort.client, dst: DhcpPort.server }, ends)
  pushIpv4(frame, { ...ends, protocol: IpProtocol.udp, ttl: 128, tos: 0x10 })
  pushEthernet(frame, { dst: broadcast, src: link.mac, type: EtherType.ipv4 })
  return socket.send(frame.content(), link)
}

export const dhcpBytes = (message: Dhcp): Uint8Array => {
  const bytes = new Uint8Array(dhcpSize(message))
  writeDhcp(bytes, 0, message)
  return bytes
}

// RFC 5227 §1.1 asks up to three times over seconds; a host that answers does so in microseconds.
const patience = 200 * millisecond

/** Asks by ARP whether somebody on the link has an address (RFC 2131 §4.4.1), and calls back. */
export const probeAddress = (
  namespace: Namespace,
  clock: Clock,
  link: Link,
  address: Ip4,
  answer: (isTaken: boolean) => void,
): Cancel => {
  const socket = namespace.packetSocket(
    [link],
    (frame, way) => way === 'in' && isArp(frame.bytes, frame.start, frame.end),
  )
  const frame = new Uint8Array(42)
  u48.set(frame, 0, broadcast)
  u48.set(frame, 6, link.mac)
  u16.set(frame, 12, EtherType.arp)
  writeArp(frame, 14, { op: ArpOp.request, sha: link.mac, spa: 0, tha: 0, tpa: address })
  socket.send(frame, link)
  const end = clock.now() + patience
  const listen = function* (): Task<boolean> {
    for (;;) {
      for (let seen = socket.recv(); seen !== undefined; seen = socket.recv()) {
        const arp = parseArp(seen.bytes, 14, seen.bytes.length)
        if (arp.ok && arp.value.spa === address && arp.value.sha !== link.mac) return true
      }
      if (clock.now() >= end) return false
      yield first(socket.onReadable.wait, elapsed(clock, end - clock.now()))
    }
  }
  const running = start(listen(), {
    done: isTaken => {
      socket.close()
      answer(isTaken)
    },
  })
  return () => {
    running.stop()
    socket.close()
  }
}

const isArp = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= 42 && u16.get(bytes, start + 12) === EtherType.arp
