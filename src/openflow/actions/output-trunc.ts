import { type OfAction, OfPort } from '../action.ts'
import { decoded } from '../error.ts'
import { parse32 } from '../number.ts'
import { formatPort, parsePort } from '../port-text.ts'
import { splitWords } from '../words.ts'
import { type ActionContext, type ActionKind, begin, nicira } from './codec.ts'
import { badArgument, extension } from './form.ts'

/** An Ethernet header: less cannot be a frame. */
const leastLength = 14

/** `port=1,max_len=100`, from inside `output(…)`. */
export const parseTruncated = (argument: string, { ports, warn }: ActionContext): OfAction | string => {
  let port = 0
  let maxLength = 0
  for (const { name, value } of splitWords(argument)) {
    if (name === 'port') {
      const number = parsePort(value, ports, warn)
      if (number === undefined) return `output to unknown truncate port: ${value}`
      if (number > OfPort.max && number !== OfPort.local && number !== OfPort.inPort) {
        return `output to unsupported truncate port: ${value}`
      }
      port = number
    } else if (name === 'max_len') {
      const number = parse32(value)
      if (typeof number === 'string') return number
      if (number < leastLength) return `max_len ${number} is less than the minimum value ${leastLength}`
      maxLength = number
    } else return `invalid key '${name}' in output_trunc argument`
  }
  return { type: 'output_trunc', port, maxLength }
}

/** To a port, cut to so many bytes, for this output only. */
export const outputTrunc: ActionKind<'output_trunc'> = {
  type: 'output_trunc',
  parsers: {},
  format: ({ port, maxLength }, { ports, paint }) =>
    `${paint.special('output')}(port=${formatPort(port, ports)},max_len=${maxLength})`,
  forms: [
    extension('NXAST_OUTPUT_TRUNC', 39, 16, bytes => {
      const port = bytes.u16()
      const maxLength = bytes.u32()
      return maxLength < leastLength ? badArgument() : decoded({ type: 'output_trunc', port, maxLength })
    }),
  ],
  encode({ port, maxLength }, out) {
    const end = begin(out, 39, nicira)
    out.u16(port)
    out.u32(maxLength)
    end()
  },
  check: ({ port }, { maxPort }) =>
    port < maxPort || (port >= OfPort.inPort && port <= OfPort.local) ? undefined : 'OFPBAC_BAD_OUT_PORT',
}
