/**
 * A bridge's TLV table: which Geneve option is which `tun_metadata`, and where in a key its value lies
 * (ovs-ofctl(8), "TLV Table Management Commands"). A table does not change: a change makes another one, in which options
 * that stay keep their places, so that keys and matches made before remain valid.
 */
import { placed, type TlvLayout, tlvFields, tlvLongest, tlvSpace } from './tlv.ts'

/** `{class=0xffff,type=0x80,len=4}->tun_metadata0`; the length is that of the value in bytes. */
export type TlvOption = { class: number; type: number; length: number; index: number }

export type TlvTable = {
  /** By the number of the field. */
  readonly options: readonly (TlvOption | undefined)[]
  readonly layout: TlvLayout
}

export type TlvCommand = 'add' | 'delete' | 'clear'

/** Why a change is refused, as OpenFlow's extension names it. */
export type TlvError =
  | 'NXTTMFC_BAD_OPT_LEN'
  | 'NXTTMFC_BAD_FIELD_IDX'
  | 'NXTTMFC_TABLE_FULL'
  | 'NXTTMFC_ALREADY_MAPPED'
  | 'NXTTMFC_DUP_ENTRY'
  | 'NXTTMFC_INVALID_TLV_DEL'

const none = (): undefined[] => new Array<undefined>(tlvFields).fill(undefined)

export const emptyTlvTable: TlvTable = { options: none(), layout: { places: none(), own: false } }

/**
 * The table after a change, all of it or none. `inUse` tells of options that flows refer to: those cannot go.
 */
export const changeTlvTable = (
  table: TlvTable,
  command: TlvCommand,
  options: readonly TlvOption[],
  inUse: (index: number) => boolean = () => false,
): { table: TlvTable } | { error: TlvError } => {
  const wrong = options.map(malformed).find(error => error !== undefined)
  if (wrong !== undefined) return { error: wrong }
  if (command === 'add') return addAll(table, options)
  const gone = command === 'clear' ? mapped(table) : options
  if (gone.some(({ index }) => table.options[index] !== undefined && inUse(index)))
    return { error: 'NXTTMFC_INVALID_TLV_DEL' }
  const indices = new Set(gone.map(({ index }) => index))
  const keep = <T>(items: readonly (T | undefined)[]): (T | undefined)[] =>
    items.map((item, i) => (indices.has(i) ? undefined : item))
  return { table: { options: keep(table.options), layout: { places: keep(table.layout.places), own: false } } }
}

const malformed = ({ length, index }: TlvOption): TlvError | undefined => {
  if (length % 4 !== 0 || length > tlvLongest) return 'NXTTMFC_BAD_OPT_LEN'
  return index >= tlvFields ? 'NXTTMFC_BAD_FIELD_IDX' : undefined
}

const addAll = (table: TlvTable, options: readonly TlvOption[]): { table: TlvTable } | { error: TlvError } => {
  const known = table.options.slice()
  let { layout } = table
  for (const option of options) {
    if (known[option.index] !== undefined) return { error: 'NXTTMFC_ALREADY_MAPPED' }
    if (known.some(other => other?.class === option.class && other.type === option.type))
      return { error: 'NXTTMFC_DUP_ENTRY' }
    const wider = placed(layout, option.index, option.length)
    if (wider === undefined) return { error: 'NXTTMFC_TABLE_FULL' }
    layout = wider
    known[option.index] = option
  }
  return { table: { options: known, layout } }
}

/** The options that a table has, by their fields' numbers. */
export const mapped = (table: TlvTable): TlvOption[] => table.options.filter(option => option !== undefined)

/** The option of a Geneve header; undefined for one that the table does not have. */
export const optionOf = (table: TlvTable, optionClass: number, type: number): TlvOption | undefined =>
  table.options.find(option => option?.class === optionClass && option.type === type)

/** NXT_TLV_TABLE_REPLY says these of every table. */
export const tlvLimits = { space: tlvSpace, fields: tlvFields } as const
