import type { Run } from './context.ts'

/** `note`: bytes for people and controllers; nothing happens. */
export const note: Run<'note'> = () => {}
