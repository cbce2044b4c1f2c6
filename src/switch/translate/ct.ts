/**
 * `ct(…)`: asks the connection tracker what connection a frame is of, or tells it to remember one. The tracker is the
 * datapath's; what it says is known when the frame comes back, in `table`.
 */
import { readField } from '../../flow/fields.ts'
import { word } from '../../flow/layout.ts'
import type { ActionOf, Subfield } from '../../openflow/action.ts'
import { commit } from './commit.ts'
import { type Context, put, type Run, record } from './context.ts'
import { clearConnection } from './ct-clear.ts'
import { fork } from './freeze.ts'
import { peekSubfield, readSubfield } from './subfield.ts'
import { preparedOnce } from './written.ts'

/** Protocols with a helper, by the port that names them. */
const helpers: Readonly<Record<number, string>> = { 21: 'ftp', 69: 'tftp' }

export const ct: Run<'ct'> = (context, action, { last }) => {
  const { flow, mask } = context
  const zone = zoneOf(context, action)
  commit(context)
  // What `exec` writes is told by the bits it sets in the mask; the frame's own mark and label do not matter for that.
  const before = mask.slice(word.ctMark, word.ctLabel + 4)
  mask.fill(0, word.ctMark, word.ctLabel + 4)
  context.nat = undefined
  context.run(context, action.actions, preparedOnce(action.actions), { last })
  const mark = [flow[word.ctMark]!, mask[word.ctMark]!] as const
  const label = [readField(flow, 'ct_label'), readField(mask, 'ct_label')] as const
  mask.set(before, word.ctMark)
  const translated = (context as Context).nat
  put(context, {
    type: 'ct',
    commit: action.commit,
    force: action.force,
    zone,
    mark: mark[1] === 0 ? undefined : [(mark[0] & mark[1]) >>> 0, mark[1]],
    label: label[1] === 0n ? undefined : [label[0] & label[1], label[1]],
    helper: helpers[action.alg],
    nat: translated?.nat,
  })
  if (action.table !== undefined) {
    context.conntracked = true
    fork(context, action.table, translated, zone)
  }
  context.nat = undefined
  clearConnection(context)
  record(context, { kind: 'detail', detail: { what: 'untracked' } })
}

/** Only inside `ct`, which uses it. */
export const nat: Run<'nat'> = (context, action) => {
  context.nat = action
}

/** What a frozen pipeline brings with it is of its number, so that megaflows need not look at it again. */
const zoneOf = (context: Context, { zone }: ActionOf<'ct'>): number => {
  if (typeof zone === 'number') return zone
  const source = zone as Subfield
  const isKept = context.frozen !== undefined && /^(tun_|metadata|in_port|x*reg)/.test(source.field)
  return Number(isKept ? peekSubfield(context, source) : readSubfield(context, source))
}
