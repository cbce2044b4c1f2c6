import { word } from '../../flow/layout.ts'
import { typeOf } from '../../flow/match.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { type Run, record } from './context.ts'
import { sendToController } from './controller.ts'

/** `dec_nsh_ttl`: a frame whose time is over goes to the controller, and nothing more happens to it in this table. */
export const decNshTtl: Run<'dec_nsh_ttl'> = context => {
  const { flow, mask } = context
  if (typeOf(flow) === EtherType.nsh) {
    mask[word.nsh] = mask[word.nsh]! | 0x00ff0000
    const ttl = (flow[word.nsh]! >>> 16) & 0xff
    if (ttl > 1) {
      flow[word.nsh] = (flow[word.nsh]! & ~0x00ff0000) | ((ttl - 1) << 16)
      return undefined
    }
    sendToController(context, { reason: 'invalid_ttl', maxLength: 0xffff, controllerId: 0 })
  }
  record(context, { kind: 'detail', detail: { what: 'nsh_ttl' } })
  return 'stop'
}
