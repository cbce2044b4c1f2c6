import { allows } from '../../flow/match.ts'
import { OfPort } from '../action.ts'
import type { Reader } from '../bytes.ts'
import { type Decoded, decoded } from '../error.ts'
import { formatPort, parsePort } from '../port-text.ts'
import { formatTable, parseTable } from '../table-text.ts'
import { type ActionKind, type ActionOf, type ActionParser, begin, nicira } from './codec.ts'
import { badArgument, extension } from './form.ts'

type Resubmit = ActionOf<'resubmit'>

/** Means the table that is being looked up. */
const sameTable = 255

/** `resubmit:1`, `resubmit(,1)`, `resubmit(1,2)`, `resubmit(,2,ct)`; table 255 means the table that is being looked up. */
const parse: ActionParser = (argument, { ports, tables, warn }) => {
  const [portText = '', tableText = '', ct = ''] = argument.split(',')
  let port: number | undefined
  if (portText !== '') {
    port = parsePort(portText, ports, warn)
    if (port === undefined) return `${portText}: resubmit to unknown port`
    if (port === OfPort.inPort) port = undefined
  }
  let table: number | undefined
  if (tableText !== '') {
    table = parseTable(tableText, warn, tables)
    if (table === undefined) return `${tableText}: resubmit to unknown table`
    if (table === sameTable) table = undefined
  }
  if (ct !== '' && ct !== 'ct') return `${ct}: unknown parameter`
  if (port === undefined && table === undefined) {
    return 'at least one "in_port" or "table" must be specified on resubmit'
  }
  // A text never makes the older form that has no table.
  return { type: 'resubmit', port, table, ...(ct !== '' ? { ct: true } : table === undefined ? { as: 'table' } : {}) }
}

const portOf = (number: number): number | undefined => (number === OfPort.inPort ? undefined : number)

const decodeTable = (bytes: Reader, ct: boolean): Decoded<Resubmit> => {
  const port = portOf(bytes.u16())
  const number = bytes.u8()
  if (bytes.rest().some(byte => byte !== 0)) return badArgument()
  if (number !== sameTable) return decoded({ type: 'resubmit', port, table: number, ...(ct ? { ct } : {}) })
  return decoded({ type: 'resubmit', port, table: undefined, ...(ct ? { ct } : { as: 'table' }) })
}

/** Looks up again, in another table or as if from another port. */
export const resubmit: ActionKind<'resubmit'> = {
  type: 'resubmit',
  parsers: { resubmit: parse },
  format({ port, table, ct }, { ports, tables, paint }) {
    if (port !== undefined && table === undefined) return `${paint.special('resubmit:')}${formatPort(port, ports)}`
    const tableText = table === undefined ? '' : formatTable(table, tables)
    const portText = port === undefined ? '' : formatPort(port, ports)
    return `${paint.paren('resubmit(')}${portText},${tableText}${ct === true ? ',ct' : ''}${paint.paren(')')}`
  },
  forms: [
    extension('NXAST_RESUBMIT', 1, 16, bytes =>
      decoded({ type: 'resubmit', port: portOf(bytes.u16()), table: undefined }),
    ),
    extension('NXAST_RESUBMIT_TABLE', 14, 16, bytes => decodeTable(bytes, false)),
    extension('NXAST_RESUBMIT_TABLE_CT', 44, 16, bytes => decodeTable(bytes, true)),
  ],
  encode({ port, table, ct, as }, out) {
    const bare = table === undefined && ct !== true && as !== 'table'
    const end = begin(out, bare ? 1 : ct === true ? 44 : 14, nicira)
    out.u16(port ?? OfPort.inPort)
    if (!bare) {
      out.u8(table ?? sameTable)
      out.zeros(3)
    }
    end()
  },
  check: ({ ct }, { match }) =>
    ct === true && !allows(match, 'ct_nw_proto') ? 'OFPBAC_MATCH_INCONSISTENT' : undefined,
}
