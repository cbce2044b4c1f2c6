/** NXT_TLV_TABLE_MOD and NXT_TLV_TABLE_REPLY: which tunnel options stand in which fields. */
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import type { TlvMap } from '../message.ts'
import type { Warn } from '../port-text.ts'
import type { MessageCodec } from './codec.ts'
import { formIn, nxForm } from './forms.ts'

const commands = ['add', 'delete', 'clear'] as const
const fieldCount = 64
const longestOption = 124

const writeMaps = (maps: readonly TlvMap[], out: Writer): void => {
  for (const map of maps) {
    out.u16(map.class)
    out.u8(map.type)
    out.u8(map.length)
    out.u16(map.index)
    out.u16(0)
  }
}

const readMaps = (bytes: Reader, fields: number, warn: Warn): Decoded<TlvMap[]> => {
  const maps: TlvMap[] = []
  while (bytes.left > 0) {
    const map = { class: bytes.u16(), type: bytes.u8(), length: bytes.u8(), index: bytes.u16() }
    bytes.skip(2)
    if (map.length % 4 !== 0 || map.length > longestOption) {
      warn('ofp_match', `tlv table option length (${map.length}) is not a valid option size`)
      return refused('NXTTMFC_BAD_OPT_LEN')
    }
    if (map.index >= fields) {
      warn('ofp_match', `tlv table field index (${map.index}) is too large (max ${(fields - 1) >>> 0})`)
      return refused('NXTTMFC_BAD_FIELD_IDX')
    }
    maps.push(map)
  }
  return decoded(maps)
}

/** A number as C's `%#x` has it: zero without the `0x`. */
const sharp = (value: number): string => (value === 0 ? '0' : `0x${value.toString(16)}`)

const formatMaps = (maps: readonly TlvMap[]): string =>
  ' mapping table:\n  class  type  length  match field\n ------  ----  ------  --------------\n' +
  maps
    .map(
      map =>
        ` ${sharp(map.class).padStart(6)}  ${sharp(map.type).padStart(4)}  ${String(map.length).padStart(6)}  tun_metadata${map.index}\n`,
    )
    .join('')

const modForms = [nxForm('TLV_TABLE_MOD', 24)]

export const tlvTableMod: MessageCodec<'tlv_table_mod'> = {
  type: 'tlv_table_mod',
  forms: modForms,
  choose: (_, speech) => formIn(modForms, speech),
  encode({ command, maps }, out) {
    out.u16(commands.indexOf(command))
    out.zeros(6)
    writeMaps(maps, out)
  },
  decode(bytes, { warn }) {
    const number = bytes.u16()
    const command = commands[number]
    if (command === undefined) {
      warn('ofp_match', `tlv table mod command (${number}) is out of range`)
      return refused('NXTTMFC_BAD_COMMAND')
    }
    bytes.skip(6)
    const maps = readMaps(bytes, fieldCount, warn)
    return maps.ok ? decoded({ type: 'tlv_table_mod', command, maps: maps.value }) : maps
  },
  print({ command, maps }) {
    if (command === 'clear') return '\n CLEAR\n'
    return `\n ${command === 'add' ? 'ADD' : 'DEL'}${formatMaps(maps)}`
  },
}

const replyForms = [nxForm('TLV_TABLE_REPLY', 26)]

export const tlvTableReply: MessageCodec<'tlv_table_reply'> = {
  type: 'tlv_table_reply',
  forms: replyForms,
  choose: (_, speech) => formIn(replyForms, speech),
  encode({ maxSpace, maxFields, maps }, out) {
    out.u32(maxSpace)
    out.u16(maxFields)
    out.zeros(10)
    writeMaps(maps, out)
  },
  decode(bytes, { warn }) {
    const maxSpace = bytes.u32()
    const maxFields = bytes.u16()
    bytes.skip(10)
    const maps = readMaps(bytes, maxFields, warn)
    return maps.ok ? decoded({ type: 'tlv_table_reply', maxSpace, maxFields, maps: maps.value }) : maps
  },
  print({ maxSpace, maxFields, maps }) {
    const space = maps.reduce((sum, { length }) => sum + length, 0)
    return `\n max option space=${maxSpace} max fields=${maxFields}\n allocated option space=${space}\n\n${formatMaps(maps)}`
  },
}
