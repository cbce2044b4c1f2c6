/** Messages at random, of every kind that is not statistics, for tests of their bytes and text. */
import fc from 'fast-check'
import type { Match } from '../flow/match.ts'
import { parseMatch } from '../flow/match-text.ts'
import type { OfAction } from './action.ts'
import { parseActions } from './action-text.ts'
import { errorNamed, errorNames, errorNumbers } from './error.ts'
import {
  type AsyncMasks,
  bundleControls,
  type CtTuple,
  flowRemovedReasons,
  noBuffer,
  noCookie,
  type OfBody,
  type PacketInBody,
  roleReasons,
} from './message.ts'
import { count } from './messages/statistics.testing.ts'
import type { PortDesc } from './port-desc.ts'
import { speedOf } from './port-features.ts'
import type { Version } from './protocol.ts'

const u8 = fc.integer({ min: 0, max: 0xff })
const u16 = fc.integer({ min: 0, max: 0xffff })
const u32 = fc.integer({ min: 0, max: 0xffffffff })
const u64 = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn })
const mac = fc.integer({ min: 0, max: 0xffffffffffff })
const port = fc.oneof(fc.integer({ min: 0, max: 0xfeff }), fc.constantFrom(0xfffe, 0xfffd, 0xfffb))
const bytes = (maxLength: number, minLength = 0): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength, minLength })

/** What every version can match, then what the older ones cannot. */
const plainMatches = [
  '',
  'in_port=3',
  'dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02',
  'dl_vlan=7',
  'dl_vlan=7,dl_vlan_pcp=3,ip',
  'ip,nw_src=10.0.0.0/8',
  'tcp,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_src=1,tp_dst=80',
  'udp,tp_dst=53,in_port=LOCAL',
  'icmp,icmp_type=8,icmp_code=0',
  'arp,arp_spa=10.0.0.1,arp_op=1',
  'dl_type=0x1234',
] as const
const newMatches = [
  'ipv6,ipv6_src=fc00::/7,nw_ecn=1',
  'tcp6,tp_dst=80',
  'icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::1',
  'mpls,mpls_label=9',
  'metadata=0x12/0xff',
  'reg0=1,reg7=0x10/0xf0',
  'tun_id=5,tun_src=1.2.3.4',
  'tcp,tcp_flags=+syn-ack',
  'ct_state=+trk-new,ip,ct_mark=1/3',
] as const

const matchOf = (text: string): Match => {
  const parsed = parseMatch(text)
  if ('wrong' in parsed) throw new Error(parsed.wrong)
  return parsed.match
}
const plainMatch = fc.constantFrom(...plainMatches.map(matchOf))
const newerMatch = fc.constantFrom(...[...plainMatches, ...newMatches].map(matchOf))
const matchIn = (version: Version, nxm: boolean): fc.Arbitrary<Match> => (version > 2 || nxm ? newerMatch : plainMatch)

const actionTexts = [
  'drop',
  'output:2',
  'output:2,output:3',
  'CONTROLLER:128',
  'LOCAL',
  'resubmit(,3)',
  'load:5->NXM_NX_REG0[0..7]',
  'move:NXM_NX_REG0[]->NXM_NX_REG1[]',
  'note:01.02.03.04.05.06',
  'set_tunnel:7,NORMAL',
  'controller(id=3,reason=no_match)',
]
const actionsOf = (text: string): OfAction[] => {
  const parsed = parseActions(text)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}
/** What every version can say, in flows of any match. */
const actions = fc.constantFrom(...actionTexts.map(actionsOf))

const portDesc = (version: Version): fc.Arbitrary<PortDesc> => {
  const speed = version === 1 ? fc.constant(0) : u32
  const features = fc.integer({ min: 0, max: version === 1 ? 0x7f : 0xffff })
  const desc = fc.record({
    port,
    mac,
    name: fc.stringMatching(/^[a-z][a-z0-9]{0,13}$/),
    config: fc.constantFrom(0, 1, 0x21, 0x65),
    state: fc.constantFrom(0, 1),
    current: features,
    advertised: features,
    supported: features,
    peer: features,
    currentSpeed: speed,
    maxSpeed: speed,
  })
  // 1.0 says speeds by features alone.
  if (version > 1) return desc
  return desc.map(it => ({ ...it, currentSpeed: speedOf(it.current), maxSpeed: speedOf(it.supported) }))
}

const masks = (partly: boolean): fc.Arbitrary<AsyncMasks> => {
  const of = (bits: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: 0xff }).map(mask => mask & bits)
  const model = {
    packetIn: of(partly ? 7 : 0x3f),
    portStatus: of(7),
    flowRemoved: of(0x3f),
    roleStatus: of(7),
    tableStatus: of(0x18),
    requestForward: of(3),
  }
  return fc.record(model)
}
const firstThree = ({ packetIn, portStatus, flowRemoved }: AsyncMasks): Partial<AsyncMasks> => ({
  packetIn,
  portStatus,
  flowRemoved,
})
const zeroed = (masks: AsyncMasks): AsyncMasks => ({ ...masks, roleStatus: 0, tableStatus: 0, requestForward: 0 })

const tuple = (protocol: number): fc.Arbitrary<CtTuple> => {
  const address = fc.oneof(
    fc.constant(0n),
    u32.map(ip => 0xffff00000000n | BigInt(ip)),
  )
  const icmp = protocol === 1
  const none = fc.constant(0)
  return fc.record({
    protocol: fc.constant(protocol),
    source: address,
    destination: address,
    sourcePort: icmp ? none : u16,
    destinationPort: icmp ? none : u16,
    icmpId: icmp ? u16 : none,
    icmpType: icmp ? u8 : none,
    icmpCode: icmp ? u8 : none,
  })
}

/** Frames that ovs-ofctl tells the fields of, and noise. */
const frames = [
  '50540000000550540000000608060001080006040001505400000006c0a80001000000000000c0a80002',
  '5054000000055054000000060800450000280000000040 06f97cc0a80001c0a800020bb800500000000100000000501200 00f4cf0000',
  '50540000000550540000000686dd60000000000811 4020010db800000000000000000000000120010db80000000000000000000000010035003500080abc',
  '5054000000055054000000068100a00508004500001c0000400001110000c0a80001c0a80002 0035003500080abc',
].map(text => Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], pair => Number.parseInt(pair, 16)))
const packet = fc.oneof(fc.constantFrom(...frames), bytes(80, 1))

const wireReasons = ['no_match', 'action', 'invalid_ttl', 'action_set', 'group', 'packet_out'] as const
const metadata = fc.constantFrom(...['in_port=3', 'in_port=LOCAL', 'in_port=9,reg0=7,metadata=5'].map(matchOf))
const inPorts = fc.constantFrom(...['in_port=3', 'in_port=LOCAL'].map(matchOf))

type Format = 'standard' | 'nxt_packet_in' | 'nxt_packet_in2'
const packetIn = (version: Version, format: Format): fc.Arbitrary<PacketInBody> => {
  const rich = format !== 'standard' || version >= 3
  const extended = format === 'nxt_packet_in2'
  return fc
    .record({
      type: fc.constant('packet_in' as const),
      reason: fc.constantFrom(...wireReasons.slice(0, version < 5 ? 3 : 6)),
      packet,
      extra: fc.integer({ min: 0, max: 100 }),
      bufferId: fc.oneof(fc.constant(noBuffer), u32),
      table: version === 1 && format === 'standard' ? fc.constant(0) : u8,
      cookie: format === 'standard' && version < 4 ? fc.constant(noCookie) : u64,
      match: rich ? metadata : inPorts,
      userdata: extended ? bytes(9) : fc.constant(new Uint8Array(0)),
      continuation: fc.constant(undefined),
    })
    .map(({ extra, ...body }) => ({ ...body, total: body.packet.length + extra }))
}

const flowMod = (version: Version, nxm: boolean, tableId: boolean): fc.Arbitrary<OfBody> => {
  const table = fc.integer({ min: 0, max: 254 })
  const cookies = version > 1 || nxm
  return fc
    .record({
      type: fc.constant('flow_mod' as const),
      bufferId: fc.oneof(fc.constant(noBuffer), u32),
      command: fc.constantFrom('add', 'modify', 'modify_strict', 'delete', 'delete_strict'),
      table: version > 1 || tableId ? table : fc.constant(undefined),
      priority: u16,
      match: matchIn(version, nxm),
      newCookie: fc.bigInt({ min: 0n, max: 0xfffffffffffffffen }),
      cookie: cookies ? u64 : fc.constant(0n),
      cookieMask: cookies ? u64 : fc.constant(0n),
      idleTimeout: u16,
      hardTimeout: u16,
      importance: version >= 5 ? u16 : fc.constant(0),
      outPort: fc.oneof(fc.constant(undefined), port),
      outGroup: version > 1 ? fc.oneof(fc.constant(undefined), u16) : fc.constant(undefined),
      sendFlowRemoved: fc.boolean(),
      checkOverlap: fc.boolean(),
      resetCounts: version > 2 ? fc.boolean() : fc.constant(false),
      noPacketCounts: version > 3 ? fc.boolean() : fc.constant(false),
      noByteCounts: version > 3 ? fc.boolean() : fc.constant(false),
      actions,
    })
    .map(body => {
      const adds = body.command === 'add'
      return {
        ...body,
        newCookie: adds || version === 1 ? body.newCookie : undefined,
        cookie: adds ? 0n : body.cookie & body.cookieMask,
        cookieMask: adds ? 0n : body.cookieMask,
        importance: adds ? body.importance : 0,
        resetCounts: (version < 3 && adds) || body.resetCounts,
      }
    })
}

const flowRemoved = (version: Version, nxm: boolean): fc.Arbitrary<OfBody> =>
  fc.record({
    type: fc.constant('flow_removed' as const),
    table: version === 1 && !nxm ? fc.constant(undefined) : fc.integer({ min: 0, max: 254 }),
    priority: u16,
    match: matchIn(version, nxm),
    cookie: u64,
    // The end of a meter is said as a deletion before 1.4.
    reason: fc.constantFrom(...flowRemovedReasons.filter(reason => version >= 5 || reason !== 'meter_delete')),
    duration: fc.integer({ min: 0, max: 9e15 }),
    idleTimeout: u16,
    hardTimeout: version === 1 ? fc.constant(0) : u16,
    packets: count,
    bytes: count,
  })

const role = fc.constantFrom('equal', 'primary', 'secondary')
const generation = fc.bigInt({ min: 0n, max: 0xfffffffffffffffen })
const record = <T extends OfBody['type'], R extends object>(
  type: T,
  model: { [K in keyof R]: fc.Arbitrary<R[K]> },
): fc.Arbitrary<{ type: T } & R> => fc.record({ type: fc.constant(type), ...model }) as never

/** How a sample is to be said. */
export type SampleSpeech = { version: Version; nxm: boolean; tableId: boolean; packetIn: Format }

/** Kinds of messages, with what is random in them; those that a version cannot say are not there. */
export const messageSamples = (speech: SampleSpeech): Record<string, fc.Arbitrary<OfBody>> => {
  const { version, nxm, tableId } = speech
  const roleModel = version < 3 ? fc.constant(undefined) : fc.oneof(fc.constant(undefined), generation)
  const maps = fc.array(
    fc.record({
      class: u16,
      type: u8,
      length: fc.integer({ min: 1, max: 31 }).map(n => n * 4),
      index: fc.integer({ min: 0, max: 63 }),
    }),
    { maxLength: 4 },
  )
  const protocols = fc.constantFrom(1, 6, 17)
  const samples: Record<string, fc.Arbitrary<OfBody>> & {
    flowFormat?: fc.Arbitrary<OfBody>
    monitors?: fc.Arbitrary<OfBody>
  } = {
    hello: record('hello', { versions: u16.map(bits => (bits & ~1) | 2) }),
    error: fc
      .constantFrom(
        ...errorNames.filter(name => {
          const numbers = errorNumbers(name, version)
          return numbers !== undefined && errorNamed(version, numbers) === name
        }),
      )
      .chain(name => {
        const {
          vendor,
          type: errorType,
          code,
        } = errorNumbers(name, version) as NonNullable<ReturnType<typeof errorNumbers>>
        return record('error', {
          name: fc.constant(name),
          errorType: fc.constant(errorType),
          code: fc.constant(code),
          vendor: fc.constant(vendor),
          data: bytes(20),
        })
      }),
    echo: fc.oneof(record('echo_request', { data: bytes(40) }), record('echo_reply', { data: bytes(40) })),
    empty: fc
      .constantFrom(
        ...(['features_request', 'get_config_request', 'barrier_request', 'barrier_reply'] as const),
        ...(['flow_age', 'tlv_table_request'] as const),
      )
      .map(type => ({ type })),
    features: fc.record({
      type: fc.constant('features_reply'),
      datapathId: u64,
      buffers: u32,
      tables: u8,
      auxiliary: version < 4 ? fc.constant(0) : u8,
      capabilities: fc.constantFrom(0, 0x7, 0x67),
      actions: version === 1 ? fc.integer({ min: 0, max: 0xfff }) : fc.constant(0),
      ports: version < 4 ? fc.array(portDesc(version), { maxLength: 3 }) : fc.constant(undefined),
    }),
    config: fc.record({
      type: fc.constantFrom('get_config_reply', 'set_config'),
      fragments: fc.constantFrom('normal', 'drop', 'reassemble', 'nx_match'),
      missSendLength: u16,
      invalidTtlToController: version < 4 ? fc.boolean() : fc.constant(undefined),
    }) as fc.Arbitrary<OfBody>,
    packetIn: packetIn(version, speech.packetIn),
    resume: packetIn(version, 'nxt_packet_in2').map(body => ({ ...body, type: 'resume' as const })),
    packetOut: fc
      .record({ inPort: fc.constantFrom(3, 0xfffe, 0xfffd), actions, packet, bufferId: fc.constantFrom(noBuffer, 7) })
      .map(body => ({
        type: 'packet_out' as const,
        ...body,
        match: matchOf(`in_port=${{ 3: '3', 65534: 'LOCAL', 65533: 'CONTROLLER' }[body.inPort]}`),
        packet: body.bufferId === noBuffer ? body.packet : new Uint8Array(0),
      })),
    flowMod: flowMod(version, nxm, tableId),
    flowRemoved: flowRemoved(version, nxm),
    portStatus: fc.record({
      type: fc.constant('port_status'),
      reason: fc.constantFrom('add', 'delete', 'modify'),
      port: portDesc(version),
    }),
    portMod: fc.record({ port, mac, config: u8, mask: u8, advertise: u16 }).map(body => {
      const mask = body.mask & (version === 1 ? 0x7f : 0x65)
      const advertise = version === 1 ? body.advertise & 0x7f : body.advertise
      return { type: 'port_mod' as const, ...body, mask, config: body.config & mask, advertise }
    }),
    role: fc.record({
      type: fc.constantFrom('role_request', 'role_reply'),
      role,
      generation: roleModel,
    }) as fc.Arbitrary<OfBody>,
    nicira: fc.oneof<fc.Arbitrary<OfBody>[]>(
      record('flow_mod_table_id', { enabled: fc.boolean() }),
      record('set_packet_in_format', { format: fc.constantFrom('standard', 'nxt_packet_in', 'nxt_packet_in2') }),
      record('set_controller_id', { id: u16 }),
      record('ct_flush_zone', { zone: u16 }),
    ),
    tlvTable: fc.oneof<fc.Arbitrary<OfBody>[]>(
      record('tlv_table_mod', { command: fc.constantFrom('add', 'delete', 'clear'), maps }),
      record('tlv_table_reply', { maxSpace: u32, maxFields: fc.integer({ min: 64, max: 0xffff }), maps }),
    ),
    ctFlush: protocols.chain(protocol =>
      record('ct_flush', {
        zone: fc.oneof(fc.constant(undefined), u16),
        original: tuple(protocol),
        reply: tuple(protocol),
      }),
    ),
    setAsync: fc
      .record({ primary: masks(version < 5), secondary: masks(version < 5) })
      .map(({ primary, secondary }) => ({
        type: 'set_async' as const,
        primary: version < 4 ? firstThree(primary) : primary,
        secondary: version < 4 ? firstThree(secondary) : secondary,
      })),
  }
  if (version === 1) samples.flowFormat = record('set_flow_format', { nxm: fc.boolean() })
  if (version < 5)
    samples.monitors = fc.oneof<fc.Arbitrary<OfBody>[]>(
      record('flow_monitor_cancel', { id: u32 }),
      fc.constantFrom({ type: 'flow_monitor_paused' as const }, { type: 'flow_monitor_resumed' as const }),
    )
  if (version < 4) return samples
  return {
    ...samples,
    roleStatus: fc.record({
      type: fc.constant('role_status'),
      role,
      reason: fc.constantFrom(...roleReasons),
      generation: fc.oneof(fc.constant(undefined), generation),
    }),
    getAsync: fc
      .record({ primary: masks(version < 5), secondary: masks(version < 5) })
      .map(({ primary, secondary }) => ({
        type: 'get_async_reply' as const,
        primary: version < 5 ? zeroed(primary) : primary,
        secondary: version < 5 ? zeroed(secondary) : secondary,
      })),
    bundle: record('bundle_control', { bundle: u32, control: fc.constantFrom(...bundleControls), flags: u16 }),
  }
}

/** All ways to speak that messages differ in. */
export const speeches: readonly SampleSpeech[] = [
  { version: 1, nxm: false, tableId: false, packetIn: 'standard' },
  { version: 1, nxm: true, tableId: true, packetIn: 'nxt_packet_in' },
  { version: 2, nxm: false, tableId: false, packetIn: 'standard' },
  { version: 3, nxm: false, tableId: false, packetIn: 'nxt_packet_in2' },
  ...([3, 4, 5, 6] as const).map(version => ({ version, nxm: false, tableId: false, packetIn: 'standard' as const })),
]
