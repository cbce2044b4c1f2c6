import { decoded } from '../error.ts'
import type { TableFeatures } from '../message.ts'
import { formatTables } from '../table-features-text.ts'
import { decodeTableFeatures, encodeTableFeatures } from '../table-features-wire.ts'
import type { MessageCodec, PrintOptions } from './codec.ts'
import { formOf, listBody, statsForm, takeList } from './stats.ts'

const requestForms = [statsForm('TABLE_FEATURES', 'request', 12, 4)]
const replyForms = [statsForm('TABLE_FEATURES', 'reply', 12, 4)]

const print = (tables: readonly TableFeatures[], { version }: PrintOptions): string =>
  formatTables(
    tables.map(features => ({ features, counts: undefined })),
    version,
  )

/** OFPMP_TABLE_FEATURES with tables changes them, without it asks. */
export const tableFeaturesRequest: MessageCodec<'table_features_request'> = {
  type: 'table_features_request',
  forms: requestForms,
  choose: (_, speech) => formOf(requestForms, speech),
  encode({ tables }, out, { version }) {
    for (const table of tables) encodeTableFeatures(table, out, version)
  },
  decode(bytes, { version, warn }) {
    if (bytes.left === 0) return decoded({ type: 'table_features_request', tables: [] })
    const read = takeList(bytes, reader => decodeTableFeatures(reader, version, warn))
    return listBody({ type: 'table_features_request', tables: read.items }, read)
  },
  print: ({ tables }, options) => print(tables, options),
}

export const tableFeaturesReply: MessageCodec<'table_features_reply'> = {
  type: 'table_features_reply',
  forms: replyForms,
  choose: (_, speech) => formOf(replyForms, speech),
  encode({ tables }, out, { version }) {
    for (const table of tables) encodeTableFeatures(table, out, version)
  },
  decode(bytes, { version, warn }) {
    const read = takeList(bytes, reader => decodeTableFeatures(reader, version, warn))
    return listBody({ type: 'table_features_reply', tables: read.items }, read)
  },
  print: ({ tables }, options) => print(tables, options),
}
