import type { Run } from './context.ts'

/** `exit`: no more actions, of this flow or of those that led here. */
export const exit: Run<'exit'> = context => {
  context.exited = true
}
