import { nicira, onf } from '../actions/codec.ts'
import { decoded, refused } from '../error.ts'
import type { GroupModBody, MeterModBody } from '../message.ts'
import type { MessageCodec, MessageForm, PrintOptions } from './codec.ts'
import { groupMod } from './group-mod.ts'
import { meterMod } from './meter-mod.ts'
import { formOf } from './stats.ts'

const forms: readonly MessageForm[] = [
  { name: 'NXT_REQUESTFORWARD', from: 1, to: 3, experimenter: { vendor: nicira, subtype: 132 } },
  { name: 'ONFT_REQUESTFORWARD', from: 4, to: 4, experimenter: { vendor: onf, subtype: 2350 } },
  { name: 'OFPT_REQUESTFORWARD', from: 5, to: 6, number: 32 },
]

const printRequest = (request: GroupModBody | MeterModBody, options: PrintOptions): string =>
  request.type === 'group_mod' ? groupMod.print(request, options) : meterMod.print(request, options)

/** OFPT_REQUESTFORWARD: a controller hears of another's change of groups and meters. The change is a whole message. */
export const requestforward: MessageCodec<'requestforward'> = {
  type: 'requestforward',
  forms,
  choose: (_, speech) => formOf(forms, speech),
  encode({ request, requestXid }, out, { encodeMessage }) {
    out.raw(encodeMessage(request, requestXid) ?? [])
  },
  decode(bytes, { version, decodeMessage }) {
    const { left } = bytes
    const length = left < 4 ? 0 : (bytes.bytes[bytes.at + 2]! << 8) | bytes.bytes[bytes.at + 3]!
    if (length < 8 || length > left) return refused('OFPBFC_MSG_BAD_LEN')
    if (bytes.bytes[bytes.at] !== version) return refused('OFPBRC_BAD_VERSION')
    const message = decodeMessage(bytes.raw(length))
    if (!message.ok) return message
    const { body, xid } = message.value
    return body.type === 'group_mod' || body.type === 'meter_mod'
      ? decoded({ type: 'requestforward', request: body, requestXid: xid })
      : refused('OFPBFC_MSG_UNSUP')
  },
  print: ({ request }, options) => ` reason=${request.type}${printRequest(request, options)}`,
}
