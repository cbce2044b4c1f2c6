import type { Handlers } from './handler.ts'

/** Nicira's extensions by which a peer says how it wants to be spoken to. */
export const wishHandlers: Handlers = {
  set_flow_format({ nxm }, { from }) {
    if (nxm === undefined) return 'OFPBRC_EPERM'
    from.nxm = nxm
    return undefined
  },

  flow_mod_table_id({ enabled }, { from }) {
    from.tableId = enabled
    return undefined
  },

  set_packet_in_format({ format }, { from }) {
    from.packetInFormat = format
    return undefined
  },

  set_controller_id({ id }, { agent, from }) {
    from.controllerId = id
    agent.changedPeers()
    return undefined
  },

  /** Ages of flows are always told; this message is only for switches that have to be asked. */
  flow_age() {
    return undefined
  },
}
