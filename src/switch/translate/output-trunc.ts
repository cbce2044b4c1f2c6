import { word } from '../../flow/layout.ts'
import { OfPort } from '../../openflow/action.ts'
import { portOf, put, type Run, record } from './context.ts'
import { outputTo } from './output.ts'

const unsupported: ReadonlySet<number> = new Set([
  OfPort.table,
  OfPort.normal,
  OfPort.flood,
  OfPort.all,
  OfPort.controller,
  OfPort.none,
])

/** `output(port=…,max_len=…)`: the frame is cut for this port only, which must be a datapath's. */
export const outputTrunc: Run<'output_trunc'> = (context, { port, maxLength }, { last }) => {
  if (unsupported.has(port)) record(context, { kind: 'detail', detail: { what: 'no_trunc', port } })
  else if (port === context.flow[word.inPort]) record(context, { kind: 'detail', detail: { what: 'skip_input_port' } })
  else if (portOf(context, port)?.datapathPort === undefined)
    record(context, { kind: 'detail', detail: { what: 'no_trunc_to_patch', port } })
  else {
    put(context, { type: 'trunc', size: maxLength })
    outputTo(context, port, 0, { last })
  }
}
