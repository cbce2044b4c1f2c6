/** Flow monitors: Nicira's up to 1.2, the ONF's of 1.3, and OFPMP_FLOW_MONITOR since 1.4. */
import { OfPort } from '../action.ts'
import { nicira, onf } from '../actions/codec.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { formatRule } from '../flow-format.ts'
import { defaultPriority } from '../flow-mod.ts'
import { OfGroup } from '../group.ts'
import { decodeMatch, encodeMatch, pullNxMatch, putNxMatch } from '../match-wire.ts'
import type { FlowMonitorRequest } from '../message.ts'
import { fromPort11, toPort11 } from '../port-number.ts'
import { formatPort } from '../port-text.ts'
import type { Version } from '../protocol.ts'
import { formatTable } from '../table-text.ts'
import type { DecodeContext, MessageCodec, PrintOptions } from './codec.ts'
import { formOf, listBody, statsForm, takeList, vendorStatsForm } from './stats.ts'

export const monitorForms = (side: 'request' | 'reply') => [
  vendorStatsForm('NXST_FLOW_MONITOR', side, nicira, 2, 1, 3),
  vendorStatsForm('ONFST_FLOW_MONITOR', side, onf, 1870, 4, 4),
  statsForm('FLOW_MONITOR', side, 16, 5),
]
const forms = monitorForms('request')

/** OFPFMF_*: bit n, in the order of text; up to 1.3 bit 5 is "own", and there is no other way to say whose changes count. */
const flagBits = (version: Version) =>
  [
    ['initial', 0, 'initial'],
    ['add', 1, 'add'],
    ['removed', 2, 'delete'],
    ['modify', 3, 'modify'],
    ['instructions', 4, 'actions'],
    ['onlyOwn', version < 5 ? 5 : 6, 'own'],
  ] as const

type Flags = FlowMonitorRequest['flags']
const bitsOf = (flags: Flags, version: Version): number =>
  flagBits(version).reduce((bits, [name, bit]) => (flags[name] ? bits | (1 << bit) : bits), 0)

/** What kinds of changes are wanted; one at least must be. */
const anyChange = 0b1110

const flagsOf = (bits: number, context: DecodeContext): Decoded<Flags> => {
  const flags: Flags = {
    initial: false,
    add: false,
    removed: false,
    modify: false,
    instructions: false,
    noAbbrev: false,
    onlyOwn: false,
  }
  let rest = bits
  for (const [name, bit] of flagBits(context.version)) {
    flags[name] = ((bits >>> bit) & 1) === 1
    rest &= ~(1 << bit)
  }
  if (rest === 0 && (bits & anyChange) !== 0) return decoded(flags)
  const name = context.form.name.replace(' request', '')
  context.warn('ofp_monitor', `${name} has bad flags ${bits === 0 ? '0' : `0x${bits.toString(16)}`}`)
  return refused('OFPMOFC_BAD_FLAGS')
}

/** OFPFMC_*. */
const commands = ['add', 'modify', 'delete'] as const satisfies readonly FlowMonitorRequest['command'][]
const allTables = 0xff
const tableOf = (number: number): number | undefined => (number === allTables ? undefined : number)
const portOf = (number: number): number | undefined => (number === OfPort.none ? undefined : number)

const takeNx = (bytes: Reader, context: DecodeContext): Decoded<FlowMonitorRequest> => {
  if (bytes.left < 16) return refused('OFPBRC_BAD_LEN')
  const id = bytes.u32()
  const flags = flagsOf(bytes.u16(), context)
  if (!flags.ok) return flags
  const outPort = portOf(bytes.u16())
  const length = bytes.u16()
  const table = tableOf(bytes.u8())
  bytes.skip(5)
  const match = pullNxMatch(bytes, length, { warn: context.warn, tlv: context.tlv })
  if (!match.ok) return match
  return decoded({
    id,
    command: 'add',
    flags: flags.value,
    table,
    outPort,
    outGroup: undefined,
    match: match.value.match,
  })
}

const takeOnf = (bytes: Reader, context: DecodeContext): Decoded<FlowMonitorRequest> => {
  if (bytes.left < 16) return refused('OFPBRC_BAD_LEN')
  const id = bytes.u32()
  const flags = flagsOf(bytes.u16(), context)
  if (!flags.ok) return flags
  bytes.skip(2)
  const port = fromPort11(bytes.u32(), context.warn)
  if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
  const table = tableOf(bytes.u8())
  bytes.skip(3)
  const match = decodeMatch(bytes, context.version, { warn: context.warn, tlv: context.tlv })
  if (!match.ok) return match
  return decoded({
    id,
    command: 'add',
    flags: flags.value,
    table,
    outPort: portOf(port),
    outGroup: undefined,
    match: match.value,
  })
}

const take14 = (bytes: Reader, context: DecodeContext): Decoded<FlowMonitorRequest> => {
  if (bytes.left < 16) return refused('OFPBRC_BAD_LEN')
  const id = bytes.u32()
  const number = bytes.u32()
  const group = bytes.u32()
  const bits = bytes.u16()
  const table = tableOf(bytes.u8())
  const command = commands[bytes.u8()] ?? 'add'
  const flags = command === 'delete' ? decoded(noFlags) : flagsOf(bits, context)
  if (!flags.ok) return flags
  const port = fromPort11(number, context.warn)
  if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
  const match = decodeMatch(bytes, context.version, { warn: context.warn, tlv: context.tlv })
  if (!match.ok) return match
  const outGroup = group === OfGroup.any ? undefined : group
  return decoded({ id, command, flags: flags.value, table, outPort: portOf(port), outGroup, match: match.value })
}

const noFlags: Flags = {
  initial: false,
  add: false,
  removed: false,
  modify: false,
  instructions: false,
  noAbbrev: false,
  onlyOwn: false,
}

const putNx = (request: FlowMonitorRequest, out: Writer, version: Version): void => {
  out.u32(request.id)
  out.u16(bitsOf(request.flags, version))
  out.u16(request.outPort ?? OfPort.none)
  const at = out.at
  out.u16(0)
  out.u8(request.table ?? allTables)
  out.zeros(5)
  out.put16(at, putNxMatch(out, request.match))
}

const putOnf = (request: FlowMonitorRequest, out: Writer, version: Version): void => {
  out.u32(request.id)
  out.u16(bitsOf(request.flags, version))
  out.u16(0)
  out.u32(toPort11(request.outPort ?? OfPort.none))
  out.u8(request.table ?? allTables)
  out.zeros(3)
  encodeMatch(out, request.match, version)
}

const put14 = (request: FlowMonitorRequest, out: Writer, version: Version): void => {
  out.u32(request.id)
  out.u32(toPort11(request.outPort ?? OfPort.none))
  out.u32(request.outGroup ?? OfGroup.any)
  out.u16(bitsOf(request.flags, version))
  out.u8(request.table ?? allTables)
  out.u8(commands.indexOf(request.command))
  encodeMatch(out, request.match, version)
}

const formatRequest = (request: FlowMonitorRequest, { version, ports, tables, paint }: PrintOptions): string => {
  if (request.command === 'delete') return ` id=${request.id} command=delete\n`
  const flags = flagBits(version).flatMap(([name, , word]) => (request.flags[name] ? [word] : []))
  const words = [`id=${request.id}`, `flags=${flags.join(',')}`]
  if (request.outPort !== undefined) words.push(`out_port=${formatPort(request.outPort, ports)}`)
  if (request.outGroup !== undefined) words.push(`out_group=${request.outGroup}`)
  if (request.table !== undefined) words.push(`table=${formatTable(request.table, tables)}`)
  const match = formatRule(request.match, defaultPriority, ports, paint)
  return ` ${words.join(' ')}${match === '' ? '' : ` ${match}`}\n`
}

export const flowMonitorRequest: MessageCodec<'flow_monitor_request'> = {
  type: 'flow_monitor_request',
  forms,
  choose: (_, speech) => formOf(forms, speech),
  encode({ requests }, out, { version }) {
    const put = version < 4 ? putNx : version === 4 ? putOnf : put14
    for (const request of requests) put(request, out, version)
  },
  decode(bytes, context) {
    const take = context.version < 4 ? takeNx : context.version === 4 ? takeOnf : take14
    const read = takeList(bytes, reader => take(reader, context))
    return listBody({ type: 'flow_monitor_request', requests: read.items }, read)
  },
  print: ({ requests }, options) => `\n${requests.map(request => formatRequest(request, options)).join('')}`,
}
