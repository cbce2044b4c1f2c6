import type { FieldName } from '../../flow/fields.ts'
import { getField } from '../../flow/match.ts'
import type { Paint } from '../../flow/paint.ts'
import { formatMac, parseIp4 } from '../../wire/address.ts'
import type { OfAction } from '../action.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, type OfErrorName } from '../error.ts'
import { ones, parse64, parseUpTo } from '../number.ts'
import type { Version } from '../protocol.ts'
import { inconsistent, knows } from './check.ts'
import {
  type ActionForm,
  type ActionKind,
  type ActionOf,
  type ActionParser,
  type ActionParsers,
  begin,
  type CheckState,
  nicira,
} from './codec.ts'
import { badArgument, extension, standard, useSetField } from './form.ts'

/**
 * OpenFlow 1.0's actions that set one field each. They are `set_field` under an older name, apart from the transport
 * ports, which do not say whose they are.
 */
const mod = (field: FieldName, value: bigint, width: number): ReturnType<ActionParser> => ({
  type: 'set_field',
  field,
  value,
  mask: ones(width),
  as: 'mod',
})

const mac =
  (field: FieldName): ActionParser =>
  argument => {
    const parts =
      /^([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})/.exec(
        argument,
      )
    if (parts === null) return `invalid mac address ${argument}`
    return mod(
      field,
      BigInt(
        `0x${parts
          .slice(1)
          .map(part => part.padStart(2, '0'))
          .join('')}`,
      ),
      48,
    )
  }

const ip =
  (field: FieldName): ActionParser =>
  (argument, { warn }) => {
    const address = parseIp4(argument)
    if (address !== undefined) return mod(field, BigInt(address), 32)
    warn('socket_util', `"${argument}" is not a valid IP address`, 'ERR')
    return `${argument}: could not convert to IP address`
  }

const tos: ActionParser = argument => {
  const value = parseUpTo(argument, 0xff)
  if (value === undefined) return `invalid TOS "${argument}"`
  return (value & 3) !== 0 ? `${argument}: not a valid TOS` : mod('ip_dscp', BigInt(value >> 2), 6)
}

const ecn: ActionParser = argument => {
  const value = parseUpTo(argument, 0xff)
  if (value === undefined) return `invalid ECN "${argument}"`
  return value > 3 ? `${argument}: not a valid ECN` : mod('nw_ecn', BigInt(value), 2)
}

const ttl: ActionParser = argument => {
  const value = parseUpTo(argument, 0xff)
  return value === undefined ? `invalid TTL "${argument}"` : mod('nw_ttl', BigInt(value), 8)
}

const transport =
  (side: 'src' | 'dst'): ActionParser =>
  argument => {
    const port = parseUpTo(argument, 0xffff)
    if (port !== undefined) return { type: 'set_transport', side, port }
    return `invalid ${side === 'src' ? 'source' : 'destination'} port "${argument}"`
  }

const tunnel =
  (as: 'set_tunnel' | 'set_tunnel64'): ActionParser =>
  argument => {
    const value = parse64(argument)
    if (typeof value === 'string') return value
    return { type: 'set_field', field: 'tun_id', value, mask: ones(64), as: value >> 32n === 0n ? as : 'set_tunnel64' }
  }

export const modParsers: ActionParsers = {
  mod_dl_src: mac('eth_src'),
  mod_dl_dst: mac('eth_dst'),
  mod_nw_src: ip('ip_src'),
  mod_nw_dst: ip('ip_dst'),
  mod_nw_tos: tos,
  mod_nw_ecn: ecn,
  mod_nw_ttl: ttl,
  set_tunnel: tunnel('set_tunnel'),
  set_tunnel64: tunnel('set_tunnel64'),
}

const decimal = (value: bigint): string => String(value)
const dotted = (value: bigint): string => [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 255n).join('.')
const written: Partial<Record<FieldName, [name: string, format: (value: bigint) => string]>> = {
  eth_src: ['mod_dl_src', value => formatMac(Number(value))],
  eth_dst: ['mod_dl_dst', value => formatMac(Number(value))],
  ip_src: ['mod_nw_src', dotted],
  ip_dst: ['mod_nw_dst', dotted],
  ip_dscp: ['mod_nw_tos', value => decimal(value << 2n)],
  nw_ecn: ['mod_nw_ecn', decimal],
  nw_ttl: ['mod_nw_ttl', decimal],
}

/** The 1.0 name of setting a whole field, or undefined if there is none. */
export const formatMod = (field: FieldName, value: bigint, paint: Paint): string | undefined => {
  const row = written[field]
  return row === undefined ? undefined : `${paint.param(`${row[0]}:`)}${row[1](value)}`
}

const isolated = (field: FieldName, value: bigint, width: number): Decoded<OfAction> =>
  decoded({ type: 'set_field', field, value, mask: ones(width), as: 'mod' })

/** A form in 1.0 and, under another number, since 1.1. */
const both = (name: string, of10: number, of11: number, size: number, decode: ActionForm['decode']): ActionForm[] => [
  standard(name, of10, size, decode, { to: 1 }),
  standard(name, of11, size, decode, { from: 2, ...useSetField }),
]

const decodeTos = (bytes: Reader): Decoded<OfAction> => {
  const tos = bytes.u8()
  return (tos & 3) === 0 ? isolated('ip_dscp', BigInt(tos >> 2), 6) : badArgument()
}
const decodeEcn = (bytes: Reader): Decoded<OfAction> => {
  const ecn = bytes.u8()
  return ecn <= 3 ? isolated('nw_ecn', BigInt(ecn), 2) : badArgument()
}
const setTunnel = (value: bigint, as: 'set_tunnel' | 'set_tunnel64'): Decoded<OfAction> =>
  decoded({ type: 'set_field', field: 'tun_id', value, mask: ones(64), as })

export const modForms: readonly ActionForm[] = [
  ...both('OFPAT_SET_DL_SRC', 4, 3, 16, bytes => isolated('eth_src', bytes.big(6), 48)),
  ...both('OFPAT_SET_DL_DST', 5, 4, 16, bytes => isolated('eth_dst', bytes.big(6), 48)),
  ...both('OFPAT_SET_NW_SRC', 6, 5, 8, bytes => isolated('ip_src', BigInt(bytes.u32()), 32)),
  ...both('OFPAT_SET_NW_DST', 7, 6, 8, bytes => isolated('ip_dst', BigInt(bytes.u32()), 32)),
  ...both('OFPAT_SET_NW_TOS', 8, 7, 8, decodeTos),
  standard('OFPAT_SET_NW_ECN', 8, 8, decodeEcn, { from: 2, ...useSetField }),
  standard('OFPAT_SET_NW_TTL', 23, 8, bytes => isolated('nw_ttl', BigInt(bytes.u8()), 8), { from: 2 }),
  extension('NXAST_SET_TUNNEL', 2, 16, bytes => {
    bytes.skip(2)
    return setTunnel(BigInt(bytes.u32()), 'set_tunnel')
  }),
  extension('NXAST_SET_TUNNEL64', 9, 24, bytes => {
    bytes.skip(6)
    return setTunnel(bytes.u64(), 'set_tunnel64')
  }),
]

/** Numbers in 1.0 and in 1.1. */
const numbers: Partial<Record<FieldName, readonly [of10: number, of11: number]>> = {
  eth_src: [4, 3],
  eth_dst: [5, 4],
  ip_src: [6, 5],
  ip_dst: [7, 6],
  ip_dscp: [8, 7],
  nw_ecn: [8, 8],
  nw_ttl: [23, 23],
}
const sizes: Partial<Record<FieldName, number>> = { eth_src: 6, eth_dst: 6, ip_src: 4, ip_dst: 4 }

/** Writes the action of a field under its older name. */
export const encodeMod = ({ field, value, as }: ActionOf<'set_field'>, out: Writer, version: Version): void => {
  if (as === 'set_tunnel' || as === 'set_tunnel64') {
    const end = begin(out, as === 'set_tunnel' ? 2 : 9, nicira)
    out.zeros(as === 'set_tunnel' ? 2 : 6)
    out.big(value, as === 'set_tunnel' ? 4 : 8)
    end()
    return
  }
  const number = numbers[field]
  if (number === undefined) throw new Error(`${field} has no action of its own`)
  const end = begin(out, version === 1 ? number[0] : number[1])
  out.big(field === 'ip_dscp' ? value << 2n : value, sizes[field] ?? 1)
  end()
}

/** The older actions do nothing to frames without the field. */
export const checkMod = (field: FieldName, state: CheckState): OfErrorName | undefined => {
  if (!knows(state, field)) inconsistent(state)
  return undefined
}

const sides = [
  ['src', 9, 'OFPAT_SET_TP_SRC'],
  ['dst', 10, 'OFPAT_SET_TP_DST'],
] as const

/** The port of TCP, UDP or SCTP, whichever the frame has. */
export const setTransport: ActionKind<'set_transport'> = {
  type: 'set_transport',
  parsers: { mod_tp_src: transport('src'), mod_tp_dst: transport('dst') },
  format: ({ side, port }, { paint }) => `${paint.param(`mod_tp_${side}:`)}${port}`,
  forms: sides.map(([side, number, name]) =>
    standard(name, number, 8, bytes => decoded({ type: 'set_transport', side, port: bytes.u16() }), useSetField),
  ),
  encode({ side, port }, out) {
    const end = begin(out, side === 'src' ? 9 : 10)
    out.u16(port)
    end()
  },
  seenBy(action, version, { ipProtocol }) {
    if (version < 3 || ipProtocol === undefined) return action
    const { side, port } = action
    return { type: 'set_field', field: `${ipProtocol}_${side}`, value: BigInt(port), mask: ones(16) }
  },
  check(_, state) {
    const later = (getField(state.match, 'ip_frag').value & 2n) !== 0n
    const hasPorts = knows(state, 'tcp_src') || knows(state, 'udp_src') || knows(state, 'sctp_src')
    if (later || !hasPorts) inconsistent(state)
    return undefined
  },
}
