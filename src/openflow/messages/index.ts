import type { AnyMessageCodec } from './codec.ts'

/** Every message's codec; `message-wire.ts` finds them by form, `message-print.ts` by type. One line each. */
export const messageCodecs: readonly AnyMessageCodec[] = []
