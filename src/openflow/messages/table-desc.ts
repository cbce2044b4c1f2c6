import { decoded, refused } from '../error.ts'
import { formatTableDesc } from '../table-desc-text.ts'
import { decodeTableDesc, encodeTableDesc } from '../table-desc-wire.ts'
import type { MessageCodec, MessageForm } from './codec.ts'
import { formOf, listBody, statsForm, takeList } from './stats.ts'

const descForms = [statsForm('TABLE_DESC', 'reply', 14, 5)]

/** OFPMP_TABLE_DESC. */
export const tableDescReply: MessageCodec<'table_desc_reply'> = {
  type: 'table_desc_reply',
  forms: descForms,
  choose: (_, speech) => formOf(descForms, speech),
  encode({ tables }, out) {
    for (const table of tables) encodeTableDesc(table, out)
  },
  decode(bytes, { warn }) {
    const read = takeList(bytes, reader => decodeTableDesc(reader, warn))
    return listBody({ type: 'table_desc_reply', tables: read.items }, read)
  },
  print: (body, { tables }) => body.tables.map(desc => formatTableDesc(desc, tables)).join(''),
}

const statusForms: readonly MessageForm[] = [{ name: 'OFPT_TABLE_STATUS', from: 5, to: 6, number: 31 }]
/** OFPTR_*. */
const reasons = new Map([
  [3, 'vacancy_down'],
  [4, 'vacancy_up'],
] as const)

export const tableStatus: MessageCodec<'table_status'> = {
  type: 'table_status',
  forms: statusForms,
  choose: (_, speech) => formOf(statusForms, speech),
  encode({ reason, table }, out) {
    out.u8(reason === 'vacancy_down' ? 3 : 4)
    out.zeros(7)
    encodeTableDesc(table, out)
  },
  decode(bytes, { warn }) {
    const number = bytes.u8()
    bytes.skip(7)
    const reason = number === 3 || number === 4 ? reasons.get(number) : undefined
    if (reason === undefined) return refused('OFPBPC_BAD_VALUE')
    const table = decodeTableDesc(bytes, warn)
    return table.ok ? decoded({ type: 'table_status', reason, table: table.value }) : table
  },
  print: ({ reason, table }, { tables }) =>
    ` reason=${reason.toUpperCase()}\ntable_desc:-${formatTableDesc(table, tables)}`,
}
