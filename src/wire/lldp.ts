/** LLDP (IEEE 802.1AB §8): a chain of type, length, value, from chassis, port and time to live to an end marker. */
import { fromUtf8, utf8 } from '../runtime/text.ts'
import { u16, u24 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

export const LldpType = {
  end: 0,
  chassis: 1,
  port: 2,
  ttl: 3,
  portDescription: 4,
  systemName: 5,
  systemDescription: 6,
  capabilities: 7,
  management: 8,
  organization: 127,
} as const

/** How a chassis or a port is identified; the bytes behind it mean what this says. */
export const LldpChassis = {
  component: 1,
  interfaceAlias: 2,
  port: 3,
  mac: 4,
  address: 5,
  interfaceName: 6,
  local: 7,
} as const
export const LldpPort = {
  interfaceAlias: 1,
  component: 2,
  mac: 3,
  address: 4,
  interfaceName: 5,
  circuit: 6,
  local: 7,
} as const

/** `text` is for the types 4, 5 and 6; `other` for whatever is not named here, management addresses too. */
export type LldpTlv =
  | { kind: 'chassis'; subtype: number; id: Uint8Array }
  | { kind: 'port'; subtype: number; id: Uint8Array }
  | { kind: 'ttl'; seconds: number }
  | { kind: 'text'; type: number; text: string }
  | { kind: 'capabilities'; system: number; enabled: number }
  | { kind: 'organization'; oui: number; subtype: number; data: Uint8Array }
  | { kind: 'other'; type: number; data: Uint8Array }

export type Lldp = { tlvs: LldpTlv[] }

/**
 * The values up to the end marker, which is not among them. Refuses `short`, `length` for a value too short for its type,
 * and `value` where the first three are not chassis, port and time to live (§9.2.7.7.1).
 */
export const parseLldp = (bytes: Uint8Array, start: number, end: number): Parsed<Lldp & { payload: number }> => {
  const tlvs: LldpTlv[] = []
  for (let at = start; ; ) {
    if (at + 2 > end) return refused('short')
    const word = u16.get(bytes, at)
    const type = word >> 9
    const from = at + 2
    at = from + (word & 511)
    if (at > end) return refused('short')
    if (tlvs.length < 3 ? type !== tlvs.length + 1 : type >= LldpType.chassis && type <= LldpType.ttl)
      return refused('value')
    if (type === LldpType.end) return parsed({ tlvs, payload: at })
    const tlv = readTlv(bytes, type, from, at)
    if (tlv === undefined) return refused('length')
    tlvs.push(tlv)
  }
}

const readTlv = (bytes: Uint8Array, type: number, from: number, to: number): LldpTlv | undefined => {
  const size = to - from
  switch (type) {
    case LldpType.chassis:
    case LldpType.port:
      if (size < 2) return undefined
      return {
        kind: type === LldpType.chassis ? 'chassis' : 'port',
        subtype: bytes[from]!,
        id: bytes.subarray(from + 1, to),
      }
    case LldpType.ttl:
      return size < 2 ? undefined : { kind: 'ttl', seconds: u16.get(bytes, from) }
    case LldpType.portDescription:
    case LldpType.systemName:
    case LldpType.systemDescription:
      return { kind: 'text', type, text: fromUtf8(bytes, from, to) }
    case LldpType.capabilities:
      if (size < 4) return undefined
      return { kind: 'capabilities', system: u16.get(bytes, from), enabled: u16.get(bytes, from + 2) }
    case LldpType.organization:
      if (size < 4) return undefined
      return {
        kind: 'organization',
        oui: u24.get(bytes, from),
        subtype: bytes[from + 3]!,
        data: bytes.subarray(from + 4, to),
      }
    default:
      return { kind: 'other', type, data: bytes.subarray(from, to) }
  }
}

/** The message with its end marker; the destination is 01:80:c2:00:00:0e. A value over 511 bytes is our mistake. */
export const lldpMessage = (lldp: Lldp): Uint8Array => {
  const bytes: number[] = []
  for (const tlv of lldp.tlvs) {
    const [type, value] = encode(tlv)
    if (value.length > 511) throw new RangeError(`an LLDP value of ${value.length} bytes`)
    const word = (type << 9) | value.length
    bytes.push(word >> 8, word & 255, ...value)
  }
  return Uint8Array.from([...bytes, 0, 0])
}

const two = (value: number): number[] => [(value >> 8) & 255, value & 255]

const encode = (tlv: LldpTlv): [type: number, value: ArrayLike<number> & Iterable<number>] => {
  switch (tlv.kind) {
    case 'chassis':
    case 'port':
      return [LldpType[tlv.kind], [tlv.subtype, ...tlv.id]]
    case 'ttl':
      return [LldpType.ttl, two(tlv.seconds)]
    case 'text':
      return [tlv.type, utf8(tlv.text)]
    case 'capabilities':
      return [LldpType.capabilities, [...two(tlv.system), ...two(tlv.enabled)]]
    case 'organization':
      return [LldpType.organization, [tlv.oui >> 16, ...two(tlv.oui), tlv.subtype, ...tlv.data]]
    case 'other':
      return [tlv.type, tlv.data]
  }
}
