/** What a table does, as 1.4's messages have it: ofp14_table_desc and the properties of a table-mod. */
import type { Reader, Writer } from './bytes.ts'
import { type Decoded, decoded, refused } from './error.ts'
import type { TableConfig, TableDesc } from './message.ts'
import type { Warn } from './port-text.ts'
import { beginProperty, takeProperty, unknownProperty } from './property.ts'

/** OFPTC_EVICTION, OFPTC_VACANCY_EVENTS. */
const evictionBit = 1 << 2
const vacancyBit = 1 << 3
/** OFPTMPT_*. */
const evictionProperty = 2
const vacancyProperty = 3

const module = 'ofp_table'

export const tableConfigBits = ({ eviction, vacancy }: TableConfig): number =>
  (eviction === true ? evictionBit : 0) | (vacancy?.enabled === true ? vacancyBit : 0)

/** Reads a table's properties up to the reader's end. `mod`: those of a table-mod, which must make sense. */
export const decodeTableConfig = (bytes: Reader, config: number, mod: boolean, warn: Warn): Decoded<TableConfig> => {
  const enabled = (config & vacancyBit) !== 0
  const table: TableConfig = {
    miss: undefined,
    eviction: (config & evictionBit) !== 0,
    evictionFlags: undefined,
    vacancy: { enabled, down: 0, up: 0, current: 0 },
  }
  while (bytes.left > 0) {
    const property = takeProperty(bytes)
    if (!property.ok) return property
    const { type, experimenter, bytes: body } = property.value
    if (experimenter !== undefined || (type !== evictionProperty && type !== vacancyProperty))
      return mod ? refused('OFPBRC_BAD_TYPE') : unknownProperty(property.value)
    if (body.left !== 4) return refused('OFPBPC_BAD_LEN')
    if (type === evictionProperty) {
      table.evictionFlags = body.u32()
      continue
    }
    const vacancy = { enabled, down: body.u8(), up: body.u8(), current: body.u8() }
    const why = mod ? senseless(vacancy) : undefined
    if (why !== undefined) {
      warn(module, why)
      return refused('OFPBPC_BAD_VALUE')
    }
    table.vacancy = vacancy
  }
  return decoded(table)
}

const senseless = ({ down, up, current }: { down: number; up: number; current: number }): string | undefined => {
  if (current !== 0) return 'Vacancy value should be zero for table-mod messages'
  if (down > 100 || up > 100) return 'Vacancy threshold percentage should not be greater than 100'
  return down > up ? 'Value of vacancy_down is greater than vacancy_up' : undefined
}

/** Writes a table's properties. A table-mod says nothing of how much room there is. */
export const encodeTableConfig = ({ evictionFlags, vacancy }: TableConfig, mod: boolean, out: Writer): void => {
  if (evictionFlags !== undefined) {
    const end = beginProperty(out, evictionProperty)
    out.u32(evictionFlags)
    end()
  }
  if (vacancy?.enabled !== true) return
  const end = beginProperty(out, vacancyProperty)
  out.u8(vacancy.down)
  out.u8(vacancy.up)
  out.u8(mod ? 0 : (vacancy.current ?? 0))
  out.u8(0)
  end()
}

/** ofp14_table_desc without its properties. */
const descSize = 8

/** Takes the description of a table; undefined if there is none. */
export const decodeTableDesc = (bytes: Reader, warn: Warn): Decoded<TableDesc> => {
  const start = bytes.at
  const length = bytes.u16()
  bytes.at = start
  const entry = length < descSize ? undefined : bytes.part(length)
  if (entry === undefined) {
    warn(module, `OFP14_TABLE_DESC reply claims invalid length ${length}`)
    return refused('OFPBRC_BAD_LEN')
  }
  entry.skip(2)
  const table = entry.u8()
  entry.skip(1)
  const config = decodeTableConfig(entry, entry.u32(), false, warn)
  return config.ok ? decoded({ table, ...config.value }) : config
}

export const encodeTableDesc = (desc: TableDesc, out: Writer): void => {
  const start = out.at
  out.u16(0)
  out.u8(desc.table)
  out.u8(0)
  out.u32(tableConfigBits(desc))
  encodeTableConfig(desc, false, out)
  out.put16(start, out.at - start)
}
