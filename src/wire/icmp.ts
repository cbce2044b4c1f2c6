import type { Ip4 } from './address.ts'
import { sum16 } from './checksum.ts'
import type { Frame } from './frame.ts'
import { header, u8, u16, u32 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'
import { storeChecksum } from './transport-checksum.ts'

/** RFC 792. */
export const IcmpType = {
  echoReply: 0,
  unreachable: 3,
  sourceQuench: 4,
  redirect: 5,
  echo: 8,
  timeExceeded: 11,
  parameterProblem: 12,
  timestamp: 13,
  timestampReply: 14,
} as const

/** Codes of `unreachable`: RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1. */
export const IcmpUnreachable = {
  net: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentationNeeded: 4,
  sourceRouteFailed: 5,
  netUnknown: 6,
  hostUnknown: 7,
  netProhibited: 9,
  hostProhibited: 10,
  communicationProhibited: 13,
} as const

/** The first eight bytes; `rest` means what the type says. */
export const IcmpHeader = header('ICMP', 8, {
  type: [0, u8],
  code: [1, u8],
  checksum: [2, u16],
  rest: [4, u32],
  id: [4, u16],
  seq: [6, u16],
  pointer: [4, u8],
  gateway: [4, u32],
  mtu: [6, u16],
})

/**
 * `type` and `code` as sent; `kind` says which fields there are. Errors quote a packet as their payload. `mtu` is 0 but for
 * `fragmentationNeeded` (RFC 1191 §4). The times of `timestamp` are milliseconds since midnight UT.
 */
export type Icmp =
  | { kind: 'echo'; type: number; code: number; id: number; seq: number }
  | { kind: 'unreachable'; type: number; code: number; mtu: number }
  | { kind: 'redirect'; type: number; code: number; gateway: Ip4 }
  | { kind: 'time-exceeded'; type: number; code: number }
  | { kind: 'parameter-problem'; type: number; code: number; pointer: number }
  | {
      kind: 'timestamp'
      type: number
      code: number
      id: number
      seq: number
      originate: number
      receive: number
      transmit: number
    }
  | { kind: 'other'; type: number; code: number; rest: number }

/** Whether the payload is the beginning of the packet that caused the message; no error is sent about these. */
export const isIcmpError = (icmp: Pick<Icmp, 'type'>): boolean =>
  icmp.type === IcmpType.unreachable ||
  icmp.type === IcmpType.sourceQuench ||
  icmp.type === IcmpType.redirect ||
  icmp.type === IcmpType.timeExceeded ||
  icmp.type === IcmpType.parameterProblem

/** Refuses only `short`. The checksum is not looked at: `isIcmpChecksumRight`. */
export const parseIcmp = (bytes: Uint8Array, start: number, end: number): Parsed<Icmp & { payload: number }> => {
  if (start + 8 > end) return refused('short')
  const { at } = IcmpHeader
  const type = at.type(bytes, start)
  const code = at.code(bytes, start)
  const payload = start + 8
  switch (type) {
    case IcmpType.echo:
    case IcmpType.echoReply:
      return parsed({ kind: 'echo', type, code, id: at.id(bytes, start), seq: at.seq(bytes, start), payload })
    case IcmpType.unreachable:
      return parsed({ kind: 'unreachable', type, code, mtu: at.mtu(bytes, start), payload })
    case IcmpType.redirect:
      return parsed({ kind: 'redirect', type, code, gateway: at.gateway(bytes, start), payload })
    case IcmpType.timeExceeded:
      return parsed({ kind: 'time-exceeded', type, code, payload })
    case IcmpType.parameterProblem:
      return parsed({ kind: 'parameter-problem', type, code, pointer: at.pointer(bytes, start), payload })
    case IcmpType.timestamp:
    case IcmpType.timestampReply:
      if (start + 20 > end) return refused('short')
      return parsed({
        kind: 'timestamp',
        type,
        code,
        id: at.id(bytes, start),
        seq: at.seq(bytes, start),
        originate: u32.get(bytes, start + 8),
        receive: u32.get(bytes, start + 12),
        transmit: u32.get(bytes, start + 16),
        payload: start + 20,
      })
    default:
      return parsed({ kind: 'other', type, code, rest: at.rest(bytes, start), payload })
  }
}

/** The size of the message's header in bytes. */
export const icmpSize = (icmp: Icmp): number => (icmp.kind === 'timestamp' ? 20 : 8)

/** Writes the header, 8 or 20 bytes, its checksum 0: the payload counts too, so `setIcmpChecksum` comes last. */
export const writeIcmp = (bytes: Uint8Array, at: number, icmp: Icmp): number => {
  const { put } = IcmpHeader
  bytes.fill(0, at, at + icmpSize(icmp))
  put.type(bytes, at, icmp.type)
  put.code(bytes, at, icmp.code)
  switch (icmp.kind) {
    case 'timestamp':
      u32.set(bytes, at + 8, icmp.originate)
      u32.set(bytes, at + 12, icmp.receive)
      u32.set(bytes, at + 16, icmp.transmit)
      put.id(bytes, at, icmp.id)
      put.seq(bytes, at, icmp.seq)
      break
    case 'echo':
      put.id(bytes, at, icmp.id)
      put.seq(bytes, at, icmp.seq)
      break
    case 'unreachable':
      put.mtu(bytes, at, icmp.mtu)
      break
    case 'redirect':
      put.gateway(bytes, at, icmp.gateway)
      break
    case 'parameter-problem':
      put.pointer(bytes, at, icmp.pointer)
      break
    case 'other':
      put.rest(bytes, at, icmp.rest)
  }
  return icmpSize(icmp)
}

/** Puts an ICMP header in front of what the frame holds, checksum included. */
export const pushIcmp = (frame: Frame, icmp: Icmp): Frame => {
  frame.prepend(icmpSize(icmp))
  writeIcmp(frame.bytes, frame.start, icmp)
  setIcmpChecksum(frame.bytes, frame.start, frame.end)
  return frame
}

/** Stores the checksum of the message `at` to `end`. */
export const setIcmpChecksum = (bytes: Uint8Array, at: number, end: number): void =>
  storeChecksum(bytes, at + 2, at, end, 0)

export const isIcmpChecksumRight = (bytes: Uint8Array, at: number, end: number): boolean =>
  sum16(bytes, at, end) === 0xffff
