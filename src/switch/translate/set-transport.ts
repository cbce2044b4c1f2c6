import { fragment, word } from '../../flow/layout.ts'
import { typeOf } from '../../flow/match.ts'
import { EtherType } from '../../wire/ethernet.ts'
import type { Run } from './context.ts'

/** `mod_tp_src`, `mod_tp_dst`: of any IP packet; what has no ports may have a type and a code in their place, or nothing. */
export const setTransport: Run<'set_transport'> = ({ flow, mask }, { side, port }) => {
  const ethType = typeOf(flow)
  if (ethType !== EtherType.ipv4 && ethType !== EtherType.ipv6) return
  mask[word.ip] = mask[word.ip]! | 0xff000000
  if (((flow[word.ip]! >>> 24) & fragment.later) !== 0) return
  mask[word.ip] = mask[word.ip]! | 0xff
  const bits = side === 'src' ? 0xffff0000 : 0x0000ffff
  mask[word.transport] = mask[word.transport]! | bits
  flow[word.transport] = (flow[word.transport]! & ~bits) | ((side === 'src' ? port << 16 : port) & bits)
}
