import { word } from '../../flow/layout.ts'
import { typeOf } from '../../flow/match.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { dropped, type Run, record } from './context.ts'
import { sendToController } from './controller.ts'

/** `dec_ttl`: a frame whose time is over goes to the controllers named, and nothing more happens to it in this table. */
export const decTtl: Run<'dec_ttl'> = (context, { controllerIds }) => {
  const { flow, mask } = context
  const ethType = typeOf(flow)
  // Open vSwitch looks there whatever the frame is.
  mask[word.ip] = mask[word.ip]! | 0xffff
  if (ethType !== EtherType.ipv4 && ethType !== EtherType.ipv6) return undefined
  const ttl = (flow[word.ip]! >>> 8) & 0xff
  if (ttl > 1) {
    flow[word.ip] = (flow[word.ip]! & ~0xff00) | ((ttl - 1) << 8)
    return undefined
  }
  for (const controllerId of controllerIds)
    sendToController(context, { reason: 'invalid_ttl', maxLength: 0xffff, controllerId })
  // The original names it by the frame's type, which a packet that never had Ethernet has not.
  const version = flow[word.ethType]! >>> 16 === EtherType.ipv4 ? 4 : 6
  record(context, { kind: 'detail', detail: { what: 'invalid_ttl', version } })
  dropped(context, 'invalid_ttl')
  return 'stop'
}
