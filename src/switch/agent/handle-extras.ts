import { hasOption } from '../../flow/tlv.ts'
import { changeTlvTable, mapped, tlvLimits } from '../../flow/tlv-table.ts'
import type { Bridge } from '../bridge.ts'
import type { Handlers } from './handler.ts'

/** Whether something names a tunnel option anywhere in it. */
const names = (value: unknown, field: string): boolean =>
  value === field ||
  (typeof value === 'object' && value !== null && Object.values(value).some(part => names(part, field)))

/** Whether a flow looks at a tunnel option or does something with it. */
const isUsed = (bridge: Bridge, index: number): boolean =>
  bridge.flows.dump().some(rule => hasOption(rule.match.mask, index) || names(rule.actions, `tun_metadata${index}`))

/** Nicira's extensions that are about the switch itself. */
export const extraHandlers: Handlers = {
  tlv_table_mod({ command, maps }, { bridge }) {
    const done = changeTlvTable(bridge.tlv, command, maps, index => isUsed(bridge, index))
    if ('error' in done) return done.error
    bridge.setTlv(done.table)
    return undefined
  },

  tlv_table_request(_, { bridge, reply }) {
    const { space, fields } = tlvLimits
    reply({ type: 'tlv_table_reply', maxSpace: space, maxFields: fields, maps: mapped(bridge.tlv) })
    return undefined
  },

  /** Flows are not exported (IPFIX), so there is nothing to count. */
  ipfix_bridge_request: () => 'NXST_NOT_CONFIGURED',
  ipfix_flow_request: () => 'NXST_NOT_CONFIGURED',
}
