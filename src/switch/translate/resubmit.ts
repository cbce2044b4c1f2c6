import { word } from '../../flow/layout.ts'
import { OfPort } from '../../openflow/action.ts'
import type { Run } from './context.ts'

/** `resubmit(PORT,TABLE)`: the other port is only what the look-up sees; the actions found see the real one again. */
export const resubmit: Run<'resubmit'> = (context, { port, table }) => {
  const { flow } = context
  const inPort = flow[word.inPort]!
  const seen = port === undefined || port === OfPort.inPort ? inPort : port
  context.lookUp(context, table ?? context.table, false, seen)
}
