/** What makes events of every kind, and three controllers that wish for some of them and not for others. */
import type { FlowCommand } from '../../../src/openflow/flow-mod.ts'
import { parseFlow } from '../../../src/openflow/flow-text.ts'
import type { GroupCommand } from '../../../src/openflow/group.ts'
import { parseGroup } from '../../../src/openflow/group-parse.ts'
import { type AsyncMasks, noBuffer, type OfBody } from '../../../src/openflow/message.ts'
import { encodeMessage } from '../../../src/openflow/message-wire.ts'
import type { MeterMod } from '../../../src/openflow/meter.ts'
import { parseMeter } from '../../../src/openflow/meter-parse.ts'
import { parsePacketOut } from '../../../src/openflow/packet-out-text.ts'
import type { Version } from '../../../src/openflow/protocol.ts'
import { masks, role, type Step } from './roles.testing.ts'

/** The most flows of tables of which both switches are told before: table 3 refuses more, table 4 evicts. */
export const flowLimits = { refusing: 4, evicting: 2 } as const

const right = <T extends object>(read: T | string): Exclude<T, { ok: false }> => {
  if (typeof read === 'string') throw new Error(read)
  if ('ok' in read && read.ok === false) throw new Error(JSON.stringify(read))
  return read as Exclude<T, { ok: false }>
}
const group = (text: string, command: GroupCommand = 'add'): OfBody => ({
  type: 'group_mod',
  mod: right(parseGroup(text, command)).mod,
})
const meter = (text: string, command: MeterMod['command'] = 'add'): OfBody => ({
  type: 'meter_mod',
  ...right(parseMeter(text, command)).mod,
})
const flow = (text: string, command: FlowCommand = 'add'): OfBody => ({
  type: 'flow_mod',
  bufferId: noBuffer,
  ...right(parseFlow(text, command)).flow,
})
const packet = (actions: string, hex = '0102030405060102030405060800'.padEnd(120, '0')): OfBody => ({
  type: 'packet_out',
  bufferId: noBuffer,
  ...right(parsePacketOut(`in_port=1,packet=${hex},actions=${actions}`)),
})
/** An IP packet whose time to live runs out. */
const dying = '0102030405060102030405060800450000140000000001060000c0a80001c0a80002'.padEnd(120, '0')
const vacancy = (enabled: boolean): OfBody => ({
  type: 'table_mod',
  table: 3,
  miss: undefined,
  eviction: undefined,
  evictionFlags: undefined,
  vacancy: { enabled, down: 30, up: 60 },
})

/** Changes that tell someone something; each version leaves out what it has no words for. */
const packets = (version: Version): OfBody[] => [
  flow('table=0,priority=9,in_port=1,actions=controller'),
  packet('table'),
  flow('priority=9,in_port=1', 'delete_strict'),
  packet('table'),
  packet('controller'),
  packet('dec_ttl,output:2', dying),
  ...(version < 2
    ? []
    : [
        group('group_id=7,type=all,bucket=controller'),
        group('group_id=7,type=all'),
        packet('group:7'),
        flow('table=0,priority=9,in_port=1,actions=write_actions(controller)'),
        packet('table'),
        flow('in_port=1', 'delete'),
        group('group_id=7', 'delete'),
      ]),
]

const requests = (version: Version): OfBody[] => [
  ...(version < 2
    ? []
    : [
        group('group_id=7,type=all,bucket=controller'),
        flow('table=1,priority=9,send_flow_rem,in_port=1,actions=group:7'),
        ...(version < 6 ? [] : [group('group_id=7,command_bucket_id=last,bucket=output:2', 'insert_bucket')]),
        group('group_id=7,type=select,bucket=output:1', 'modify'),
        group('group_id=7', 'delete'),
        group('group_id=99', 'delete'),
      ]),
  ...(version < 4
    ? []
    : [
        meter('meter=7,kbps,bands=type=drop,rate=5'),
        meter('meter=7,kbps,bands=type=drop,rate=5'),
        flow('table=1,priority=9,send_flow_rem,in_port=1,actions=meter:7,output:1'),
        meter('meter=7,kbps,bands=type=drop,rate=6', 'modify'),
        meter('meter=7', 'delete'),
        bundle('open_request'),
        bundled(group('group_id=8,type=all'), version),
        bundled(group('group_id=8', 'delete'), version),
        bundle('commit_request'),
      ]),
]

const tables = (version: Version): OfBody[] => [
  ...(version < 5
    ? []
    : [
        vacancy(true),
        ...[1, 2, 3, 4, 5].map(n => flow(`table=3,priority=${n},actions=drop`)),
        ...[1, 2, 3, 4].map(n => flow(`table=3,priority=${n}`, 'delete_strict')),
        vacancy(false),
      ]),
]

const removals: readonly OfBody[] = [
  ...[100, 50, 200].map(left => flow(`table=4,send_flow_rem,hard_timeout=${left},priority=${left},actions=drop`)),
  flow('send_flow_rem,priority=3,in_port=2,actions=drop'),
  flow('', 'delete'),
]

const number = 5
const bundle = (control: 'open_request' | 'commit_request'): OfBody => ({
  type: 'bundle_control',
  bundle: number,
  control,
  flags: 2,
})
const bundled = (body: OfBody, version: Version): OfBody => {
  const message = encodeMessage(body, { version, xid: 0xb0 })
  if (message === undefined) throw new Error(`no ${body.type} in version ${version}`)
  return { type: 'bundle_add', bundle: number, flags: 2, message }
}

const kinds = Object.keys(masks(0)) as (keyof AsyncMasks)[]
const only = (kind: keyof AsyncMasks, bits: number): AsyncMasks => ({ ...masks(0), [kind]: bits })
/** What is done while a kind of events is wished for. */
const doneFor: Readonly<Record<keyof AsyncMasks, (version: Version) => readonly OfBody[]>> = {
  packetIn: packets,
  portStatus: () => [],
  flowRemoved: () => removals,
  roleStatus: () => [],
  tableStatus: tables,
  requestForward: requests,
}

/** The reasons that there are, of each kind. */
const reasons: AsyncMasks = {
  packetIn: 0x3f,
  portStatus: 7,
  flowRemoved: 0x3f,
  roleStatus: 7,
  tableStatus: 0x18,
  requestForward: 3,
}

/**
 * The first is the one that does things, the second a primary or an equal that wishes for one kind, the third a secondary
 * that wishes for the others.
 */
export const wishesFor = (version: Version): readonly Step[] => {
  const generation = BigInt(version * 100 + 50)
  const does = (bodies: readonly OfBody[]): Step[] => bodies.map(body => [0, body])
  const wish = (who: number, primary: Partial<AsyncMasks>, secondary: Partial<AsyncMasks>): Step => [
    who,
    { type: 'set_async', primary, secondary },
  ]
  return [
    ...does([...packets(version), ...requests(version), ...tables(version), ...removals]),
    ...kinds.flatMap((kind): Step[] => [
      wish(0, masks(0), masks(0)),
      wish(1, only(kind, reasons[kind]), masks(0)),
      wish(2, only(kind, reasons[kind]), { ...reasons, [kind]: 0 }),
      [1, { type: 'get_async_request' }],
      [2, { type: 'get_async_request' }],
      role(2, 'secondary', generation),
      ...does(doneFor[kind](version)),
      role(2, 'primary', generation),
      role(1, 'primary', generation),
      role(1, 'equal', generation),
      role(2, 'equal', generation),
    ]),
    // Some reasons of a kind, and kinds that are not named, which stay as they were.
    wish(1, { requestForward: 1 }, {}),
    wish(2, { requestForward: 2, tableStatus: 8 }, {}),
    wish(0, { requestForward: 3 }, {}),
    [1, { type: 'get_async_request' }],
    [2, { type: 'get_async_request' }],
    ...does([...requests(version), ...tables(version)]),
  ]
}
