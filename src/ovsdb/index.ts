export * from './atom.ts'
export * from './client/connection.ts'
export type { Changes, Columns } from './client/replica.ts'
export * from './client/row.ts'
export * from './client/rpc.ts'
export * from './client/transaction.ts'
export * from './client.ts'
export * from './column.ts'
export { conditionFromJson } from './condition.ts'
export { convertDatabase } from './convert.ts'
export { type Change, type Commit, Database } from './database.ts'
export {
  compareDatum,
  type Datum,
  defaultDatum,
  empty,
  entriesOf,
  equalDatum,
  mapOf,
  misfit,
  recordOf,
  setOf,
} from './datum.ts'
export * from './datum-json.ts'
export * from './datum-text.ts'
export * from './execute.ts'
export * from './fault.ts'
export * from './json.ts'
export * from './json-stream.ts'
export * from './json-text.ts'
export * from './log.ts'
export * from './log-records.ts'
export * from './pump.ts'
export * from './schema.ts'
export * from './schemas/hardware-vtep.ts'
export * from './schemas/open-vswitch.ts'
export * from './schemas/server.ts'
export * from './serve.ts'
export * from './served.ts'
export * from './server.ts'
export * from './session.ts'
export * from './sha1.ts'
export * from './transaction.ts'
