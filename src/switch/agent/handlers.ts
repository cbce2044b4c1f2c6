import { bundleHandlers } from './handle-bundles.ts'
import { configHandlers } from './handle-config.ts'
import { descriptionHandlers } from './handle-description.ts'
import { extraHandlers } from './handle-extras.ts'
import { flowHandlers } from './handle-flows.ts'
import { groupHandlers } from './handle-groups.ts'
import { meterHandlers } from './handle-meters.ts'
import { monitorHandlers } from './handle-monitors.ts'
import { packetHandlers } from './handle-packets.ts'
import { portHandlers } from './handle-ports.ts'
import { queueHandlers } from './handle-queues.ts'
import { roleHandlers } from './handle-roles.ts'
import { tableHandlers } from './handle-tables.ts'
import { wishHandlers } from './handle-wishes.ts'
import type { Handlers } from './handler.ts'

/** What every kind of request does. Kinds that are not here are refused: they are not for a switch. */
export const handlers: Handlers = {
  ...configHandlers,
  ...descriptionHandlers,
  ...bundleHandlers,
  ...extraHandlers,
  ...flowHandlers,
  ...groupHandlers,
  ...meterHandlers,
  ...monitorHandlers,
  ...queueHandlers,
  ...tableHandlers,
  ...packetHandlers,
  ...portHandlers,
  ...roleHandlers,
  ...wishHandlers,
}

/** What a controller may not say while it is a secondary, right or wrong. */
export const notForSecondaries: ReadonlySet<string> = new Set([
  'flow_mod',
  'group_mod',
  'meter_mod',
  'port_mod',
  'table_mod',
  'packet_out',
  'bundle_control',
  'bundle_add',
  'tlv_table_mod',
])
