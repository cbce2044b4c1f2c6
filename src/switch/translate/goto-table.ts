import type { Run } from './context.ts'

/** `goto_table`: the last of a flow's actions. */
export const gotoTable: Run<'goto_table'> = (context, { table }, { last }) => {
  context.lookUp(context, table, { honoursMiss: true, last })
  return 'nested'
}
