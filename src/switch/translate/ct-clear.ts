import { word } from '../../flow/layout.ts'
import { type Context, put, type Run } from './context.ts'

/** `ct_clear`: the frame belongs to no connection any more. */
export const ctClear: Run<'ct_clear'> = context => {
  if (!context.conntracked) return
  clearConnection(context)
  put(context, { type: 'ct_clear' })
}

/** Forgets what the tracker said. */
export const clearConnection = (context: Context): void => {
  context.conntracked = false
  context.flow.fill(0, word.ctState, word.tunIdHigh)
}
