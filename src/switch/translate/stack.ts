import { type Run, record } from './context.ts'
import { readSubfield, recordMoved, writeSubfield } from './subfield.ts'

/** `push:FIELD[BITS]`: a value onto the stack. */
export const push: Run<'push'> = (context, { source }) => {
  context.stack.push({ value: readSubfield(context, source), bits: source.count })
}

/** `pop:FIELD[BITS]`: the value that was pushed last, cut or filled to fit. */
export const pop: Run<'pop'> = (context, { target }) => {
  const popped = context.stack.pop()
  if (popped === undefined) {
    record(context, { kind: 'detail', detail: { what: 'stack_underflow' } })
    return
  }
  writeSubfield(context, target, BigInt.asUintN(target.count, popped.value))
  recordMoved(context, target)
}
