import { word } from '../../flow/layout.ts'
import { OfPort } from '../../openflow/action.ts'
import type { BridgePort } from '../port.ts'
import { type Context, dropped, type Run, record } from './context.ts'
import { sendToController, whyOutput } from './controller.ts'
import { normal } from './normal.ts'
import { sendToPort } from './send.ts'

/** `output:PORT`, reserved ports too. */
export const output: Run<'output'> = (context, { port }, { last, inBucket }) => {
  outputTo(context, port, 0xffff, { last, inBucket })
  return port === OfPort.table ? 'nested' : undefined
}

/** To any port number that an action can name or compute. */
export const outputTo = (
  context: Context,
  port: number,
  maxLength: number,
  { last = false, inBucket = false }: { last?: boolean; inBucket?: boolean } = {},
): void => {
  const inPort = context.flow[word.inPort]!
  switch (port) {
    case OfPort.inPort:
      sendToPort(context, inPort, last)
      break
    case OfPort.table:
      context.lookUp(context, 0, { honoursMiss: true })
      break
    case OfPort.normal:
      normal(context)
      break
    case OfPort.flood:
      flood(context, candidate => !candidate.config.noFlood, last)
      break
    case OfPort.all:
      flood(context, () => true, last)
      break
    case OfPort.controller:
      sendToController(context, { reason: whyOutput(context, inBucket), maxLength, controllerId: 0 })
      break
    case OfPort.none:
      break
    default:
      if (port !== inPort) sendToPort(context, port, last)
      else {
        record(context, { kind: 'detail', detail: { what: 'skip_input_port' } })
        dropped(context, 'output_to_input_port')
      }
  }
}

const flood = (context: Context, wanted: (port: BridgePort) => boolean, last: boolean): void => {
  const inPort = context.flow[word.inPort]!
  const ports = context.bridge.floodOrder.filter(port => port.ofport !== inPort && wanted(port))
  for (const port of ports) sendToPort(context, port.ofport, last && port === ports.at(-1))
}
