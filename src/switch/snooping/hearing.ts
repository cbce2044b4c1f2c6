/**
 * What IGMP and MLD messages of hosts and routers mean for the table of groups. They are read as Open vSwitch reads them: a
 * question need not be whole, and of a report of many groups those count that are there.
 */
import type { Frame } from '../../wire/frame.ts'
import { GroupRecordType } from '../../wire/group-code.ts'
import { u16, u32, u128 } from '../../wire/header.ts'
import { Icmp6Type, isIcmp6ChecksumRight } from '../../wire/icmp6.ts'
import { IgmpHeader, IgmpType, isIgmpChecksumRight } from '../../wire/igmp.ts'
import { dissect } from '../../wire/layers.ts'
import { MldHeader } from '../../wire/mld.ts'
import type { Group } from './group.ts'
import type { GroupTable } from './table.ts'

/** One thing that a message changes. */
export type Change = { do: 'join' | 'leave'; group: Group } | { do: 'router'; source: Group }

/** Changes that a frame in a VLAN brought to a port. */
export type Hearing = { changes: readonly Change[]; vlan: number; port: number }

/** `isList`: the message speaks of any number of groups. */
export type Heard =
  | { protocol: 'IGMP' | 'MLD'; isRight: true; changes: readonly Change[]; isList: boolean }
  | { protocol: 'IGMP' | 'MLD'; isRight: false }

/** What a frame says of groups; undefined: nothing. */
export const hear = ({ bytes, start, end }: Frame): Heard | undefined => {
  let ip = start
  let source: Group = 0
  for (const layer of dissect(bytes, start, end)) {
    const { protocol, start: at, limit } = layer
    if (protocol === 'ip' || protocol === 'ip6') {
      ip = at
      source = layer.value?.src ?? 0
    } else if (protocol === 'igmp') {
      if (limit - at < IgmpHeader.size) return undefined
      if (!isIgmpChecksumRight(bytes, at, limit)) return { protocol: 'IGMP', isRight: false }
      return { protocol: 'IGMP', isRight: true, ...hearIgmp(bytes, at, limit, source) }
    } else if (protocol === 'mld') {
      if (limit - at < mldHead) return undefined
      if (!isIcmp6ChecksumRight(bytes, ip, at, limit)) return { protocol: 'MLD', isRight: false }
      return { protocol: 'MLD', isRight: true, ...hearMld(bytes, at, limit, source) }
    }
  }
  return undefined
}

type Said = { changes: Change[]; isList: boolean }

const one = (...changes: Change[]): Said => ({ changes, isList: false })

/** A question of nobody does not come from a router. */
const asked = (source: Group): Said => (Number(source) === 0 ? one() : one({ do: 'router', source }))

const hearIgmp = (bytes: Uint8Array, start: number, end: number, source: Group): Said => {
  const group = IgmpHeader.at.group(bytes, start)
  switch (IgmpHeader.at.type(bytes, start)) {
    case IgmpType.query:
      return asked(source)
    case IgmpType.report1:
    case IgmpType.report2:
      return one({ do: 'join', group })
    case IgmpType.leave:
      return one({ do: 'leave', group })
    case IgmpType.report3:
      return { changes: records(bytes, start, end, u32.get, 4), isList: true }
    default:
      return one()
  }
}

/** Bytes of a message of MLD that all have. */
const mldHead = 8

const hearMld = (bytes: Uint8Array, start: number, end: number, source: Group): Said => {
  const type = MldHeader.at.type(bytes, start)
  if (type === Icmp6Type.mldQuery) return asked(source)
  if (type === Icmp6Type.mldReport2) return { changes: records(bytes, start, end, u128.get, 16), isList: true }
  if (end - start < MldHeader.size) return one()
  return one({ do: type === Icmp6Type.mldDone ? 'leave' : 'join', group: MldHeader.at.group(bytes, start) })
}

/** What the records say whose groups are there (RFC 3376 §4.2.4, RFC 3810 §5.2.5); the last one's sources need not be. */
const records = (
  bytes: Uint8Array,
  start: number,
  end: number,
  groupAt: (bytes: Uint8Array, at: number) => Group,
  addressSize: number,
): Change[] => {
  const changes: Change[] = []
  let at = start + 8
  for (let left = u16.get(bytes, start + 6); left > 0 && at + 4 + addressSize <= end; left--) {
    const sources = u16.get(bytes, at + 2)
    const change = ofRecord(bytes[at]!, groupAt(bytes, at + 4), sources)
    if (change !== undefined) changes.push(change)
    at += 4 + addressSize * (1 + sources) + 4 * bytes[at + 1]!
  }
  return changes
}

/** RFC 3376 §4.2.12: to include nobody is to leave; any other wish of a known kind is for the group as a whole. */
const ofRecord = (type: number, group: Group, sources: number): Change | undefined => {
  if (type < GroupRecordType.isInclude || type > GroupRecordType.block) return undefined
  const leaves = sources === 0 && (type === GroupRecordType.isInclude || type === GroupRecordType.toInclude)
  return { do: leaves ? 'leave' : 'join', group }
}

/** Whether a change is told of. Where the frame has changed the table before, Open vSwitch tells of a router that it knows too. */
export const isNews = (table: GroupTable, change: Change, vlan: number, port: number, isChanged: boolean): boolean => {
  if (change.do === 'router') return isChanged ? table.mayAddRouter(port) : table.wouldAddRouter(vlan, port)
  return change.do === 'join' ? table.wouldBegin(vlan, change.group, port) : table.wouldLeave(vlan, change.group, port)
}

/** Makes a change. Returns whether it was one. */
export const apply = (table: GroupTable, now: number, change: Change, vlan: number, port: number): boolean => {
  if (change.do === 'router') return table.addRouter(now, vlan, port)
  return change.do === 'join' ? table.join(now, vlan, change.group, port) : table.leave(vlan, change.group, port)
}
