import { OfPort } from '../action.ts'
import { formatPort, parsePort } from '../port-text.ts'
import { parseTable } from '../table-text.ts'
import type { ActionFormatter, ActionParser, ActionParsers } from './codec.ts'

/** `resubmit:1`, `resubmit(,1)`, `resubmit(1,2)`; table 255 means the table that is being looked up. */
const parse: ActionParser = (argument, { ports, warn }) => {
  const parts = argument.split(/[, \t\r\n]/)
  const [portText = '', tableText = ''] = argument.startsWith(',') ? ['', argument.slice(1).split(',')[0]] : parts
  const extra = argument.split(',').slice(2)
  let port: number | undefined
  if (portText !== '') {
    port = parsePort(portText, ports, warn)
    if (port === undefined) return `${portText}: resubmit to unknown port`
    if (port === OfPort.inPort) port = undefined
  }
  let table: number | undefined
  if (tableText !== '') {
    table = parseTable(tableText, warn)
    if (table === undefined) return `${tableText}: resubmit to unknown table`
    if (table === 255) table = undefined
  }
  if (extra.length > 0 && extra[0] !== '') {
    return extra[0] === 'ct' ? 'resubmit(…,ct) is not supported yet' : `${extra[0]}: unknown parameter`
  }
  if (portText === '' && tableText === '') return 'at least one "in_port" or "table" must be specified on resubmit'
  return { type: 'resubmit', port, table }
}

export const resubmitParsers: ActionParsers = { resubmit: parse }

export const formatResubmit: ActionFormatter<'resubmit'> = ({ port, table }, { ports }) => {
  if (port !== undefined && table === undefined) return `resubmit:${formatPort(port, ports)}`
  return `resubmit(${port === undefined ? '' : formatPort(port, ports)},${table ?? ''})`
}
