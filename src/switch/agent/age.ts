import { millisecond } from '../../runtime/index.ts'

/** The time since `then`, ns, as far as messages tell it: whole milliseconds. */
export const age = (now: number, then: number): number => Math.floor((now - then) / millisecond) * millisecond
