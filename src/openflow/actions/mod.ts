import type { FieldName } from '../../flow/fields.ts'
import { formatMac, parseIp4 } from '../../wire/address.ts'
import { ones, parse64, parseUpTo } from '../number.ts'
import type { ActionFormatter, ActionParser, ActionParsers } from './codec.ts'

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
  mod_tp_src: transport('src'),
  mod_tp_dst: transport('dst'),
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
export const formatMod = (field: FieldName, value: bigint): string | undefined => {
  const row = written[field]
  return row === undefined ? undefined : `${row[0]}:${row[1](value)}`
}

export const formatSetTransport: ActionFormatter<'set_transport'> = ({ side, port }) => `mod_tp_${side}:${port}`
