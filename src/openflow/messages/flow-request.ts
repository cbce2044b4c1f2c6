/** Requests for flows and for their sums. */
import { OfPort } from '../action.ts'
import { nicira } from '../actions/codec.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { formatRule } from '../flow-format.ts'
import { defaultPriority } from '../flow-mod.ts'
import { OfGroup } from '../group.ts'
import { decodeMatch, encodeMatch, pullNxMatch, putNxMatch } from '../match-wire.ts'
import type { FlowRequest } from '../message.ts'
import { fromPort11, toPort11 } from '../port-number.ts'
import { formatPort } from '../port-text.ts'
import type { DecodeContext, EncodeContext, MessageCodec, MessageForm, PrintOptions, Speech } from './codec.ts'
import { statsForm, vendorStatsForm } from './stats.ts'

/** OFPTT_ALL. */
const allTables = 0xff

const encode10 = (request: FlowRequest, out: Writer): void => {
  encodeMatch(out, request.match, 1)
  out.u8(request.table ?? allTables)
  out.u8(0)
  out.u16(request.outPort ?? OfPort.none)
}

const encode11 = (request: FlowRequest, out: Writer, { version }: EncodeContext): void => {
  out.u8(request.table ?? allTables)
  out.zeros(3)
  out.u32(toPort11(request.outPort ?? OfPort.none))
  out.u32(request.outGroup ?? OfGroup.any)
  out.u32(0)
  out.u64(request.cookie)
  out.u64(request.cookieMask)
  encodeMatch(out, request.match, version)
}

const encodeNx = (request: FlowRequest, out: Writer): void => {
  const start = out.at
  out.u16(request.outPort ?? OfPort.none)
  out.u16(0)
  out.u8(request.table ?? allTables)
  out.zeros(3)
  const length = putNxMatch(out, request.match, request)
  out.put16(start + 2, length)
}

const tableOf = (number: number): number | undefined => (number === allTables ? undefined : number)
const portOf = (number: number): number | undefined => (number === OfPort.none ? undefined : number)
const groupOf = (number: number): number | undefined => (number === OfGroup.any ? undefined : number)

const decode10 = (bytes: Reader): Decoded<FlowRequest> => {
  const match = decodeMatch(bytes, 1)
  if (!match.ok) return match
  const table = tableOf(bytes.u8())
  bytes.skip(1)
  const outPort = portOf(bytes.u16())
  return decoded({ table, match: match.value, outPort, outGroup: undefined, cookie: 0n, cookieMask: 0n })
}

const decode11 = (bytes: Reader, { version, warn, tlv }: DecodeContext): Decoded<FlowRequest> => {
  const table = tableOf(bytes.u8())
  bytes.skip(3)
  const port = fromPort11(bytes.u32(), warn)
  if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
  const outGroup = groupOf(bytes.u32())
  bytes.skip(4)
  const cookie = bytes.u64()
  const cookieMask = bytes.u64()
  const match = decodeMatch(bytes, version, { warn, tlv })
  if (!match.ok) return match
  return decoded({ table, match: match.value, outPort: portOf(port), outGroup, cookie, cookieMask })
}

const decodeNx = (bytes: Reader, { warn, tlv }: DecodeContext): Decoded<FlowRequest> => {
  const outPort = portOf(bytes.u16())
  const length = bytes.u16()
  const table = tableOf(bytes.u8())
  bytes.skip(3)
  const pulled = pullNxMatch(bytes, length, { cookie: true, warn, tlv })
  if (!pulled.ok) return pulled
  if (bytes.left > 0) return refused('OFPBRC_BAD_LEN')
  return decoded({ table, outPort, outGroup: undefined, ...pulled.value })
}

const print = (request: FlowRequest, options: PrintOptions): string => {
  const words: string[] = []
  if (request.table !== undefined) words.push(` table=${request.table}`)
  if (request.outPort !== undefined) words.push(` out_port=${formatPort(request.outPort, options.ports)}`)
  const match = formatRule(request.match, defaultPriority, options.ports, options.paint)
  return `${words.join('')}${match === '' ? '' : ` ${match}`}`
}

const codec = <T extends 'flow_request' | 'aggregate_request'>(type: T, name: string, kind: number) => {
  const standard = statsForm(name, 'request', kind, 1)
  const extended = vendorStatsForm(`NXST_${name}`, 'request', nicira, kind - 1, 1, 1)
  return {
    type,
    forms: [standard, extended] as readonly MessageForm[],
    choose: (_: FlowRequest, { version, nxm }: Speech) => (version === 1 && nxm ? extended : standard),
    encode(request: FlowRequest, out: Writer, context: EncodeContext): void {
      if (context.form.experimenter !== undefined) encodeNx(request, out)
      else if (context.version === 1) encode10(request, out)
      else encode11(request, out, context)
    },
    decode(bytes: Reader, context: DecodeContext): Decoded<{ type: T } & FlowRequest> {
      const request =
        context.form.experimenter !== undefined
          ? decodeNx(bytes, context)
          : context.version === 1
            ? decode10(bytes)
            : decode11(bytes, context)
      return request.ok ? decoded({ type, ...request.value }) : request
    },
    print,
  }
}

export const flowRequest: MessageCodec<'flow_request'> = codec('flow_request', 'FLOW', 1)
export const aggregateRequest: MessageCodec<'aggregate_request'> = codec('aggregate_request', 'AGGREGATE', 2)
