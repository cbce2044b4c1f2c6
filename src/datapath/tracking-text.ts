import type { Nat } from '../openflow/nat.ts'
import { formatIp4, formatIp6 } from '../wire/address.ts'
import type { ConnTrack } from './action.ts'

/** `ct(commit,zone=3,mark=0x1/0xffffffff,nat(src=1.1.1.1))`, or just `ct`. */
export const formatTracking = ({ commit, force, zone, mark, label, helper, timeout, nat }: ConnTrack): string => {
  const parts: string[] = []
  if (commit) parts.push(force ? 'force_commit' : 'commit')
  if (zone !== 0) parts.push(`zone=${zone}`)
  if (mark !== undefined) parts.push(`mark=${hex(mark[0])}/${hex(mark[1])}`)
  if (label !== undefined) parts.push(`label=${hex(label[0])}${label[1] === ones ? '' : `/${hex(label[1])}`}`)
  if (helper !== undefined) parts.push(`helper=${helper}`)
  if (timeout !== undefined) parts.push(`timeout=${timeout}`)
  if (nat !== undefined) parts.push(formatNat(nat))
  return parts.length === 0 ? 'ct' : `ct(${parts.join(',')})`
}

const ones = (1n << 128n) - 1n

/** What printf's %#x gives: zero without 0x. */
const hex = (value: number | bigint): string => (value === 0 || value === 0n ? '0' : `0x${value.toString(16)}`)

const formatNat = ({ side, addresses, ports, persistent, mapping }: Nat): string => {
  if (side === undefined) return 'nat'
  const range =
    addresses === undefined ? '' : formatRange(addresses.first, addresses.last, addressText(addresses.version, ports))
  const portRange = ports === undefined ? '' : `:${formatRange(ports.first, ports.last, String)}`
  const parts = [addresses === undefined && ports === undefined ? side : `${side}=${range}${portRange}`]
  if (persistent) parts.push('persistent')
  if (mapping !== undefined) parts.push(mapping)
  return `nat(${parts.join(',')})`
}

const addressText =
  (version: 4 | 6, ports: Nat['ports']) =>
  (value: bigint): string => {
    if (version === 4) return formatIp4(Number(value))
    return ports === undefined ? formatIp6(value) : `[${formatIp6(value)}]`
  }

const formatRange = <T extends number | bigint>(first: T, last: T, text: (value: T) => string): string =>
  first === last ? text(first) : `${text(first)}-${text(last)}`
