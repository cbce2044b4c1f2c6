/**
 * ICMPv6 (RFC 4443): echo and errors. Neighbour discovery (nd.ts) and listener discovery (mld.ts) are messages of the
 * same protocol with other types; what is common to all, the checksum with its pseudo-header, is here.
 */
import type { Frame } from './frame.ts'
import { header, u8, u16, u32 } from './header.ts'
import { IpProtocol } from './ip-protocol.ts'
import { type Parsed, parsed, refused } from './parsed.ts'
import { type Ends, endsSum, storeChecksum, sumsUp, transportSum } from './transport-checksum.ts'

/** RFC 4443, RFC 4861 §4, RFC 2710, RFC 3810. */
export const Icmp6Type = {
  unreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echo: 128,
  echoReply: 129,
  mldQuery: 130,
  mldReport: 131,
  mldDone: 132,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
  redirect: 137,
  mldReport2: 143,
} as const

/** Codes of `unreachable` (RFC 4443 §3.1). */
export const Icmp6Unreachable = {
  noRoute: 0,
  prohibited: 1,
  beyondScope: 2,
  address: 3,
  port: 4,
  policy: 5,
  rejectRoute: 6,
} as const

/** The first eight bytes; `rest` means what the type says. */
export const Icmp6Header = header('ICMPv6', 8, {
  type: [0, u8],
  code: [1, u8],
  checksum: [2, u16],
  rest: [4, u32],
  id: [4, u16],
  seq: [6, u16],
})

/** `kind` says which fields there are. Errors quote a packet as their payload. */
export type Icmp6 =
  | { kind: 'echo'; type: number; code: number; id: number; seq: number }
  | { kind: 'unreachable'; type: number; code: number }
  | { kind: 'packet-too-big'; type: number; code: number; mtu: number }
  | { kind: 'time-exceeded'; type: number; code: number }
  | { kind: 'parameter-problem'; type: number; code: number; pointer: number }
  | { kind: 'other'; type: number; code: number; rest: number }

/** RFC 4443 §2.1: types under 128 are errors, and quote the packet that caused them. */
export const isIcmp6Error = (icmp: Pick<Icmp6, 'type'>): boolean => icmp.type < 128

/** Refuses only `short`; messages of neighbour and listener discovery are `other`. The checksum is not looked at. */
export const parseIcmp6 = (bytes: Uint8Array, start: number, end: number): Parsed<Icmp6 & { payload: number }> => {
  if (start + 8 > end) return refused('short')
  const { at } = Icmp6Header
  const type = at.type(bytes, start)
  const code = at.code(bytes, start)
  const payload = start + 8
  switch (type) {
    case Icmp6Type.echo:
    case Icmp6Type.echoReply:
      return parsed({ kind: 'echo', type, code, id: at.id(bytes, start), seq: at.seq(bytes, start), payload })
    case Icmp6Type.unreachable:
      return parsed({ kind: 'unreachable', type, code, payload })
    case Icmp6Type.packetTooBig:
      return parsed({ kind: 'packet-too-big', type, code, mtu: at.rest(bytes, start), payload })
    case Icmp6Type.timeExceeded:
      return parsed({ kind: 'time-exceeded', type, code, payload })
    case Icmp6Type.parameterProblem:
      return parsed({ kind: 'parameter-problem', type, code, pointer: at.rest(bytes, start), payload })
    default:
      return parsed({ kind: 'other', type, code, rest: at.rest(bytes, start), payload })
  }
}

/** Writes 8 bytes, the checksum 0: `setIcmp6Checksum` comes last. */
export const writeIcmp6 = (bytes: Uint8Array, at: number, icmp: Icmp6): number => {
  const { put } = Icmp6Header
  bytes.fill(0, at, at + 8)
  put.type(bytes, at, icmp.type)
  put.code(bytes, at, icmp.code)
  switch (icmp.kind) {
    case 'echo':
      put.id(bytes, at, icmp.id)
      put.seq(bytes, at, icmp.seq)
      break
    case 'packet-too-big':
      put.rest(bytes, at, icmp.mtu)
      break
    case 'parameter-problem':
      put.rest(bytes, at, icmp.pointer)
      break
    case 'other':
      put.rest(bytes, at, icmp.rest)
  }
  return 8
}

/** Puts an ICMPv6 header in front of what the frame holds, checksum included. */
export const pushIcmp6 = (frame: Frame, icmp: Icmp6, ends: Ends): Frame => {
  frame.prepend(8)
  writeIcmp6(frame.bytes, frame.start, icmp)
  return fillIcmp6Checksum(frame, ends)
}

/** Stores the checksum of a message that is the whole frame, for addresses that will stand in front of it. */
export const fillIcmp6Checksum = (frame: Frame, ends: Ends): Frame => {
  const { bytes, start, end } = frame
  storeChecksum(bytes, start + 2, start, end, endsSum(ends, IpProtocol.icmp6, end - start))
  return frame
}

/** Stores the checksum of the message `icmp` to `end` under the IPv6 header at `ip`. */
export const setIcmp6Checksum = (bytes: Uint8Array, ip: number, icmp: number, end: number): void =>
  storeChecksum(bytes, icmp + 2, icmp, end, transportSum(bytes, ip, IpProtocol.icmp6, end - icmp))

export const isIcmp6ChecksumRight = (bytes: Uint8Array, ip: number, icmp: number, end: number): boolean =>
  sumsUp(bytes, icmp, end, transportSum(bytes, ip, IpProtocol.icmp6, end - icmp))
