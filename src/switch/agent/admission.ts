import type { OfBody } from '../../openflow/message.ts'

/**
 * What a program says that only looks at a switch, or that a controller says before it lets the switch in: as long as one
 * says nothing else, a bridge that does without it goes on so. As Open vSwitch sorts them.
 */
const idle: ReadonlySet<OfBody['type']> = new Set([
  'hello',
  'error',
  'unknown',
  'features_request',
  'get_config_request',
  'set_config',
  'get_async_request',
  'queue_get_config_request',
  'queue_desc_request',
  'group_request',
  'group_desc_request',
  'group_features_request',
  'table_features_request',
  'table_desc_request',
])

/** Whether a message shows its sender to be a controller. */
export const doesWork = (type: OfBody['type']): boolean => !idle.has(type)
