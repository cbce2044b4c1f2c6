import { type Run, record } from './context.ts'

/** Before a frozen action that tells a controller where it stands: that place. */
export const unrollXlate: Run<'unroll_xlate'> = (context, { table, cookie }) => {
  context.table = table
  context.cookie = cookie
  record(context, { kind: 'thawed', detail: { what: 'restored', table, cookie } })
}
