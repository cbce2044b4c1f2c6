import type { Ip } from '../wire/address.ts'
import { IcmpType, setIcmpChecksum } from '../wire/icmp.ts'
import { Icmp6Type } from '../wire/icmp6.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import type { Errno } from './errno.ts'
import { countIcmp6Out } from './icmp6-count.ts'
import { RawSocket } from './raw-socket.ts'
import type { IcmpNews, Received } from './received.ts'
import type { Stack } from './stack.ts'

/**
 * An ICMP echo socket (icmp(7), IPPROTO_ICMP with SOCK_DGRAM): it has an identifier of its own, sends echo requests with it
 * and receives the replies to them. Payloads begin with the eight bytes of the ICMP header, both ways.
 */
export class PingSocket extends RawSocket {
  readonly id: number

  constructor(stack: Stack, family: 4 | 6, id: number) {
    super(stack, family, family === 4 ? IpProtocol.icmp : IpProtocol.icmp6)
    this.id = id
  }

  /** Sends an echo request with this sequence number; type, identifier and checksum are filled in. */
  echo(seq: number, data: Uint8Array, dst?: Ip): Errno | undefined {
    const message = new Uint8Array(8 + data.length)
    message[0] = this.family === 4 ? IcmpType.echo : Icmp6Type.echo
    message[4] = this.id >>> 8
    message[5] = this.id
    message[6] = seq >>> 8
    message[7] = seq
    message.set(data, 8)
    if (this.family === 4) {
      setIcmpChecksum(message, 0, message.length)
      this.stack.counters.add('Icmp.OutMsgs')
      this.stack.counters.add('Icmp.OutType8')
    } else countIcmp6Out(this.stack, Icmp6Type.echo)
    return this.send(message, dst)
  }

  protected override wants(packet: Received): boolean {
    const { bytes, end } = packet.frame
    const at = packet.payload
    if (at + 8 > end) return false
    const reply = this.family === 4 ? IcmpType.echoReply : Icmp6Type.echoReply
    return bytes[at] === reply && (((bytes[at + 4] as number) << 8) | (bytes[at + 5] as number)) === this.id
  }

  override failed(news: IcmpNews): void {
    const { bytes, payload: at, end } = news
    if (at + 8 > end) return
    const request = this.family === 4 ? IcmpType.echo : Icmp6Type.echo
    if (bytes[at] === request && (((bytes[at + 4] as number) << 8) | (bytes[at + 5] as number)) === this.id)
      super.failed(news)
  }
}
