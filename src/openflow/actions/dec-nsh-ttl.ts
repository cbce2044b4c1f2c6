/** `dec_nsh_ttl`: one less in the TTL of an NSH header; the frame is dropped at 0 (ovs-actions(7)). */
import { readNumber } from '../../flow/fields.ts'
import { decoded } from '../error.ts'
import { inconsistent } from './check.ts'
import { type ActionKind, begin, nicira } from './codec.ts'
import { nshPacketType } from './encap.ts'
import { extension } from './form.ts'

export const decNshTtl: ActionKind<'dec_nsh_ttl'> = {
  type: 'dec_nsh_ttl',
  parsers: { dec_nsh_ttl: () => ({ type: 'dec_nsh_ttl' }) },
  format: (_, { paint }) => paint.special('dec_nsh_ttl'),
  forms: [extension('NXAST_DEC_NSH_TTL', 48, 16, () => decoded({ type: 'dec_nsh_ttl' }), { from: 4 })],
  encode(_, out) {
    begin(out, 48, nicira)()
  },
  check(_, state) {
    const { key } = state.match
    if (readNumber(key, 'packet_type') !== nshPacketType && readNumber(key, 'eth_type') !== 0x894f) inconsistent(state)
    return undefined
  },
}
