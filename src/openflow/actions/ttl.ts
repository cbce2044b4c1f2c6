import type { Reader } from '../bytes.ts'
import type { Decoded } from '../error.ts'
import { decoded, refused } from '../error.ts'
import type { Warn } from '../port-text.ts'
import { inconsistent, knows } from './check.ts'
import { type ActionKind, type ActionOf, begin, nicira } from './codec.ts'
import { beginSinceOf11, extension, sinceOf11 } from './form.ts'

type DecTtl = ActionOf<'dec_ttl'>

const numbers = { of10: 18, of11: 24 } as const

const decodeList = (bytes: Reader, warn: Warn): Decoded<DecTtl> => {
  const count = bytes.u16()
  if (bytes.raw(4).some(byte => byte !== 0)) return refused('NXBRC_MUST_BE_ZERO')
  if (bytes.left < count * 2) {
    const need = `${count * 2} bytes are required for ${count} controllers.`
    warn(
      'ofp_actions',
      `Nicira action dec_ttl_cnt_ids only has ${bytes.left} bytes allocated for controller ids.  ${need}`,
    )
    return refused('OFPBAC_BAD_LEN')
  }
  return decoded({ type: 'dec_ttl', controllerIds: Array.from({ length: count }, () => bytes.u16()), as: 'list' })
}

/** `dec_ttl`, or with the controllers that are told of a TTL that runs out: `dec_ttl(1,2)`. */
export const decTtl: ActionKind<'dec_ttl'> = {
  type: 'dec_ttl',
  parsers: {
    dec_ttl: argument => {
      const parts = argument.split(/[, ]+/).filter(part => part !== '')
      if (parts.length === 0) return { type: 'dec_ttl', controllerIds: [0] }
      const controllerIds = parts.map(text => (Number.parseInt(text, 10) || 0) & 0xffff)
      return { type: 'dec_ttl', controllerIds, as: 'list' }
    },
  },
  format({ controllerIds, as }, { paint }) {
    const name = paint.paren('dec_ttl')
    return as === undefined ? name : `${name}${paint.paren('(')}${controllerIds.join(',')}${paint.paren(')')}`
  },
  forms: [
    ...sinceOf11('OFPAT_DEC_NW_TTL', numbers, () => decoded({ type: 'dec_ttl', controllerIds: [0] })),
    extension('NXAST_DEC_TTL_CNT_IDS', 21, 16, (bytes, { warn }) => decodeList(bytes, warn), { exact: false }),
  ],
  encode({ controllerIds, as }, out, { version }) {
    if (as === undefined) {
      beginSinceOf11(out, version, numbers)()
      return
    }
    const end = begin(out, 21, nicira)
    out.u16(controllerIds.length)
    out.zeros(4)
    for (const id of controllerIds) out.u16(id)
    end()
  },
  check(_, state) {
    if (!knows(state, 'nw_ttl')) inconsistent(state)
    return undefined
  },
}
