import { type OfAction, OfPort } from '../action.ts'
import type { Reader } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { readPort, writePort } from '../port-number.ts'
import { formatPort, parsePort } from '../port-text.ts'
import { parseSubfield } from '../subfield.ts'
import { type ActionKind, type ActionParser, type ActionWireContext, begin } from './codec.ts'
import { standard } from './form.ts'
import { parseTruncated } from './output-trunc.ts'

/** Whether a port may be output to: a real one, below `maxPort`, or a reserved one with a meaning. */
export const isOutputPort = (port: number, maxPort: number = OfPort.max): boolean =>
  port < maxPort || (port >= OfPort.inPort && port <= OfPort.local)

/** How much of a frame goes to the controller where nothing is said: all. */
const wholeFrame = 0xffff

/** The action that a bare port stands for: the controller has one of its own. */
export const toPort = (port: number): OfAction =>
  port === OfPort.controller
    ? { type: 'controller', maxLength: wholeFrame, reason: 'action', controllerId: 0 }
    : { type: 'output', port }

/** `output:2`, `output:p1`, `output:NXM_NX_REG0[0..15]`, `output:CONTROLLER`, `output(port=1,max_len=100)`. */
const parse: ActionParser = (argument, context) => {
  if (argument.includes('port') && argument.includes('max_len')) return parseTruncated(argument, context)
  const port = parsePort(argument, context.ports, context.warn)
  if (port !== undefined) return toPort(port)
  const source = parseSubfield(argument)
  if (typeof source === 'string') return `${argument}: output to unknown port`
  return { type: 'output_reg', source, maxLength: 0xffff }
}

const decode = (bytes: Reader, { version, warn }: ActionWireContext): Decoded<OfAction> => {
  const port = readPort(bytes, version, warn)
  if (port === undefined || !isOutputPort(port)) return refused('OFPBAC_BAD_OUT_PORT')
  const maxLength = bytes.u16()
  if (port === OfPort.controller) return decoded({ type: 'controller', maxLength, reason: 'action', controllerId: 0 })
  return decoded(maxLength === 0 ? { type: 'output', port } : { type: 'output', port, maxLength })
}

/** To a port, reserved ones too; that to the controller becomes a `controller`. */
export const output: ActionKind<'output'> = {
  type: 'output',
  parsers: { output: parse },
  format: ({ port }, { ports, paint }) =>
    port < OfPort.max || (port > OfPort.max && port < OfPort.inPort)
      ? `${paint.special('output:')}${formatPort(port, ports)}`
      : formatPort(port, ports),
  forms: [standard('OFPAT_OUTPUT', 0, 8, decode, { to: 1 }), standard('OFPAT_OUTPUT', 0, 16, decode, { from: 2 })],
  encode({ port, maxLength = 0 }, out, { version }) {
    const end = begin(out, 0)
    writePort(port, out, version)
    out.u16(maxLength)
    end()
  },
  check: ({ port }, { maxPort }) => (isOutputPort(port, maxPort) ? undefined : 'OFPBAC_BAD_OUT_PORT'),
}
