import { plainFlowMod } from '../../src/openflow/flow-mod.ts'
import { parseFlow } from '../../src/openflow/flow-text.ts'
import { noSelection, OfBucket, OfGroup } from '../../src/openflow/group.ts'
import { parseGroup } from '../../src/openflow/group-parse.ts'
import { noBuffer, type OfBody } from '../../src/openflow/message.ts'
import { encodeMessage } from '../../src/openflow/message-wire.ts'
import { protocolsOf, type Version } from '../../src/openflow/protocol.ts'
import { lastTable } from './actions.ts'
import { options } from './match.ts'
import type { Tables } from './round.ts'

/** Messages that make the tables of a bridge, the same bytes for both sides. */

/** What a message is about: a line of text, or nothing. */
export type Change = { xid: number; bytes: Uint8Array; line: string | undefined }

/** The number of the request that ends a row of changes. */
export const barrierXid = 0x7fffffff

const meter: OfBody = {
  type: 'meter_mod',
  command: 'add',
  meter: 3,
  flags: { kbps: true, pktps: false, burst: false, stats: false },
  bands: [{ type: 'drop', rate: 10, burst: 0, precedence: 0 }],
}

/** Once for a connection. */
export const greetings = (version: Version): OfBody[] => [
  ...(version === 1
    ? ([
        { type: 'set_flow_format', nxm: true },
        { type: 'flow_mod_table_id', enabled: true },
      ] as const)
    : []),
]

/** Once for a bridge, by 1.5. */
export const preparations: readonly OfBody[] = [
  meter,
  {
    type: 'tlv_table_mod',
    command: 'add',
    maps: options.map((name, i) => ({
      class: 0xffff,
      type: i,
      length: 4,
      index: Number(name.slice('tun_metadata'.length)),
    })),
  },
]

const deletions = (version: Version): OfBody[] => [
  // 1.1 deletes from one table at a time.
  ...(version === 2 ? Array.from({ length: lastTable + 1 }, (_, table) => table) : [undefined]).map(table => ({
    type: 'flow_mod' as const,
    bufferId: noBuffer,
    ...plainFlowMod('delete'),
    table,
    priority: 0,
  })),
  ...(version === 1
    ? []
    : ([
        {
          type: 'group_mod',
          mod: {
            command: 'delete',
            type: 'all',
            group: OfGroup.all,
            commandBucket: OfBucket.all,
            buckets: [],
            selection: noSelection,
          },
        },
      ] as const)),
]

/** A line that cannot be said in this version, or is refused by the reader of texts. */
export type Unsaid = { line: string; why: string }

/** Lines that readers refuse are left out, and told. */
export const changesOf = (
  { version, flows, groups, fragments }: Tables,
  bridge: number,
): { changes: Change[]; unsaid: Unsaid[] } => {
  const changes: Change[] = []
  const unsaid: Unsaid[] = []
  let xid = 1
  const say = (body: OfBody, line?: string): void => {
    xid++
    const bytes = encodeMessage(body, { version, xid, nxm: true, tableId: true })
    if (bytes !== undefined) changes.push({ xid, bytes, line })
    else if (line !== undefined) unsaid.push({ line, why: 'not in this version' })
  }
  for (const body of deletions(version)) say(body)
  say({ type: 'set_config', fragments, missSendLength: 128, invalidTtlToController: undefined })
  for (const line of groups[bridge] as string[]) {
    const read = parseGroup(line, 'add')
    if (!read.ok) unsaid.push({ line, why: read.error })
    else if ((read.protocols & protocolsOf(version)) === 0) unsaid.push({ line, why: 'not in this version' })
    else say({ type: 'group_mod', mod: read.mod }, line)
  }
  for (const line of flows[bridge] as string[]) {
    const read = parseFlow(line, 'add')
    if (!read.ok) unsaid.push({ line, why: read.error })
    else if ((read.protocols & (version === 1 ? 0b1111 : protocolsOf(version))) === 0)
      unsaid.push({ line, why: 'not in this version' })
    else
      say(
        { type: 'flow_mod', bufferId: noBuffer, ...read.flow, newCookie: read.flow.newCookie ?? 0n, match: read.given },
        line,
      )
  }
  const barrier = encodeMessage({ type: 'barrier_request' }, { version, xid: barrierXid })
  if (barrier !== undefined) changes.push({ xid: barrierXid, bytes: barrier, line: undefined })
  return { changes, unsaid }
}
