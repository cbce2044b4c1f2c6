/** Nicira's small extensions: how the two sides speak, and numbers of things. */
import { decoded, refused } from '../error.ts'
import type { PacketInFormat } from '../message.ts'
import type { MessageCodec } from './codec.ts'
import { formIn, nxForm, onfForm } from './forms.ts'

const flowFormatForms = [nxForm('SET_FLOW_FORMAT', 12, 1, 1)]
/** NXFF_*. */
const flowFormatNxm = 2

export const setFlowFormat: MessageCodec<'set_flow_format'> = {
  type: 'set_flow_format',
  forms: flowFormatForms,
  choose: (_, speech) => formIn(flowFormatForms, speech),
  encode: ({ nxm }, out) => out.u32(nxm === true ? flowFormatNxm : 0),
  decode(bytes, { warn }) {
    const format = bytes.u32()
    if (format === 0 || format === flowFormatNxm) return decoded({ type: 'set_flow_format', nxm: format !== 0 })
    warn('ofp_protocol', `NXT_SET_FLOW_FORMAT message specified invalid flow format ${format}`)
    return decoded({ type: 'set_flow_format', nxm: undefined })
  },
  print: ({ nxm }) => ` format=${nxm === undefined ? '(unknown)' : nxm ? 'nxm' : 'openflow10'}\n`,
}

const tableIdForms = [nxForm('FLOW_MOD_TABLE_ID', 15)]

export const flowModTableId: MessageCodec<'flow_mod_table_id'> = {
  type: 'flow_mod_table_id',
  forms: tableIdForms,
  choose: (_, speech) => formIn(tableIdForms, speech),
  encode({ enabled }, out) {
    out.u8(enabled ? 1 : 0)
    out.zeros(7)
  },
  decode: bytes => decoded({ type: 'flow_mod_table_id', enabled: bytes.u8() !== 0 }),
  print: ({ enabled }) => ` ${enabled ? 'enable' : 'disable'}\n`,
}

const packetInForms = [nxForm('SET_PACKET_IN_FORMAT', 16)]
/** NXPIF_*. */
const packetInFormats = ['standard', 'nxt_packet_in', 'nxt_packet_in2'] as const satisfies PacketInFormat[]

export const setPacketInFormat: MessageCodec<'set_packet_in_format'> = {
  type: 'set_packet_in_format',
  forms: packetInForms,
  choose: (_, speech) => formIn(packetInForms, speech),
  encode: ({ format }, out) => out.u32(packetInFormats.indexOf(format)),
  decode(bytes, { warn }) {
    const number = bytes.u32()
    const format = packetInFormats[number]
    if (format !== undefined) return decoded({ type: 'set_packet_in_format', format })
    warn('ofp_packet', `NXT_SET_PACKET_IN_FORMAT message specified invalid packet-in format ${number}`)
    return refused('OFPBRC_EPERM')
  },
  print: ({ format }) => ` format=${format}\n`,
}

const controllerIdForms = [nxForm('SET_CONTROLLER_ID', 20)]

export const setControllerId: MessageCodec<'set_controller_id'> = {
  type: 'set_controller_id',
  forms: controllerIdForms,
  choose: (_, speech) => formIn(controllerIdForms, speech),
  encode({ id }, out) {
    out.zeros(6)
    out.u16(id)
  },
  decode(bytes) {
    bytes.skip(6)
    return decoded({ type: 'set_controller_id', id: bytes.u16() })
  },
  print: ({ id }) => ` id=${id}\n`,
}

const cancelForms = [nxForm('FLOW_MONITOR_CANCEL', 21, 1, 3), onfForm('FLOW_MONITOR_CANCEL', 1870)]

export const flowMonitorCancel: MessageCodec<'flow_monitor_cancel'> = {
  type: 'flow_monitor_cancel',
  forms: cancelForms,
  choose: (_, speech) => formIn(cancelForms, speech),
  encode: ({ id }, out) => out.u32(id),
  decode: bytes => decoded({ type: 'flow_monitor_cancel', id: bytes.u32() }),
  print: ({ id }) => ` id=${id}\n`,
}

const flushZoneForms = [nxForm('CT_FLUSH_ZONE', 29)]

export const ctFlushZone: MessageCodec<'ct_flush_zone'> = {
  type: 'ct_flush_zone',
  forms: flushZoneForms,
  choose: (_, speech) => formIn(flushZoneForms, speech),
  encode({ zone }, out) {
    out.zeros(6)
    out.u16(zone)
  },
  decode(bytes) {
    // Padding that is not zero is passed over here, unlike in most of these messages.
    bytes.skip(6)
    return decoded({ type: 'ct_flush_zone', zone: bytes.u16() })
  },
  print: ({ zone }) => ` zone_id=${zone}\n`,
}
