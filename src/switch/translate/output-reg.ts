import { type Run, record } from './context.ts'
import { outputTo } from './output.ts'
import { readSubfield } from './subfield.ts'

/** `output:FIELD[BITS]`: to the port whose number is there; a number over 16 bits is no port's. */
export const outputReg: Run<'output_reg'> = (context, { source, maxLength }, { last, inBucket }) => {
  const port = readSubfield(context, source)
  record(context, { kind: 'detail', detail: { what: 'output_port', port } })
  if (port <= 0xffffn) outputTo(context, Number(port), maxLength, { last, inBucket })
}
