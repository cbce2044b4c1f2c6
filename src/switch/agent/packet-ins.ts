import { type FieldName, field, fieldNames, readField } from '../../flow/fields.ts'
import type { FlowKey } from '../../flow/layout.ts'
import { type Match, setField } from '../../flow/match.ts'
import { type BodyOf, noBuffer } from '../../openflow/message.ts'
import type { PacketIn } from '../packet-in.ts'

const noUserdata = new Uint8Array(0)

/**
 * The message that tells controllers of a packet. The switch keeps none, so all of it goes, however little was asked for,
 * as in Open vSwitch: those lengths are for packets that can be asked for later. It holds the event's frame and `match`, an
 * empty one.
 */
export const packetInBody = (event: PacketIn, match: Match): BodyOf<'packet_in'> => {
  putMetadata(event.key, match)
  const packet = event.frame.content()
  return {
    type: 'packet_in',
    reason: event.reason,
    packet,
    total: packet.length,
    bufferId: noBuffer,
    table: event.table,
    cookie: event.cookie,
    match,
    userdata:
      event.userdata === undefined || event.userdata.length === 0 ? noUserdata : Uint8Array.from(event.userdata),
    continuation: undefined,
  }
}

/** What goes with a packet that is not in the packet; in_port always does, the others unless they are zero. */
const metadataFields: readonly FieldName[] = [
  ...fieldNames.filter(name => /^tun_(id|src|dst|ipv6_src|ipv6_dst|gbp_id|gbp_flags|erspan_.*)$/.test(name)),
  'metadata',
  ...fieldNames.filter(name => /^reg[0-9]+$/.test(name)),
  'pkt_mark',
  'packet_type',
]
const trackedFields: readonly FieldName[] = ['ct_state', 'ct_zone', 'ct_mark', 'ct_label']

/** The words that a field lies in. */
const wordsOf = (name: FieldName): number[] => {
  const { at, bits } = field(name)
  return Array.from({ length: Math.ceil((at[1] + bits) / 32) }, (_, i) => at[0] - i)
}
const metadataWords = [...new Set([...metadataFields, 'ct_state' as const].flatMap(wordsOf))]

/** Most packets have none: a look at the words is less than to read each field. */
const hasMetadata = (key: FlowKey): boolean => {
  for (const at of metadataWords) if (key[at] !== 0) return true
  return false
}

const putMetadata = (key: FlowKey, match: Match): void => {
  setField(match, 'in_port', readField(key, 'in_port'))
  if (!hasMetadata(key)) return
  const copy = (name: FieldName): void => {
    const value = readField(key, name)
    if (value !== 0n) setField(match, name, value)
  }
  for (const name of metadataFields) copy(name)
  if (readField(key, 'ct_state') !== 0n) for (const name of trackedFields) copy(name)
}
