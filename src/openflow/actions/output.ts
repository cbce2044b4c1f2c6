import { OfPort } from '../action.ts'
import { formatPort, parsePort } from '../port-text.ts'
import { formatSubfield, parseSubfield } from '../subfield.ts'
import { splitWords } from '../words.ts'
import type { ActionFormatter, ActionParser, ActionParsers } from './codec.ts'

const controllerLength = 0xffff

/** `output:2`, `output:p1`, `output:NXM_NX_REG0[0..15]`, `output:CONTROLLER`. */
const parse: ActionParser = (argument, { ports, warn }) => {
  if (argument.includes('max_len')) return parseTruncated(argument)
  const port = parsePort(argument, ports, warn)
  if (port !== undefined) return toPort(port)
  const source = parseSubfield(argument)
  if (typeof source === 'string') return `${argument}: output to unknown port`
  return { type: 'output_reg', source, maxLength: 0xffff }
}

const parseTruncated = (argument: string): string => {
  const size = splitWords(argument).find(word => word.name === 'max_len')?.value ?? ''
  const number = Number(size)
  if (number < 14) return `max_len ${size} is less than the minimum value 14`
  return 'output with max_len is not supported yet'
}

/** The action that a bare port stands for: the controller has one of its own. */
export const toPort = (port: number): ReturnType<ActionParser> =>
  port === OfPort.controller
    ? { type: 'controller', maxLength: controllerLength, reason: 'action', controllerId: 0 }
    : { type: 'output', port }

export const outputParsers: ActionParsers = { output: parse }

export const formatOutput: ActionFormatter<'output'> = ({ port }, { ports }) =>
  port < OfPort.max || (port > OfPort.max && port < OfPort.inPort)
    ? `output:${formatPort(port, ports)}`
    : formatPort(port, ports)

export const formatOutputReg: ActionFormatter<'output_reg'> = ({ source }) => `output:${formatSubfield(source)}`
