import { decoded } from '../error.ts'
import { parse32 } from '../number.ts'
import { type ActionKind, begin, nicira } from './codec.ts'
import { beginSinceOf11, extension, sinceOf11 } from './form.ts'

const numbers = { of10: 4, of11: 21, filled: true } as const

/** The queue of the outputs that follow. */
export const setQueue: ActionKind<'set_queue'> = {
  type: 'set_queue',
  parsers: {
    set_queue: argument => {
      const queue = parse32(argument)
      return typeof queue === 'string' ? queue : { type: 'set_queue', queue }
    },
  },
  format: ({ queue }, { paint }) => `${paint.param('set_queue:')}${queue}`,
  forms: sinceOf11('OFPAT_SET_QUEUE', numbers, bytes => decoded({ type: 'set_queue', queue: bytes.u32() })),
  encode({ queue }, out, { version }) {
    const end = beginSinceOf11(out, version, numbers)
    out.u32(queue)
    end()
  },
}

/** The queue of outputs that the flow began with. */
export const popQueue: ActionKind<'pop_queue'> = {
  type: 'pop_queue',
  parsers: { pop_queue: () => ({ type: 'pop_queue' }) },
  format: (_, { paint }) => paint.value('pop_queue'),
  forms: [extension('NXAST_POP_QUEUE', 5, 16, () => decoded({ type: 'pop_queue' }))],
  encode: (_, out) => begin(out, 5, nicira)(),
}
