/** `nat` in a `ct` (ovs-actions(7)). */
import { typeOf } from '../../flow/match.ts'
import type { OfAction } from '../action.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded } from '../error.ts'
import type { Nat } from '../nat.ts'
import { type ActionKind, begin, nicira } from './codec.ts'
import { badArgument, extension } from './form.ts'
import { formatNat, parseNat } from './nat-text.ts'

const flag = { src: 1, dst: 2, persistent: 4, hash: 8, random: 16 } as const
/** Which parts of a range follow. */
const present = { first4: 1, last4: 2, first6: 4, last6: 8, firstPort: 16, lastPort: 32 } as const

const decode = (bytes: Reader): Decoded<OfAction> => {
  bytes.skip(2)
  const flags = bytes.u16()
  const parts = bytes.u16()
  const has = (bit: number): boolean => (flags & bit) !== 0
  if (flags > 31 || (has(flag.src) && has(flag.dst)) || (has(flag.hash) && has(flag.random))) return badArgument()
  const addresses = decodeAddresses(bytes, parts)
  if (addresses === 'wrong') return badArgument()
  const ports = decodePorts(bytes, parts)
  if (ports === 'wrong' || (ports !== undefined && addresses === undefined)) return badArgument()
  const nat: Nat = {
    side: has(flag.src) ? 'src' : has(flag.dst) ? 'dst' : undefined,
    addresses,
    ports,
    persistent: has(flag.persistent),
    mapping: has(flag.hash) ? 'hash' : has(flag.random) ? 'random' : undefined,
  }
  return decoded({ type: 'nat', nat })
}

const decodeAddresses = (bytes: Reader, parts: number): Nat['addresses'] | 'wrong' => {
  const is4 = (parts & (present.first4 | present.last4)) !== 0
  const is6 = (parts & (present.first6 | present.last6)) !== 0
  if (!is4 && !is6) return undefined
  if (is4 && is6) return 'wrong'
  const [version, size, firstBit, lastBit] = is4
    ? ([4, 4, present.first4, present.last4] as const)
    : ([6, 16, present.first6, present.last6] as const)
  const first = (parts & firstBit) === 0 ? 0n : bytes.big(size)
  if (first === 0n) return 'wrong'
  if ((parts & lastBit) === 0) return bytes.short ? 'wrong' : { version, first, last: first }
  const last = bytes.big(size)
  if (bytes.short || last < first) return 'wrong'
  return first === last ? { version, first, last, ranged: true } : { version, first, last }
}

const decodePorts = (bytes: Reader, parts: number): Nat['ports'] | 'wrong' => {
  if ((parts & (present.firstPort | present.lastPort)) === 0) return undefined
  const first = (parts & present.firstPort) === 0 ? 0 : bytes.u16()
  if (first === 0) return 'wrong'
  if ((parts & present.lastPort) === 0) return bytes.short ? 'wrong' : { first, last: first }
  const last = bytes.u16()
  if (bytes.short || last < first) return 'wrong'
  return first === last ? { first, last, ranged: true } : { first, last }
}

/** Whether a range's end is said: if it is another than its start, or was said all the same. 0 never is. */
const saysLast = ({ first, last, ranged }: { first: bigint | number; last: bigint | number; ranged?: boolean }) =>
  Number(last) !== 0 && (first !== last || ranged === true)

const encode = ({ side, addresses, ports, persistent, mapping }: Nat, out: Writer): void => {
  const end = begin(out, 36, nicira)
  out.zeros(2)
  out.u16(
    (side === undefined ? 0 : flag[side]) |
      (persistent ? flag.persistent : 0) |
      (mapping === undefined ? 0 : flag[mapping]),
  )
  const partsAt = out.at
  let parts = 0
  out.u16(0)
  if (addresses !== undefined) {
    const [size, firstBit, lastBit] =
      addresses.version === 4
        ? ([4, present.first4, present.last4] as const)
        : ([16, present.first6, present.last6] as const)
    if (addresses.first !== 0n) {
      parts |= firstBit
      out.big(addresses.first, size)
    }
    if (saysLast(addresses)) {
      parts |= lastBit
      out.big(addresses.last, size)
    }
    if (ports !== undefined && ports.first !== 0) {
      parts |= present.firstPort
      out.u16(ports.first)
    }
    if (ports !== undefined && saysLast(ports)) {
      parts |= present.lastPort
      out.u16(ports.last)
    }
  }
  out.put16(partsAt, parts)
  end()
}

export const nat: ActionKind<'nat'> = {
  type: 'nat',
  parsers: { nat: parseNat },
  format: formatNat,
  forms: [extension('NXAST_NAT', 36, 16, decode, { exact: false })],
  encode: (action, out) => encode(action.nat, out),
  check({ nat: { addresses } }, { match }) {
    const wanted = addresses === undefined ? [0x0800, 0x86dd] : [addresses.version === 4 ? 0x0800 : 0x86dd]
    return wanted.includes(typeOf(match.key)) ? undefined : 'OFPBAC_MATCH_INCONSISTENT'
  },
}
