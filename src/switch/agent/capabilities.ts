import { type FieldName, field, fieldNames } from '../../flow/fields.ts'
import type { TableFeatures, TableSide } from '../../openflow/message.ts'
import type { Version } from '../../openflow/protocol.ts'
import { inOrder } from '../../openflow/table-features-wire.ts'
import type { Bridge } from '../bridge.ts'
import { tableCount } from '../flow-table.ts'

/** Every action that OpenFlow has a number for, in some version, by the names that `action-set.ts` knows. */
export const allActions: readonly string[] = [
  'output',
  'group',
  'enqueue',
  'set_field',
  'set_vlan_vid',
  'set_vlan_pcp',
  'strip_vlan',
  'push_vlan',
  'mod_dl_src',
  'mod_dl_dst',
  'mod_nw_src',
  'mod_nw_dst',
  'mod_nw_tos',
  'mod_nw_ecn',
  'mod_nw_ttl',
  'mod_tp_src',
  'mod_tp_dst',
  'dec_ttl',
  'set_mpls_label',
  'set_mpls_tc',
  'set_mpls_ttl',
  'dec_mpls_ttl',
  'push_mpls',
  'pop_mpls',
  'set_queue',
]

const instructions = ['meter', 'apply_actions', 'clear_actions', 'write_actions', 'write_metadata', 'goto_table']

/** Fields that a message can name. */
const named: readonly FieldName[] = inOrder(new Set(fieldNames.filter(name => field(name).codes !== undefined)))
const maskable = named.filter(name => field(name).maskable === true)
const writable = named.filter(name => field(name).writable === true)

/** Flows that nobody told otherwise fit; Open vSwitch says a million and means no limit. */
const usualLimit = 1_000_000

/** What a table can do: all the same but for the tables that come after it. */
export const tableFeatures = (bridge: Bridge, table: number, version: Version): TableFeatures => {
  const settings = bridge.table(table)?.settings
  const isLast = table === tableCount - 1
  const side: TableSide = {
    next: Array.from({ length: tableCount - 1 - table }, (_, i) => table + 1 + i),
    instructions: isLast ? instructions.filter(name => name !== 'goto_table') : instructions,
    writeActions: allActions,
    applyActions: allActions,
    writeSetFields: writable,
    applySetFields: writable,
  }
  const limit = settings?.limit ?? Number.POSITIVE_INFINITY
  return {
    table,
    name: settings?.name ?? '',
    metadataMatch: 0xffffffffffffffffn,
    metadataWrite: 0xffffffffffffffffn,
    // Later versions have a flow for it.
    miss: version <= 3 ? (settings?.miss ?? 'controller') : undefined,
    supportsEviction: false,
    supportsVacancy: false,
    max: Number.isFinite(limit) ? limit : usualLimit,
    nonMiss: side,
    miss_: side,
    match: named,
    mask: maskable,
    wildcard: named,
  }
}
