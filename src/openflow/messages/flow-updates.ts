/** What flow monitors report. */

import { preconditionOf } from '../action-check.ts'
import { formatActions } from '../action-text.ts'
import { decodeActions, decodeInstructions, encodeActions, encodeInstructions } from '../action-wire.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { formatRule } from '../flow-format.ts'
import { defaultPriority } from '../flow-mod.ts'
import { decodeMatch, encodeMatch, pullNxMatch, putNxMatch } from '../match-wire.ts'
import { type FlowUpdate, flowRemovedReasons } from '../message.ts'
import type { Version } from '../protocol.ts'
import { formatTable } from '../table-text.ts'
import type { DecodeContext, MessageCodec, PrintOptions } from './codec.ts'
import { monitorForms } from './flow-monitor.ts'
import { formOf, listBody, takeEntry, takeList } from './stats.ts'

const forms = monitorForms('reply')

/** NXFME_* up to 1.3, OFPFME_* since. */
const eventsNx = ['added', 'removed', 'modified', 'abbreviated'] as const
const events14 = ['initial', 'added', 'removed', 'modified', 'abbreviated', 'paused', 'resumed'] as const
const eventsOf = (version: Version): readonly FlowUpdate['event'][] => (version < 5 ? eventsNx : events14)

type FullUpdate = Extract<FlowUpdate, { match: unknown }>
const fullSize = 24

const takeUpdate = (bytes: Reader, context: DecodeContext): Decoded<FlowUpdate> => {
  const { version, warn, form } = context
  const { left } = bytes
  const bad = (): Decoded<FlowUpdate> => {
    warn('ofp_monitor', `${form.name} has ${left} leftover bytes at end`)
    return refused('OFPBRC_BAD_LEN')
  }
  const entry = takeEntry(bytes, 8)
  if (entry === undefined || (entry.left + 2) % 8 !== 0) return bad()
  const number = entry.u16()
  const event = eventsOf(version)[number]
  if (event === undefined) {
    warn('ofp_monitor', `NXST_FLOW_MONITOR reply has bad event ${number}`)
    return refused('NXBRC_FM_BAD_EVENT')
  }
  if (event === 'abbreviated' || event === 'paused' || event === 'resumed') {
    if (entry.left !== 4) return bad()
    return decoded(event === 'abbreviated' ? { event, xid: entry.u32() } : { event })
  }
  if (entry.left < fullSize - 4) return bad()
  return version < 5 ? takeNx(entry, event, context, bad) : take14(entry, event, context)
}

const reasonOf = (event: FullUpdate['event'], number: number): FullUpdate['reason'] =>
  event === 'removed' ? (flowRemovedReasons[number] ?? number) : undefined

const takeNx = (
  entry: Reader,
  event: FullUpdate['event'],
  context: DecodeContext,
  bad: () => Decoded<FlowUpdate>,
): Decoded<FlowUpdate> => {
  const { version, warn } = context
  const reason = reasonOf(event, entry.u16())
  const [priority, idleTimeout, hardTimeout, length] = [entry.u16(), entry.u16(), entry.u16(), entry.u16()]
  const table = entry.u8()
  entry.skip(1)
  const cookie = entry.u64()
  const head = { event, table, priority, cookie, reason, idleTimeout, hardTimeout }
  if (version === 4) return takeRest(entry, head, context)
  if (length > entry.left) return bad()
  const match = pullNxMatch(entry, length, { warn })
  return match.ok ? takeActions(entry, { ...head, match: match.value.match }, context) : match
}

const take14 = (entry: Reader, event: FullUpdate['event'], context: DecodeContext): Decoded<FlowUpdate> => {
  const table = entry.u8()
  const reason = reasonOf(event, entry.u8())
  const [idleTimeout, hardTimeout, priority] = [entry.u16(), entry.u16(), entry.u16()]
  entry.skip(4)
  const cookie = entry.u64()
  return takeRest(entry, { event, table, priority, cookie, reason, idleTimeout, hardTimeout }, context)
}

const takeRest = (
  entry: Reader,
  head: Omit<FullUpdate, 'match' | 'actions'>,
  context: DecodeContext,
): Decoded<FlowUpdate> => {
  const match = decodeMatch(entry, context.version, { warn: context.warn })
  return match.ok ? takeActions(entry, { ...head, match: match.value }, context) : match
}

const takeActions = (
  entry: Reader,
  head: Omit<FullUpdate, 'actions'>,
  { version, warn, form }: DecodeContext,
): Decoded<FlowUpdate> => {
  // Nicira's extension has actions alone, as 1.0 has, though in the version's own form.
  const nicira = form.name.startsWith('NXST')
  const actions = nicira ? decodeActions(entry, version, { warn }) : decodeInstructions(entry, version, { warn })
  if (!actions.ok) return actions
  return decoded({ ...head, actions: actions.value.length === 0 ? undefined : actions.value })
}

const putUpdate = (update: FlowUpdate, out: Writer, version: Version): void => {
  const start = out.at
  const event = version < 5 && update.event === 'initial' ? 'added' : update.event
  const number = eventsOf(version).indexOf(event)
  // No version before 1.4 has these between updates: messages of their own say so there.
  if (number < 0) return
  out.u16(0)
  out.u16(number)
  if (!('match' in update)) {
    out.u32(update.event === 'abbreviated' ? update.xid : 0)
  } else if (version < 5) putFullNx(update, out, version)
  else putFull14(update, out, version)
  out.put16(start, out.at - start)
}

const reasonNumber = ({ reason }: FullUpdate): number =>
  typeof reason === 'number' ? reason : reason === undefined ? 0 : flowRemovedReasons.indexOf(reason)

const putFullNx = (update: FullUpdate, out: Writer, version: Version): void => {
  out.u16(reasonNumber(update))
  out.u16(update.priority)
  out.u16(update.idleTimeout)
  out.u16(update.hardTimeout)
  const at = out.at
  out.u16(0)
  out.u8(update.table)
  out.u8(0)
  out.u64(update.cookie)
  if (version === 4) {
    const match = out.at
    encodeMatch(out, update.match, version)
    // The length that the match itself has.
    out.put16(at, (out.bytes[match + 2]! << 8) | out.bytes[match + 3]!)
  } else out.put16(at, putNxMatch(out, update.match))
  putActions(update, out, version)
}

const putFull14 = (update: FullUpdate, out: Writer, version: Version): void => {
  out.u8(update.table)
  out.u8(reasonNumber(update))
  out.u16(update.idleTimeout)
  out.u16(update.hardTimeout)
  out.u16(update.priority)
  out.zeros(4)
  out.u64(update.cookie)
  encodeMatch(out, update.match, version)
  putActions(update, out, version)
}

const putActions = ({ actions = [], match }: FullUpdate, out: Writer, version: Version): void => {
  if (version < 4) encodeActions(out, actions, version, preconditionOf(match))
  else encodeInstructions(out, actions, version, preconditionOf(match))
}

const words: Readonly<Record<FlowUpdate['event'], string>> = {
  initial: 'INITIAL',
  added: 'ADDED',
  removed: 'DELETED',
  modified: 'MODIFIED',
  abbreviated: 'ABBREV',
  paused: 'PAUSED',
  resumed: 'RESUMED',
}

const hex = (value: bigint): string => (value === 0n ? '0' : `0x${value.toString(16)}`)

const formatUpdate = (update: FlowUpdate, { ports, tables, paint }: PrintOptions): string => {
  const event = ` event=${words[update.event]}`
  if (!('match' in update)) {
    if (update.event !== 'abbreviated') return event
    return `${event} xid=${update.xid === 0 ? '0' : `0x${update.xid.toString(16)}`}`
  }
  let text = event
  if (update.event === 'removed') text += ` reason=${update.reason ?? 0}`
  text += ` table=${formatTable(update.table, tables)}`
  if (update.idleTimeout !== 0) text += ` idle_timeout=${update.idleTimeout}`
  if (update.hardTimeout !== 0) text += ` hard_timeout=${update.hardTimeout}`
  const rule = formatRule(update.match, defaultPriority, ports, paint)
  text += ` cookie=${hex(update.cookie)} ${rule}`
  if (update.actions === undefined) return text
  return `${text}${rule === '' ? '' : ' '}actions=${formatActions(update.actions, ports, undefined, paint)}`
}

export const flowMonitorReply: MessageCodec<'flow_monitor_reply'> = {
  type: 'flow_monitor_reply',
  forms,
  choose: (_, speech) => formOf(forms, speech),
  encode({ updates }, out, { version }) {
    for (const update of updates) putUpdate(update, out, version)
  },
  decode(bytes, context) {
    const read = takeList(bytes, reader => takeUpdate(reader, context))
    return listBody({ type: 'flow_monitor_reply', updates: read.items }, read)
  },
  print: ({ updates }, options) =>
    updates.length === 0
      ? '\n'
      : `\n${updates
          .map(update => formatUpdate(update, options))
          .join('\n')
          .trimEnd()}\n`,
}
