import { getField } from '../../flow/match.ts'
import { decoded } from '../error.ts'
import { parseUpTo } from '../number.ts'
import { splitWords } from '../words.ts'
import { inconsistent, knows } from './check.ts'
import { type ActionKind, type ActionParser, begin, nicira } from './codec.ts'
import { extension } from './form.ts'

/** `fin_timeout(idle_timeout=10,hard_timeout=60)`. */
const parse: ActionParser = argument => {
  let idleTimeout = 0
  let hardTimeout = 0
  for (const { name, value } of splitWords(argument)) {
    if (name !== 'idle_timeout' && name !== 'hard_timeout') return `invalid key '${name}' in 'fin_timeout' argument`
    const seconds = parseUpTo(value, 0xffff)
    if (seconds === undefined) return `invalid ${name} "${value}"`
    if (name === 'idle_timeout') idleTimeout = seconds
    else hardTimeout = seconds
  }
  return { type: 'fin_timeout', idleTimeout, hardTimeout }
}

const tcp = 6n

/** Shortens the flow's timeouts when a TCP connection ends. */
export const finTimeout: ActionKind<'fin_timeout'> = {
  type: 'fin_timeout',
  parsers: { fin_timeout: parse },
  format({ idleTimeout, hardTimeout }, { paint }) {
    const parts: string[] = []
    if (idleTimeout !== 0) parts.push(`${paint.param('idle_timeout=')}${idleTimeout}`)
    if (hardTimeout !== 0) parts.push(`${paint.param('hard_timeout=')}${hardTimeout}`)
    return `${paint.paren('fin_timeout(')}${parts.join(',')}${paint.paren(')')}`
  },
  forms: [
    extension('NXAST_FIN_TIMEOUT', 19, 16, bytes =>
      decoded({ type: 'fin_timeout', idleTimeout: bytes.u16(), hardTimeout: bytes.u16() }),
    ),
  ],
  encode({ idleTimeout, hardTimeout }, out) {
    const end = begin(out, 19, nicira)
    out.u16(idleTimeout)
    out.u16(hardTimeout)
    end()
  },
  check(_, state) {
    const isTcp = knows(state, 'nw_proto') && getField(state.match, 'nw_proto').value === tcp
    if (!isTcp) inconsistent(state)
    return undefined
  },
}
