import type { Version } from '../../openflow/protocol.ts'
import { tableCount } from '../flow-table.ts'
import type { Handlers } from './handler.ts'
import { portDesc } from './ports.ts'

/** OFPC_*: what there is of statistics, in each version's own bits. */
const capabilities: Readonly<Record<Version, number>> = { 1: 0xc7, 2: 0xcf, 3: 0x4f, 4: 0x4f, 5: 0x24f, 6: 0x24f }

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
      capabilities: capabilities[version],
      actions: version === 1 ? actions10 : 0,
      ports: version >= 4 ? undefined : bridge.floodOrder.map(portDesc),
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
