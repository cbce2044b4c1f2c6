/** The `ct` action in a datapath's notation: `ct(commit,zone=3,mark=0x1/0xff,nat(src=1.1.1.1-1.1.1.9:5-9,random))`. */
import { onesOf } from '../flow/odp-parts.ts'
import type { OdpScanner } from '../flow/odp-scan.ts'
import type { Nat } from '../openflow/nat.ts'
import { parseIp4, parseIp6 } from '../wire/address.ts'
import type { ConnTrack } from './action.ts'

const between = /[, \t\r\n]*/y
const word = /[^, \t)]+/y

/** What follows `ct`; undefined if it cannot be read. */
export const scanTracking = (scanner: OdpScanner): ConnTrack | undefined => {
  const action: ConnTrack = {
    type: 'ct',
    commit: false,
    force: false,
    zone: 0,
    mark: undefined,
    label: undefined,
    helper: undefined,
    nat: undefined,
  }
  if (!scanner.take('(')) return action
  for (;;) {
    scanner.match(between)
    if (scanner.take(')')) return action.commit && action.force ? undefined : finished(action)
    if (!scanPart(scanner, action)) return undefined
  }
}

/** To force is to commit, too. */
const finished = (action: ConnTrack): ConnTrack => ({ ...action, commit: action.commit || action.force })

const scanPart = (scanner: OdpScanner, action: ConnTrack): boolean => {
  if (scanner.take('force_commit')) action.force = true
  else if (scanner.take('commit')) action.commit = true
  else if (scanner.take('zone=')) return keep(scanner.integer(16), zone => (action.zone = Number(zone)))
  else if (scanner.take('mark='))
    return keep(scanMasked(scanner, 32), ([value, mask]) => (action.mark = [Number(value), Number(mask)]))
  else if (scanner.take('label=')) return keep(scanMasked(scanner, 128), label => (action.label = label))
  else if (scanner.take('helper=')) return keep(scanner.match(word)?.[0], helper => (action.helper = helper))
  else if (scanner.take('timeout=')) return keep(scanner.match(word)?.[0], timeout => (action.timeout = timeout))
  else if (scanner.take('nat')) return keep(scanNat(scanner), nat => (action.nat = nat))
  else return false
  return true
}

/** Whether there is a value, which is then kept. */
const keep = <T>(value: T | undefined, put: (value: T) => void): boolean => {
  if (value !== undefined) put(value)
  return value !== undefined
}

const scanMasked = (scanner: OdpScanner, width: number): readonly [bigint, bigint] | undefined => {
  const value = scanner.integer(width)
  if (value === undefined) return undefined
  const mask = scanner.take('/') ? scanner.integer(width) : onesOf(width)
  return mask === undefined ? undefined : [value, mask]
}

/** What follows `nat`. How ports are chosen says something only where there are addresses. */
const scanNat = (scanner: OdpScanner): Nat | undefined => {
  const nat: Nat = { side: undefined, addresses: undefined, ports: undefined, persistent: false, mapping: undefined }
  if (!scanner.take('(')) return nat
  const chosen = new Set<'hash' | 'random'>()
  for (;;) {
    scanner.match(between)
    if (scanner.take(')')) break
    if (scanner.take('persistent')) nat.persistent = true
    else if (scanner.take('hash')) chosen.add('hash')
    else if (scanner.take('random')) chosen.add('random')
    else if (nat.side !== undefined || !scanSide(scanner, nat)) return undefined
  }
  if (chosen.size > 1) return undefined
  if (nat.addresses === undefined) return { ...nat, persistent: false }
  return { ...nat, mapping: [...chosen][0] }
}

const scanSide = (scanner: OdpScanner, nat: Nat): boolean => {
  const [side] = scanner.match(/src|dst/y) ?? []
  if (side === undefined) return false
  nat.side = side as 'src' | 'dst'
  if (!scanner.take('=')) return true
  const first = scanAddress(scanner)
  if (first === undefined) return false
  const last = scanner.take('-') ? scanAddress(scanner) : first
  if (last === undefined || last.version !== first.version || last.value < first.value) return false
  nat.addresses = { version: first.version, first: first.value, last: last.value }
  if (!scanner.take(':')) return true
  const from = scanner.integer(16)
  const to = from !== undefined && scanner.take('-') ? scanner.integer(16) : from
  if (from === undefined || to === undefined || to < from) return false
  nat.ports = { first: Number(from), last: Number(to) }
  return true
}

/** An IPv6 address has brackets where ports may follow. */
const scanAddress = (scanner: OdpScanner): { version: 4 | 6; value: bigint } | undefined => {
  const [ip4] = scanner.match(/[0-9]+(?:\.[0-9]+){3}/y) ?? []
  if (ip4 !== undefined) {
    const value = parseIp4(ip4)
    return value === undefined ? undefined : { version: 4, value: BigInt(value) }
  }
  const found = scanner.match(/\[([0-9a-fA-F:.]+)\]|([0-9a-fA-F:.]+)/y)
  const value = parseIp6(found?.[1] ?? found?.[2] ?? '')
  return value === undefined ? undefined : { version: 6, value }
}
