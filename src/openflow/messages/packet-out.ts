import { getField, type Match, newMatch, setField } from '../../flow/match.ts'
import { formatMatch } from '../../flow/match-text.ts'
import { OfPort } from '../action.ts'
import { formatActions } from '../action-text.ts'
import { encodeActions } from '../action-wire.ts'
import type { Reader } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { type MatchPool, matchFrom } from '../match-pool.ts'
import { decodeMatch, encodeMatch } from '../match-wire.ts'
import { noBuffer } from '../message.ts'
import { formatPacketAt } from '../packet-text.ts'
import { readPort, writePort } from '../port-number.ts'
import { takeActions } from './action-list.ts'
import type { DecodeContext, MessageCodec } from './codec.ts'
import { formIn, plainForm } from './forms.ts'

const forms = [plainForm('PACKET_OUT', 13)]

const ofPort = (port: number, matches: MatchPool | undefined): Match => {
  const match = matchFrom(matches)
  setField(match, 'in_port', BigInt(port))
  return match
}

/** What stands before the actions. */
type Head = { bufferId: number; match: Match; inPort: number; actionsLength: number }

/** Until 1.4 a port; 1.5 has a match, which must name one. */
const decodeHead = (bytes: Reader, { version, warn, tlv, matches }: DecodeContext): Decoded<Head> => {
  const bufferId = bytes.u32()
  if (version < 6) {
    const port = readPort(bytes, version, warn)
    if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
    const actionsLength = bytes.u16()
    if (version > 1) bytes.skip(6)
    return decoded({ bufferId, match: ofPort(port, matches), inPort: port, actionsLength })
  }
  const actionsLength = bytes.u16()
  bytes.skip(2)
  const match = decodeMatch(bytes, version, { pipelineOnly: true, loose: true, warn, tlv })
  if (!match.ok) return match
  const { value, mask } = getField(match.value, 'in_port')
  if (mask === 0n) return refused('OFPBRC_BAD_PORT')
  return decoded({ bufferId, match: match.value, inPort: Number(value), actionsLength })
}

const mayBeInPort = (port: number): boolean =>
  port < OfPort.max || port === OfPort.local || port === OfPort.none || port === OfPort.controller

/** What a packet-out of 1.5 matches, while it is being written. */
const whole = newMatch()

/** OFPT_PACKET_OUT: a packet, or the number of a buffer with one, and what to do with it. */
export const packetOut: MessageCodec<'packet_out'> = {
  type: 'packet_out',
  forms,
  choose: (_, speech) => formIn(forms, speech),
  encode({ bufferId, inPort, match, actions, packet }, out, { version }) {
    out.u32(bufferId)
    if (version < 6) writePort(inPort, out, version)
    const length = out.at
    out.zeros(version === 1 ? 2 : version < 6 ? 8 : 4)
    if (version === 6) {
      whole.key.set(match.key)
      whole.mask.set(match.mask)
      setField(whole, 'in_port', BigInt(inPort))
      encodeMatch(out, whole, version)
    }
    const start = out.at
    encodeActions(out, actions, version)
    out.put16(length, out.at - start)
    if (bufferId === noBuffer) out.raw(packet)
  },
  decode(bytes, context) {
    const { version, warn } = context
    const head = decodeHead(bytes, context)
    if (!head.ok) return head
    const { bufferId, match, inPort, actionsLength } = head.value
    const actions = takeActions(bytes, actionsLength, version, warn)
    if (!actions.ok) return actions
    if (!mayBeInPort(inPort)) {
      warn('ofp_packet', `packet-out has bad input port 0x${inPort.toString(16)}`)
      return refused('OFPBRC_BAD_PORT')
    }
    const packet = bufferId === noBuffer ? bytes.rest() : new Uint8Array(0)
    return decoded({ type: 'packet_out', bufferId, inPort, match, actions: actions.value, packet })
  },
  print({ bufferId, match, actions, packet }, { ports, paint, verbosity }) {
    const options = { ...(ports && { portName: (port: number) => ports.name(port) }), ...(paint && { paint }) }
    const start = ` ${formatMatch(match, options)} actions=${formatActions(actions, ports, undefined, paint)}`
    if (bufferId !== noBuffer) return `${start} buffer=0x${bufferId.toString(16).padStart(8, '0')}\n`
    const shown = packet.length === 0 ? '' : formatPacketAt(packet, verbosity, paint)
    return `${start} data_len=${packet.length}\n${shown}`
  },
}
