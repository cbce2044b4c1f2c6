import type { OfAction } from '../../openflow/action.ts'
import { isOutput } from './controller.ts'

/** Kinds of which a set runs the last one that was written, in this order (ovs-actions(7), "Action Sets"). */
const before: readonly OfAction['type'][] = [
  'strip_vlan',
  'pop_mpls',
  'decap',
  'encap',
  'push_mpls',
  'push_vlan',
  'dec_ttl',
  'dec_mpls_ttl',
  'dec_nsh_ttl',
]

/** Kinds that all run, as they were written. */
const changes: ReadonlySet<OfAction['type']> = new Set<OfAction['type']>([
  'load',
  'move',
  'set_field',
  'set_transport',
  'set_vlan_vid',
  'set_vlan_pcp',
  'set_mpls_label',
  'set_mpls_tc',
  'set_mpls_ttl',
  'set_queue',
])

/** What happens to the frame in the end: the first of these kinds that there is, and nothing of the others. */
const ends: readonly ((action: OfAction) => boolean)[] = [
  ({ type }) => type === 'group',
  action => action.type === 'output' || (action.type === 'controller' && isOutput(action)),
  ({ type }) => type === 'resubmit',
  ({ type }) => type === 'ct_clear',
  ({ type }) => type === 'ct',
]

/** The list of actions that a set comes to. Without one that sends the frame anywhere, nothing is done at all. */
export const orderActionSet = (set: readonly OfAction[]): OfAction[] => {
  const last = (wanted: (action: OfAction) => boolean): OfAction[] => {
    const found = set.findLast(wanted)
    return found === undefined ? [] : [found]
  }
  const end = ends.map(last).find(found => found.length > 0)
  if (end === undefined) return []
  return [
    ...before.flatMap(kind => last(({ type }) => type === kind)),
    ...set.filter(({ type }) => changes.has(type)),
    ...end,
  ]
}
