import { Capability } from '../../openflow/messages/features.ts'
import { tableCount } from '../flow-table.ts'
import type { Handlers } from './handler.ts'
import { portDesc } from './ports.ts'

/** What there is; each version tells as much of it as it can. */
const capabilities =
  Capability.flowStats |
  Capability.tableStats |
  Capability.portStats |
  Capability.groupStats |
  Capability.queueStats |
  Capability.arpMatchIp |
  Capability.bundles

/** OFPAT10_*: output to enqueue. */
const actions10 = 0xfff

export const descriptionHandlers: Handlers = {
  features_request(_, { bridge, message, reply }) {
    const { version } = message
    reply({
      type: 'features_reply',
      datapathId: bridge.datapathId,
      buffers: 0,
      tables: tableCount,
      auxiliary: 0,
      capabilities,
      actions: version === 1 ? actions10 : 0,
      ports: version >= 4 ? undefined : bridge.floodOrder.map(port => portDesc(port)),
    })
    return undefined
  },

  desc_request(_, { bridge, reply }) {
    reply({
      type: 'desc_reply',
      manufacturer: 'Nicira, Inc.',
      hardware: 'Open vSwitch',
      software: '3.1.0',
      serial: 'None',
      datapath: bridge.description ?? 'None',
    })
    return undefined
  },
}
