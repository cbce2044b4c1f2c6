import { word } from '../../flow/layout.ts'
import { OfPort } from '../../openflow/action.ts'
import type { BridgePort } from '../port.ts'
import { type Context, dropped, type Run, record } from './context.ts'
import { sendToController } from './controller.ts'
import { normal } from './normal.ts'
import { sendToPort } from './send.ts'

/** `output:PORT`, reserved ports too. */
export const output: Run<'output'> = (context, { port }) => outputTo(context, port, 0xffff)

/** To any port number that an action can name or compute. */
export const outputTo = (context: Context, port: number, maxLength: number): void => {
  const inPort = context.flow[word.inPort]!
  switch (port) {
    case OfPort.inPort:
      sendToPort(context, inPort)
      break
    case OfPort.table:
      context.lookUp(context, 0, false)
      break
    case OfPort.normal:
      normal(context)
      break
    case OfPort.flood:
      flood(context, candidate => !candidate.config.noFlood)
      break
    case OfPort.all:
      flood(context, () => true)
      break
    case OfPort.controller:
      sendToController(context, { reason: 'action', maxLength, controllerId: 0 })
      break
    case OfPort.none:
      break
    default:
      if (port !== inPort) sendToPort(context, port)
      else {
        record(context, { kind: 'detail', detail: { what: 'skip_input_port' } })
        dropped(context, 'output_to_input_port')
      }
  }
}

const flood = (context: Context, wanted: (port: BridgePort) => boolean): void => {
  const inPort = context.flow[word.inPort]!
  for (const port of context.bridge.floodOrder)
    if (port.ofport !== inPort && wanted(port)) sendToPort(context, port.ofport)
}
