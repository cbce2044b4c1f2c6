import { decoded, refused } from '../error.ts'
import { type ActionKind, begin, nicira } from './codec.ts'
import { extension } from './form.ts'

/** Sends frames through the datapath once more. Switches take it only where testing is on. */
export const debugRecirc: ActionKind<'debug_recirc'> = {
  type: 'debug_recirc',
  parsers: { debug_recirc: () => ({ type: 'debug_recirc' }) },
  format: (_, { paint }) => paint.value('debug_recirc'),
  forms: [
    extension('NXAST_DEBUG_RECIRC', 255, 16, (_, { testing }) =>
      testing ? decoded({ type: 'debug_recirc' }) : refused('OFPBAC_BAD_VENDOR_TYPE'),
    ),
  ],
  encode: (_, out) => begin(out, 255, nicira)(),
}

/** Handles frames in the switch, not the datapath. Switches take it only where testing is on. */
export const debugSlow: ActionKind<'debug_slow'> = {
  type: 'debug_slow',
  parsers: { debug_slow: () => ({ type: 'debug_slow' }) },
  format: (_, { paint }) => paint.value('debug_slow'),
  forms: [
    extension('NXAST_DEBUG_SLOW', 254, 16, (_, { testing }) =>
      testing ? decoded({ type: 'debug_slow' }) : refused('OFPBAC_BAD_VENDOR_TYPE'),
    ),
  ],
  encode: (_, out) => begin(out, 254, nicira)(),
}
