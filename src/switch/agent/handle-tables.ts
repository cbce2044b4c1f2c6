import type { TableDesc, TableStats } from '../../openflow/message.ts'
import type { Version } from '../../openflow/protocol.ts'
import type { Bridge } from '../bridge.ts'
import { tableCount } from '../flow-table.ts'
import { tableFeatures } from './capabilities.ts'
import type { Handlers } from './handler.ts'

/** OFPTMPEF_*: what decides who is evicted. */
const evictionFlags = 0b111

const allTables = Array.from({ length: tableCount }, (_, table) => table)

const statsOf = (bridge: Bridge, id: number, version: Version): TableStats => {
  const table = bridge.table(id)
  const features = tableFeatures(bridge, id, version)
  return {
    table: id,
    name: features.name,
    max: features.max,
    active: table?.size ?? 0,
    lookups: table?.lookups ?? 0,
    matched: table?.matches ?? 0,
    features,
  }
}

/** What OFPT_TABLE_MOD set. */
export const tableDesc = (bridge: Bridge, id: number): TableDesc => {
  const table = bridge.table(id)
  const vacancy = table?.settings.vacancy
  return {
    table: id,
    miss: table?.settings.miss,
    eviction: table?.settings.evictsByOpenFlow ?? false,
    evictionFlags,
    vacancy:
      vacancy === undefined || table === undefined
        ? { enabled: false, down: 0, up: 0, current: 0 }
        : {
            enabled: true,
            down: vacancy.down,
            up: vacancy.up,
            current: Math.floor(table.settings.room(table.size)),
          },
  }
}

export const tableHandlers: Handlers = {
  table_request(_, { bridge, sw, message, reply }) {
    sw.syncStats()
    reply({ type: 'table_reply', tables: allTables.map(id => statsOf(bridge, id, message.version)) })
    return undefined
  },

  table_desc_request(_, { bridge, reply }) {
    reply({ type: 'table_desc_reply', tables: allTables.map(id => tableDesc(bridge, id)) })
    return undefined
  },

  table_features_request({ tables }, { bridge, from, message, reply }) {
    if (tables.length > 0) {
      if (from.role === 'secondary') return 'OFPBRC_IS_SECONDARY'
      const wrong = tables.find(({ table }) => table >= tableCount)
      if (wrong !== undefined) return wrong.table === tableCount ? 'OFPTFFC_EPERM' : 'OFPTFFC_BAD_TABLE'
      const settings = tables.map(({ table, name }) => [bridge.flows.obtainTable(table).settings, name] as const)
      if (!settings.every(([table, name]) => table.mayBeNamed(name))) return 'OFPTFFC_EPERM'
      for (const [table, name] of settings) table.rename(name)
    }
    reply({ type: 'table_features_reply', tables: allTables.map(id => tableFeatures(bridge, id, message.version)) })
    return undefined
  },

  table_mod: ({ table, miss, eviction, evictionFlags: flags, vacancy }, { bridge }) =>
    bridge.flows.modifyTable(table, { miss, eviction, evictionFlags: flags, vacancy }),
}
