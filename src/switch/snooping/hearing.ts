/** What IGMP and MLD messages of hosts and routers mean for the table of groups. */
import type { Frame } from '../../wire/frame.ts'
import { GroupRecordType } from '../../wire/group-code.ts'
import type { Igmp } from '../../wire/igmp.ts'
import { dissect } from '../../wire/layers.ts'
import type { Mld } from '../../wire/mld.ts'
import type { Group } from './group.ts'
import type { GroupTable } from './table.ts'

/** `source` is who sent it: a query of nobody does not come from a router. */
export type Heard =
  | { protocol: 'IGMP'; message: Igmp; source: number }
  | { protocol: 'MLD'; message: Mld; source: bigint }
  | { protocol: 'IGMP' | 'MLD'; message: 'bad checksum' }

/** What a frame says of groups; undefined: nothing. */
export const hear = (frame: Frame): Heard | undefined => {
  let source: number | undefined
  let source6: bigint | undefined
  for (const layer of dissect(frame.bytes, frame.start, frame.end)) {
    if (layer.protocol === 'ip') source = layer.value?.src
    else if (layer.protocol === 'ip6') source6 = layer.value?.src
    else if (layer.protocol === 'igmp' || layer.protocol === 'mld') {
      const protocol = layer.protocol === 'igmp' ? 'IGMP' : 'MLD'
      if (layer.bad === 'checksum') return { protocol, message: 'bad checksum' }
      if (layer.value === undefined) return undefined
      return layer.protocol === 'igmp'
        ? { protocol: 'IGMP', message: layer.value, source: source ?? 0 }
        : { protocol: 'MLD', message: layer.value as Mld, source: source6 ?? 0n }
    }
  }
  return undefined
}

/** One thing that a message changes. */
export type Change = { do: 'join' | 'leave'; group: Group } | { do: 'router'; source: Group }

/** RFC 3376 §4.2.12: to include nobody is to leave; any other wish of a known kind is for the group as a whole. */
const ofRecord = (type: number, group: Group, sources: number): Change | undefined => {
  if (type < GroupRecordType.isInclude || type > GroupRecordType.block) return undefined
  const leaves = sources === 0 && (type === GroupRecordType.isInclude || type === GroupRecordType.toInclude)
  return { do: leaves ? 'leave' : 'join', group }
}

export const changesOf = (heard: Heard): Change[] => {
  const { message } = heard
  if (message === 'bad checksum') return []
  switch (message.kind) {
    case 'report':
      return [{ do: 'join', group: message.group }]
    case 'leave':
    case 'done':
      return [{ do: 'leave', group: message.group }]
    case 'query':
      return 'source' in heard && Number(heard.source) !== 0 ? [{ do: 'router', source: heard.source }] : []
    case 'report3':
    case 'report2':
      return message.records.flatMap(({ type, group, sources }) => ofRecord(type, group, sources.length) ?? [])
    default:
      return []
  }
}

/** Whether a change is told of. */
export const isNews = (table: GroupTable, change: Change, vlan: number, port: number): boolean => {
  if (change.do === 'router') return table.wouldAddRouter(vlan, port)
  return change.do === 'join' ? table.wouldBegin(vlan, change.group, port) : table.wouldLeave(vlan, change.group, port)
}

/** Makes a change. Returns whether it was one. */
export const apply = (table: GroupTable, now: number, change: Change, vlan: number, port: number): boolean => {
  if (change.do === 'router') return table.addRouter(now, vlan, port)
  return change.do === 'join' ? table.join(now, vlan, change.group, port) : table.leave(vlan, change.group, port)
}
