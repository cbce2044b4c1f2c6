import { word } from '../../flow/layout.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { type Run, record } from './context.ts'
import { isOption, setOption } from './option.ts'
import { hasField, lookAtProtocol } from './prerequisite.ts'
import { mendTag } from './vlan-tag.ts'
import { markWritten, write } from './written.ts'

/** `set_field:VALUE/MASK->FIELD`: does nothing to a frame without the field's header. */
export const setField: Run<'set_field'> = (context, { field, value, mask: bits, partial, as }, { written = [] }) => {
  if (isOption(field)) {
    setOption(context, field, value, bits)
    return
  }
  const { flow, mask } = context
  // `mod_dl_src` and `mod_dl_dst` do not ask for an Ethernet header.
  const always = as === 'mod' && field.startsWith('eth_')
  // Those for addresses ask for the type of a frame, which a packet that never had Ethernet has not.
  if (as === 'mod' && /^ip_(src|dst)$/.test(field) && flow[word.ethType]! >>> 16 !== EtherType.ipv4) return
  if (!always && !hasField(flow, mask, field)) {
    // The old actions do it without a word.
    if (as !== 'mod') record(context, { kind: 'detail', detail: { what: 'no_header', field } })
    return
  }
  lookAtProtocol(flow, mask, field, as === 'mod')
  // Open vSwitch does not say that a whole VNI depends on what there was.
  if (as !== 'set_tunnel' && as !== 'set_tunnel64') markWritten(mask, field, written)
  // As a whole it is more than the bit that actions can write.
  if (field === 'tun_flags' && partial !== true) mask[word.tunFlags] = mask[word.tunFlags]! | 0x000f0000
  write(flow, written, field)
  if (field.startsWith('vlan_')) mendTag(flow)
}
