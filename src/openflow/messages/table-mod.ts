import type { Reader, Writer } from '../bytes.ts'
import { decoded } from '../error.ts'
import type { TableConfig } from '../message.ts'
import type { PortNames, Warn } from '../port-text.ts'
import type { Version } from '../protocol.ts'
import { decodeTableConfig, encodeTableConfig, tableConfigBits } from '../table-desc-wire.ts'
import { formatTable } from '../table-text.ts'
import type { MessageCodec, MessageForm } from './codec.ts'
import { formOf } from './stats.ts'

const forms: readonly MessageForm[] = [{ name: 'OFPT_TABLE_MOD', from: 2, to: 6, number: 17 }]

/** OFPTC_TABLE_MISS_* of 1.1 and 1.2, in two bits. */
const misses = ['controller', 'continue', 'drop'] as const
const missMask = 3
const allTables = 0xff

/** What a miss does, by the bits of a table's configuration; those that mean nothing are as none, with a warning. */
export const missOf = (config: number, warn: Warn): TableConfig['miss'] => {
  const miss = misses[config & missMask]
  if (miss === undefined) warn('ofp_table', `bad table miss config ${config & missMask}`)
  return miss
}
/** All bits are what a table does that nobody told what to do. */
export const missBits = (miss: TableConfig['miss']): number => (miss === undefined ? missMask : misses.indexOf(miss))

/** How a table-mod with these flags turns eviction: Open vSwitch takes them for the answer. */
const evictionByFlags = (flags: number): boolean | undefined => (flags === 1 ? true : flags === 2 ? false : undefined)

const decodeConfig = (bytes: Reader, config: number, version: Version, warn: Warn) => {
  if (version >= 5) {
    const read = decodeTableConfig(bytes, config, true, warn)
    if (read.ok && read.value.evictionFlags !== undefined)
      read.value.eviction = evictionByFlags(read.value.evictionFlags)
    return read
  }
  const miss = version <= 3 ? missOf(config, warn) : undefined
  return decoded({ miss, eviction: undefined, evictionFlags: undefined, vacancy: undefined })
}

const encodeConfig = (config: TableConfig, out: Writer, version: Version): void => {
  if (version >= 5) {
    out.u32(tableConfigBits(config))
    encodeTableConfig(config, true, out)
  } else out.u32(version <= 3 ? missBits(config.miss) : 0)
}

const onOff = (on: boolean): string => (on ? 'on' : 'off')

const formatConfig = ({ miss, eviction, evictionFlags, vacancy }: TableConfig, version: Version): string => {
  const words: string[] = []
  if (version <= 3) words.push(`, flow_miss_config=${miss ?? 'controller'}`)
  if (eviction !== undefined) words.push(`, eviction=${onOff(eviction)}`)
  else if (evictionFlags !== undefined && evictionFlags !== 0) words.push(', eviction=***error***')
  if (vacancy !== undefined) words.push(`, vacancy=${onOff(vacancy.enabled)}`)
  if (vacancy?.enabled === true) words.push(` vacancy:${vacancy.down},${vacancy.up}`)
  return words.join('')
}

const formatWhich = (table: number, tables: PortNames | undefined): string =>
  table === allTables ? ' table_id: ALL_TABLES' : ` table_id=${formatTable(table, tables)}`

/** OFPT_TABLE_MOD: 1.1's and 1.2's say what a miss does, 1.3's nothing, later ones eviction and vacancy. */
export const tableMod: MessageCodec<'table_mod'> = {
  type: 'table_mod',
  forms,
  choose: (_, speech) => formOf(forms, speech),
  encode(mod, out, { version }) {
    out.u8(mod.table)
    out.zeros(3)
    encodeConfig(mod, out, version)
  },
  decode(bytes, { version, warn }) {
    const table = bytes.u8()
    bytes.skip(3)
    const config = decodeConfig(bytes, bytes.u32(), version, warn)
    return config.ok ? decoded({ type: 'table_mod', table, ...config.value }) : config
  },
  print: (mod, { version, tables }) => `${formatWhich(mod.table, tables)}${formatConfig(mod, version)}`,
}
