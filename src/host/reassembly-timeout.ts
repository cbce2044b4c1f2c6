/** What a host tells the sender of a packet whose fragments did not all come in time. */
import { Frame } from '../wire/frame.ts'
import { IcmpType } from '../wire/icmp.ts'
import { Icmp6Type } from '../wire/icmp6.ts'
import { parseIpv4 } from '../wire/ipv4.ts'
import { parseIpv6 } from '../wire/ipv6.ts'
import { icmpError } from './icmp-error.ts'
import { icmp6Error } from './icmp6-error.ts'
import type { Link } from './link.ts'
import type { FirstFragment } from './reassembly.ts'
import type { Stack } from './stack.ts'

const frameOf = ({ header, bytes }: FirstFragment): Frame => {
  const frame = Frame.of(header.length + bytes.length)
  frame.bytes.set(header, frame.start)
  frame.bytes.set(bytes, frame.start + header.length)
  return frame
}

/** RFC 792: time exceeded, code 1, if the first fragment came. */
export const reassemblyTimeout4 = (stack: Stack, first: FirstFragment | undefined): void => {
  stack.counters.add('Ip.ReasmTimeout')
  stack.counters.add('Ip.ReasmFails')
  if (first === undefined) return
  const frame = frameOf(first)
  const ip = parseIpv4(frame.bytes, frame.start, frame.end, true)
  if (!ip.ok) return
  const { src, dst, protocol, payload } = ip.value
  const culprit = { src4: src, dst4: dst, protocol, cast: 'unicast', ip: frame.start, payload, frame } as const
  icmpError(stack, culprit, IcmpType.timeExceeded, 1, 0)
}

/** RFC 8200 §4.5: time exceeded, code 1, if the first fragment came. */
export const reassemblyTimeout6 = (stack: Stack, first: FirstFragment | undefined, link: Link | undefined): void => {
  stack.counters.add('Ip6.ReasmTimeout')
  stack.counters.add('Ip6.ReasmFails')
  if (first === undefined) return
  const frame = frameOf(first)
  const ip = parseIpv6(frame.bytes, frame.start, frame.end, true)
  if (!ip.ok) return
  const { src, dst, protocol, payload } = ip.value
  const culprit = { src6: src, dst6: dst, protocol, cast: 'unicast', ip: frame.start, payload, frame } as const
  icmp6Error(stack, link === undefined ? culprit : { ...culprit, link }, Icmp6Type.timeExceeded, 1, 0)
}
