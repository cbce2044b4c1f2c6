import { isMulticastIp } from '../wire/address.ts'
import { Frame } from '../wire/frame.ts'
import { IcmpType, IcmpUnreachable, setIcmpChecksum } from '../wire/icmp.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { send4 } from './ipv4-output.ts'
import type { Received } from './received.ts'
import type { Stack } from './stack.ts'

/** What an error is about: where its IPv4 header and payload lie. `Received` is one. */
export type Culprit = Pick<Received, 'src4' | 'dst4' | 'protocol' | 'cast' | 'ip' | 'payload' | 'frame'>

// RFC 1812 §4.3.2.3: as much of the packet as makes an error of 576 bytes.
const mostQuoted = 576 - 20 - 8

/**
 * Tells a packet's source by ICMP what became of it (RFC 1122 §3.2.2). Silent where an answer could start a storm: about
 * ICMP errors, fragments but the first, broadcasts, and senders that are no single host; and beyond Linux's rate limit.
 */
export const icmpError = (stack: Stack, packet: Culprit, type: number, code: number, rest: number): void => {
  const { src4, dst4, frame, ip, payload } = packet
  const { bytes } = frame
  if (packet.cast !== 'unicast' || isMulticastIp(dst4) || dst4 === 0xffffffff) return
  if (src4 === 0 || src4 >>> 28 >= 0xe) return
  if ((((bytes[ip + 6] as number) & 0x1f) | (bytes[ip + 7] as number)) !== 0) return
  if (packet.protocol === IpProtocol.icmp && (payload >= frame.end || isErrorType(bytes[payload] as number))) return
  const source = stack.addresses.isLocal(dst4) ? dst4 : 0
  const limited = ((stack.settings.value('net.ipv4.icmp_ratemask') >> type) & 1) === 1
  const tooBig = type === IcmpType.unreachable && code === IcmpUnreachable.fragmentationNeeded
  const here = stack.addresses.isLocal(src4)
  if (limited && !tooBig && !here && !stack.errorLimit.allow(src4, stack.settings.value('net.ipv4.icmp_ratelimit'))) {
    stack.counters.add('Icmp.OutRateLimitHost')
    return
  }
  const quoted = Math.min(frame.end - ip, mostQuoted)
  const answer = Frame.of(8 + quoted)
  const at = answer.start
  answer.bytes[at] = type
  answer.bytes[at + 1] = code
  for (let i = 0; i < 4; i++) answer.bytes[at + 4 + i] = rest >>> (24 - 8 * i)
  answer.bytes.set(bytes.subarray(ip, ip + quoted), at + 8)
  setIcmpChecksum(answer.bytes, at, answer.end)
  stack.counters.add('Icmp.OutMsgs')
  stack.counters.add(`Icmp.OutType${type}`)
  const tos = ((bytes[ip + 1] as number) & 0x1e) | 0xc0
  send4(stack, answer, { src: source, dst: src4, protocol: IpProtocol.icmp, tos })
}

const isErrorType = (type: number): boolean =>
  type === IcmpType.unreachable ||
  type === IcmpType.sourceQuench ||
  type === IcmpType.redirect ||
  type === IcmpType.timeExceeded ||
  type === IcmpType.parameterProblem ||
  type > 18
