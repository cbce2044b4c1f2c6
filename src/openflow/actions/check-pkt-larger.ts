/** `check_pkt_larger(1500)->reg0[0]`: one bit that says whether the frame is longer (ovs-actions(7)). */
import { decoded, refused } from '../error.ts'
import { parseUpTo } from '../number.ts'
import { pullFieldHeader } from '../oxm.ts'
import { formatSubfield, parseSubfield } from '../subfield.ts'
import { type ActionKind, type ActionParser, begin, nicira } from './codec.ts'
import { putHeader } from './field-header.ts'
import { extension } from './form.ts'
import { checkedBits } from './subfield-wire.ts'

/** Gets `1500)->reg0[0]` or, of `check_pkt_larger:`, `1500->reg0[0]`. */
const parse: ActionParser = argument => {
  const arrow = argument.indexOf('->')
  if (arrow < 0) return `${argument}: missing \`->'`
  const target = parseSubfield(argument.slice(arrow + 2))
  if (typeof target === 'string') return target
  if (target.count !== 1) return 'Only 1-bit destination field is allowed'
  const text = argument.slice(0, arrow).replace(/\)$/, '')
  const size = parseUpTo(text, 0xffff)
  // Open vSwitch 3.1 has no name for this number.
  return size === undefined ? `invalid (null) "${text}"` : { type: 'check_pkt_larger', size, target }
}

export const checkPktLarger: ActionKind<'check_pkt_larger'> = {
  type: 'check_pkt_larger',
  parsers: { check_pkt_larger: parse },
  format: ({ size, target }, { paint }) => `${paint.param('check_pkt_larger(')}${size})->${formatSubfield(target)}`,
  forms: [
    extension('NXAST_CHECK_PKT_LARGER', 49, 24, (bytes, { warn }) => {
      const [size, start] = [bytes.u16(), bytes.u16()]
      const header = pullFieldHeader(bytes, { maskable: false, warn })
      if (!header.ok) return header
      if (bytes.rest().some(byte => byte !== 0)) return refused('NXBRC_MUST_BE_ZERO')
      const target = checkedBits({ field: header.value.field, start, count: 1 }, 'destination', warn)
      return target.ok ? decoded({ type: 'check_pkt_larger', size, target: target.value }) : target
    }),
  ],
  encode({ size, target }, out) {
    const start = out.at
    const end = begin(out, 49, nicira)
    out.u16(size)
    out.u16(target.start)
    putHeader(out, target.field)
    out.align(24, start)
    end()
  },
}
