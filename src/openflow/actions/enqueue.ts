import { OfPort } from '../action.ts'
import { decoded, refused } from '../error.ts'
import { parse32 } from '../number.ts'
import { formatPort, parsePort } from '../port-text.ts'
import { type ActionKind, type ActionParser, begin } from './codec.ts'
import { standard } from './form.ts'

const hasQueues = (port: number, maxPort: number): boolean =>
  port < maxPort || port === OfPort.inPort || port === OfPort.local

/** `enqueue:1:2`, `enqueue(1,2)`: port and queue. */
const parse: ActionParser = (argument, { ports, warn }) => {
  const [, portText, queueText] = /^[:,]*([^:,]+)[:,]+(.+)$/s.exec(argument) ?? []
  if (portText === undefined || queueText === undefined) {
    return '"enqueue" syntax is "enqueue:PORT:QUEUE" or "enqueue(PORT,QUEUE)"'
  }
  const port = parsePort(portText, ports, warn)
  if (port === undefined) return `${portText}: enqueue to unknown port`
  const queue = parse32(queueText)
  return typeof queue === 'string' ? queue : { type: 'enqueue', port, queue }
}

/** Outputs to a queue of a port. Versions after 1.0 say it as three actions. */
export const enqueue: ActionKind<'enqueue'> = {
  type: 'enqueue',
  parsers: { enqueue: parse },
  format: ({ port, queue }, { ports, paint }) => `${paint.param('enqueue:')}${formatPort(port, ports)}:${queue}`,
  forms: [
    standard(
      'OFPAT_ENQUEUE',
      11,
      16,
      bytes => {
        const port = bytes.u16()
        bytes.skip(6)
        if (!hasQueues(port, OfPort.max)) return refused('OFPBAC_BAD_OUT_PORT')
        return decoded({ type: 'enqueue', port, queue: bytes.u32() })
      },
      { to: 1 },
    ),
  ],
  encode({ port, queue }, out) {
    const end = begin(out, 11)
    out.u16(port)
    out.zeros(6)
    out.u32(queue)
    end()
  },
  seenBy: (action, version) =>
    version === 1
      ? action
      : [
          { type: 'set_queue', queue: action.queue },
          { type: 'output', port: action.port, maxLength: 0xffff },
          { type: 'pop_queue' },
        ],
  check: ({ port }, { maxPort }) => (hasQueues(port, maxPort) ? undefined : 'OFPBAC_BAD_OUT_PORT'),
}
