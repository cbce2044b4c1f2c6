import { word } from '../../flow/layout.ts'
import { hasForeignTuple, type Match } from '../../flow/match.ts'
import { normalize } from '../../flow/match-text.ts'
import type { OfAction } from '../action.ts'
import { OfPort } from '../action.ts'
import { checkReceived, preconditionOf } from '../action-check.ts'
import { decodeInstructions, encodeInstructions } from '../action-wire.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, type OfErrorName, refused } from '../error.ts'
import { formatFlowMod } from '../flow-format.ts'
import { defaultPriority, type FlowCommand, type FlowMod } from '../flow-mod.ts'
import { OfGroup } from '../group.ts'
import { decodeMatch, encodeMatch, pullNxMatch, putNxMatch } from '../match-wire.ts'
import { type BodyOf, noBuffer, noCookie } from '../message.ts'
import { headerSize } from '../message-header.ts'
import { ofp10MatchSize } from '../ofp10-match.ts'
import { formatOfp10Match } from '../ofp10-match-text.ts'
import { readPort, writePort } from '../port-number.ts'
import type { PortNames, Warn } from '../port-text.ts'
import { protocol, protocolsOf, type Version } from '../protocol.ts'
import type { DecodeContext, EncodeContext, MessageCodec } from './codec.ts'
import { nxForm, plainForm } from './forms.ts'

const plain = plainForm('FLOW_MOD', 14)
const nxt = nxForm('FLOW_MOD', 13)

/** OFPFC_*, by number. */
const commands = ['add', 'modify', 'modify_strict', 'delete', 'delete_strict'] as const satisfies FlowCommand[]
/** OFPTT_ALL. */
const allTables = 0xff
/** OFPFW10_ALL: all bits that say not to look. */
const allWild10 = 0x3fffff

/** OFPFF_*; bit 2 was `emergency` in 1.0. */
const Flag = {
  sendFlowRemoved: 1,
  checkOverlap: 2,
  resetCounts: 4,
  noPacketCounts: 8,
  noByteCounts: 16,
} as const
const emergency = 4
/** The bits that a version knows. */
const knownFlags: Readonly<Record<Version, number>> = { 1: 7, 2: 3, 3: 7, 4: 31, 5: 31, 6: 31 }

type Flags = Pick<FlowMod, keyof typeof Flag>

const flagBits = (flow: Flags, version: Version): number => {
  const bits =
    (flow.sendFlowRemoved ? Flag.sendFlowRemoved : 0) |
    (flow.checkOverlap ? Flag.checkOverlap : 0) |
    (flow.resetCounts ? Flag.resetCounts : 0) |
    (flow.noPacketCounts ? Flag.noPacketCounts : 0) |
    (flow.noByteCounts ? Flag.noByteCounts : 0)
  return bits & (version === 1 ? 3 : knownFlags[version])
}

const flagError = (bits: number, version: Version): OfErrorName | undefined => {
  if ((bits & ~knownFlags[version]) !== 0) return 'OFPFMFC_BAD_FLAGS'
  // Emergency flows are not there; no error says so better.
  return version === 1 && (bits & emergency) !== 0 ? 'OFPFMFC_TABLE_FULL' : undefined
}

/** Before 1.2 to add a flow again resets its counts, and there is no flag for it. */
const resetsByItself = (version: Version, command: FlowCommand): boolean => version < 3 && command === 'add'

type Body = BodyOf<'flow_mod'>

/** What is read before the actions; the flags are looked at after them. */
type Head = { body: Body; flags: number }

/** The bits of a body's flags; the body itself names them so that it is made in one piece. */
const setFlags = (body: Flags & { command: FlowCommand }, bits: number, version: Version): void => {
  body.sendFlowRemoved = (bits & Flag.sendFlowRemoved) !== 0
  body.checkOverlap = (bits & Flag.checkOverlap) !== 0
  body.resetCounts = resetsByItself(version, body.command) || (version >= 3 && (bits & Flag.resetCounts) !== 0)
  body.noPacketCounts = (bits & Flag.noPacketCounts) !== 0
  body.noByteCounts = (bits & Flag.noByteCounts) !== 0
}

const none: readonly OfAction[] = []

/** The table that stands for `undefined`: all where that may be said. */
const tableNumber = ({ table, command }: FlowMod, version: number): number =>
  table ?? (version > 2 && (command === 'delete' || command === 'delete_strict') ? allTables : 0)

const isDelete = (command: FlowCommand): boolean => command === 'delete' || command === 'delete_strict'

/** In 1.0 the table, if one can be said, is the upper byte of the command. */
const commandNumber = ({ command, table }: FlowMod, { tableId }: EncodeContext): number =>
  commands.indexOf(command) | (tableId ? (table ?? allTables) << 8 : 0)

const commandOf = (
  number: number,
  { tableId, warn }: DecodeContext,
): { command: number; table: number | undefined } => {
  if (tableId) {
    const table = number >>> 8
    return { command: number & 0xff, table: table === allTables ? undefined : table }
  }
  if (number > 0xff) warn('ofp_flow', 'flow_mod has explicit table_id but flow_mod_table_id extension is not enabled')
  return { command: number, table: undefined }
}

const encode10 = (flow: FlowMod & { bufferId: number }, out: Writer, context: EncodeContext): void => {
  encodeMatch(out, flow.match, 1)
  out.u64(cookieToGive(flow))
  encodeSettings(flow, out, context)
}

/** From the command to the flags, as 1.0 and the extension have it. */
const encodeSettings = (flow: FlowMod & { bufferId: number }, out: Writer, context: EncodeContext): void => {
  out.u16(commandNumber(flow, context))
  out.u16(flow.idleTimeout)
  out.u16(flow.hardTimeout)
  out.u16(flow.priority)
  out.u32(flow.bufferId)
  out.u16(flow.outPort ?? OfPort.none)
  out.u16(flagBits(flow, context.version))
}

const encodeNxt = (flow: FlowMod & { bufferId: number }, out: Writer, context: EncodeContext): void => {
  out.u64(cookieToGive(flow))
  encodeSettings(flow, out, context)
  const length = out.at
  out.zeros(8)
  out.put16(length, putNxMatch(out, flow.match, { cookie: flow.cookie, cookieMask: flow.cookieMask }))
}

const encode11 = (flow: FlowMod & { bufferId: number }, out: Writer, { version }: EncodeContext): void => {
  const gives = givesCookie(flow.command, flow.cookieMask, version)
  out.u64(gives ? cookieToGive(flow) : flow.cookie & flow.cookieMask)
  out.u64(gives ? 0n : flow.cookieMask)
  out.u8(tableNumber(flow, version))
  out.u8(commands.indexOf(flow.command))
  out.u16(flow.idleTimeout)
  out.u16(flow.hardTimeout)
  out.u16(flow.priority)
  out.u32(flow.bufferId)
  writePort(flow.outPort ?? OfPort.none, out, version)
  out.u32(flow.outGroup ?? OfGroup.any)
  out.u16(flagBits(flow, version))
  out.u16(version >= 5 ? flow.importance : 0)
  encodeMatch(out, flow.match, version)
}

const isModify = (command: FlowCommand): boolean => command === 'modify' || command === 'modify_strict'

/** Whether a cookie without a mask of its own is one to give: in 1.1 also to flows that are modified. */
const givesCookie = (command: FlowCommand, cookieMask: bigint, version: Version): boolean =>
  command === 'add' || (version === 2 && isModify(command) && cookieMask === 0n)

const cookieToGive = ({ newCookie, command }: FlowMod): bigint => newCookie ?? (isModify(command) ? noCookie : 0n)

/** A new cookie of all ones leaves the cookie as it is, but a flow that is added gets it. */
const newCookieOf = (cookie: bigint, command: FlowCommand): bigint | undefined =>
  cookie === noCookie && command !== 'add' ? undefined : cookie

const portOf = (port: number): number | undefined => (port === OfPort.none ? undefined : port)

/** OFPFW10_* of what stands behind Ethernet: protocol, ports and TOS, and all bits of the addresses. */
const upperWild = 0x2000e0
const addressesWild = (1 << 13) | (1 << 19)
const wholeProtocols: readonly number[] = [1, 6, 17, 132]

/** Whether a match surely has a right to all that it looks at: most do, and to find out what not takes long. */
const isNormal = ({ key, mask }: Match, wildcards: number): boolean => {
  if ((wildcards & upperWild) === upperWild && (wildcards & addressesWild) === addressesWild) return true
  const isIp = mask[word.ethType]! >>> 16 === 0xffff && key[word.ethType]! >>> 16 === 0x0800
  return isIp && (mask[word.ip]! & 0xff) === 0xff && wholeProtocols.includes(key[word.ip]! & 0xff)
}

const normalized = (raw: Match, { warn, paint }: DecodeContext): Match => {
  const { match, notes } = normalize(raw, paint)
  for (const note of notes) warn('ofp_match', note, 'INFO')
  return match
}

const decode10 = (bytes: Reader, context: DecodeContext): Decoded<Head> => {
  const start = bytes.at
  const wildcards = bytes.u32()
  bytes.at = start
  const raw = decodeMatch(bytes, 1, { matches: context.matches })
  if (!raw.ok) return raw
  const match = isNormal(raw.value, wildcards) ? raw.value : normalized(raw.value, context)
  const cookie = bytes.u64()
  const head = decodeSettings(bytes, context, match, cookie, { cookie: 0n, cookieMask: 0n })
  // A flow that looks at everything has the highest priority, whatever it says (OpenFlow 1.0 §3.4).
  if (head.ok && (wildcards & allWild10) === 0) head.value.body.priority = 0xffff
  return head
}

const decodeSettings = (
  bytes: Reader,
  context: DecodeContext,
  match: Match,
  newCookie: bigint,
  cookies: { cookie: bigint; cookieMask: bigint },
): Decoded<Head> => {
  const { command: number, table } = commandOf(bytes.u16(), context)
  const command = commands[number]
  const idleTimeout = bytes.u16()
  const hardTimeout = bytes.u16()
  const priority = bytes.u16()
  const bufferId = bytes.u32()
  const outPort = portOf(bytes.u16())
  const flags = bytes.u16()
  if (command === undefined) return refused('OFPFMFC_BAD_COMMAND')
  const body: Body = {
    type: 'flow_mod',
    bufferId,
    command,
    table,
    priority,
    match,
    newCookie: newCookieOf(newCookie, command),
    cookie: cookies.cookie,
    cookieMask: cookies.cookieMask,
    idleTimeout,
    hardTimeout,
    importance: 0,
    outPort,
    outGroup: undefined,
    sendFlowRemoved: false,
    checkOverlap: false,
    resetCounts: false,
    noPacketCounts: false,
    noByteCounts: false,
    actions: none,
  }
  setFlags(body, flags, context.version)
  return decoded({ body, flags })
}

const nxtSettingsSize = 16
const decodeNxt = (bytes: Reader, context: DecodeContext): Decoded<Head> => {
  const newCookie = bytes.u64()
  const settings = bytes.part(nxtSettingsSize) as Reader
  const length = bytes.u16()
  bytes.skip(6)
  const pulled = pullNxMatch(bytes, length, {
    cookie: true,
    warn: context.warn,
    matches: context.matches,
    tlv: context.tlv,
  })
  if (!pulled.ok) return pulled
  // Flows that are added only get a cookie: there is none to look for.
  const adds = settings.bytes[settings.at + 1] === 0
  if (adds && pulled.value.cookieMask !== 0n) return refused('NXBRC_NXM_INVALID')
  return decodeSettings(settings, context, pulled.value.match, newCookie, pulled.value)
}

const decode11 = (bytes: Reader, { version, warn, matches, tlv }: DecodeContext): Decoded<Head> => {
  const cookie = bytes.u64()
  const cookieMask = bytes.u64()
  const table = bytes.u8()
  const command = commands[bytes.u8()]
  const idleTimeout = bytes.u16()
  const hardTimeout = bytes.u16()
  const priority = bytes.u16()
  const bufferId = bytes.u32()
  const outPort = readPort(bytes, version, warn)
  const group = bytes.u32()
  const flags = bytes.u16()
  const importance = bytes.u16()
  const match = decodeMatch(bytes, version, { warn, matches, tlv })
  if (!match.ok) return match
  const mayBeAll = version > 2 && command !== undefined && isDelete(command)
  if (table === allTables && !mayBeAll) return refused('OFPFMFC_BAD_TABLE_ID')
  if (outPort === undefined) return refused('OFPBAC_BAD_OUT_PORT')
  if (command === undefined) return refused('OFPFMFC_BAD_COMMAND')
  const adds = command === 'add'
  const gives = givesCookie(command, cookieMask, version)
  const body: Body = {
    type: 'flow_mod',
    bufferId,
    command,
    table: table === allTables ? undefined : table,
    priority,
    match: match.value,
    newCookie: gives ? newCookieOf(cookie, command) : undefined,
    cookie: gives ? 0n : cookie,
    cookieMask: gives ? 0n : cookieMask,
    idleTimeout,
    hardTimeout,
    importance: version >= 5 && adds ? importance : 0,
    outPort: portOf(outPort),
    outGroup: group === OfGroup.any ? undefined : group,
    sendFlowRemoved: false,
    checkOverlap: false,
    resetCounts: false,
    noPacketCounts: false,
    noByteCounts: false,
    actions: none,
  }
  setFlags(body, flags, version)
  return decoded({ body, flags })
}

const decodeHead = (bytes: Reader, context: DecodeContext): Decoded<Head> => {
  if (context.form === nxt) return decodeNxt(bytes, context)
  return context.version === 1 ? decode10(bytes, context) : decode11(bytes, context)
}

/** The ways of a version to say flows, one of which the actions must be right in. */
const spoken = ([1, 2, 3, 4, 5, 6] satisfies Version[]).map(version =>
  version === 1 ? protocol.of10 | protocol.nxm : protocolsOf(version),
)

const instructionsOf = (bytes: Reader, { version, warn, recent, tlv }: DecodeContext): Decoded<readonly OfAction[]> =>
  decodeInstructions(bytes, version, { warn, recent, mapped: tlv })

const actionsError = (actions: readonly OfAction[], body: Body, context: DecodeContext): OfErrorName | undefined => {
  const { recent, version } = context
  const isGood = recent?.checked.isGood(actions, body.match, body.table, version) ?? false
  return isGood ? undefined : checked(actions, body, context)
}

const checked = (
  actions: readonly OfAction[],
  { match, table }: Body,
  { version, warn, recent }: DecodeContext,
): OfErrorName | undefined => {
  let warned = false
  const noting: Warn = (...said) => {
    warned = true
    warn(...said)
  }
  const error = checkReceived(actions, match, table, spoken[version - 1]!, { warn: noting })
  if (error === undefined && !warned) recent?.checked.keep(actions, match, table, version)
  return error
}

const withActions = ({ body, flags }: Head, actions: readonly OfAction[], context: DecodeContext): Decoded<Body> => {
  const wrong =
    flagError(flags, context.version) ??
    (hasForeignTuple(body.match) ? 'OFPBAC_MATCH_INCONSISTENT' : undefined) ??
    actionsError(actions, body, context)
  if (wrong !== undefined) return refused(wrong)
  body.actions = actions
  return decoded(body)
}

const wireRule = (bytes: Uint8Array, priority: number, ports: PortNames | undefined): string => {
  const match = formatOfp10Match(bytes.subarray(headerSize, headerSize + ofp10MatchSize), ports)
  return priority === defaultPriority ? match : `${match} pri:${priority}`
}

/** OFPT_FLOW_MOD of all versions, and NXT_FLOW_MOD. */
export const flowMod: MessageCodec<'flow_mod'> = {
  type: 'flow_mod',
  forms: [plain, nxt],
  choose: (_, { version, nxm }) => (version === 1 && nxm ? nxt : plain),
  encode(body, out, context) {
    const { version, form } = context
    if (form === nxt) encodeNxt(body, out, context)
    else if (version === 1) encode10(body, out, context)
    else encode11(body, out, context)
    encodeInstructions(out, body.actions, version, preconditionOf(body.match))
  },
  decode(bytes, context) {
    const head = decodeHead(bytes, context)
    if (!head.ok) return head
    const actions = instructionsOf(bytes, context)
    return actions.ok ? withActions(head.value, actions.value, context) : actions
  },
  print(body, { version, ports, paint, verbosity, form, bytes }) {
    const bufferId = body.bufferId === noBuffer ? undefined : body.bufferId
    const hidden = resetsByItself(version, body.command)
    // What 1.0 has on the wire says more than what it comes to.
    const rule =
      verbosity >= 3 && version === 1 && form === plain ? { rule: wireRule(bytes, body.priority, ports) } : {}
    const shown = hidden ? { ...body, resetCounts: false } : body
    return ` ${formatFlowMod(shown, ports, { bufferId, ...rule }, paint)}\n`
  },
}
