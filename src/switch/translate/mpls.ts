import { type FieldName, fieldNames } from '../../flow/fields.ts'
import { word } from '../../flow/layout.ts'
import { commit } from './commit.ts'
import { type Context, forget, type Run, type Runnable, record } from './context.ts'
import { isOutput, sendToController } from './controller.ts'
import { triggerFreeze } from './freeze.ts'
import { clearInner, countLabels, isMpls, maxLabels, popLabel, pushLabel, typeOf } from './mpls-labels.ts'

/** `push_mpls`: a copy of the outermost label, or one made of the IP header, outside the others. */
export const pushMpls: Run<'push_mpls'> = (context, { ethType }) => {
  const { flow, mask } = context
  const count = countLabels(flow, mask)
  if (count >= maxLabels) {
    if (context.learning) record(context, { kind: 'detail', detail: { what: 'too_many_labels', action: 'push' } })
    context.failure ??= 'labels'
    return
  }
  if (count === 0) commit(context)
  pushLabel(flow, count, ethType, mask)
  if (count === 0) clearInner(flow)
}

/** `pop_mpls`: the outermost label; what is under the last is known after another pass. */
export const popMpls: Run<'pop_mpls'> = (context, { ethType }) => {
  const { flow, mask } = context
  const count = countLabels(flow, mask)
  if (popLabel(flow, count, ethType, mask)) {
    if (!isMpls(ethType)) context.wasMpls = true
  } else if (count >= maxLabels) failToPop(context, 'pop')
}

/**
 * There are more labels than a key has room for. What was decided before is forgotten, also where the failure is that of
 * a bucket alone and others follow; what those take for written stays so.
 */
export const failToPop = (context: Context, action: 'pop' | 'decap'): void => {
  if (context.learning) record(context, { kind: 'detail', detail: { what: 'too_many_labels', action } })
  context.failure ??= 'labels'
  forget(context, 0, 0)
}

const setBits = ({ flow, mask }: Context, bits: number, value: number): void => {
  if (!isMpls(typeOf(flow))) return
  mask[word.mpls] = mask[word.mpls]! | bits
  flow[word.mpls] = (flow[word.mpls]! & ~bits) | value
}

export const setMplsLabel: Run<'set_mpls_label'> = (context, { label }) => setBits(context, 0xfffff000, label << 12)
export const setMplsTc: Run<'set_mpls_tc'> = (context, { tc }) => setBits(context, 0xe00, tc << 9)
export const setMplsTtl: Run<'set_mpls_ttl'> = (context, { ttl }) => setBits(context, 0xff, ttl)

/** `dec_mpls_ttl`: a frame whose time is over goes to the controller, and nothing more happens to it in this table. */
export const decMplsTtl: Run<'dec_mpls_ttl'> = context => {
  const { flow } = context
  if (isMpls(typeOf(flow))) {
    const ttl = flow[word.mpls]! & 0xff
    setBits(context, 0xff, ttl)
    if (ttl > 1) {
      setBits(context, 0xff, ttl - 1)
      return undefined
    }
    sendToController(context, { reason: 'invalid_ttl', maxLength: 0xffff, controllerId: 0 })
  }
  record(context, { kind: 'detail', detail: { what: 'mpls_ttl' } })
  return 'stop'
}

/** Fields from here on lie under the labels. */
const firstInner = fieldNames.indexOf('ip_src')
const isInner = (name: FieldName): boolean => fieldNames.indexOf(name) >= firstInner

/** Actions that need not know what is under a label that was taken off. */
const isOuter = (action: Runnable): boolean => {
  switch (action.type) {
    case 'output':
    case 'output_trunc':
    case 'output_reg':
    case 'enqueue':
    case 'group':
    case 'set_vlan_vid':
    case 'set_vlan_pcp':
    case 'set_queue':
      return true
    case 'controller':
      return isOutput(action)
    case 'set_field':
      return !isInner(action.field)
    case 'load':
      return !isInner(action.target.field)
    default:
      return false
  }
}

/** Before an action that must know what was under a label, the frame goes through the datapath again. */
export const recirculateForMpls = (context: Context, action: Runnable): void => {
  if (context.wasMpls && !context.exited && !isOuter(action)) triggerFreeze(context)
}
