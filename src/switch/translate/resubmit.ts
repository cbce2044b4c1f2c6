import { word } from '../../flow/layout.ts'
import { OfPort } from '../../openflow/action.ts'
import type { Run } from './context.ts'

/** `resubmit(PORT,TABLE)`: the other port is only what the look-up sees; the actions found see the real one again. */
export const resubmit: Run<'resubmit'> = (context, { port, table, ct = false }, { last }) => {
  const { flow } = context
  const inPort = flow[word.inPort]!
  const seen = port === undefined || port === OfPort.inPort ? inPort : port
  // One of the switch's own flows leads into the tables: frames that miss there miss as others do.
  const honoursMiss = context.rule?.isHidden === true
  context.lookUp(context, table ?? context.table, { inPort: seen, ct, last, honoursMiss })
  return 'nested'
}
