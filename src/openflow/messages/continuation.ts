/**
 * A paused translation, as NXT_PACKET_IN2 carries it out and NXT_RESUME back in: properties that only a switch reads, and
 * that must be its own (ovs-actions(7), "controller(…,pause)").
 */
import type { Paint } from '../../flow/paint.ts'
import type { OfAction } from '../action.ts'
import { formatActions } from '../action-text.ts'
import { encodeActions } from '../action-wire.ts'
import { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import type { PortNames, Warn } from '../port-text.ts'
import {
  beginProperty,
  type Property,
  property8,
  property32,
  property64,
  takeProperty,
  unknownProperty,
} from '../property.ts'
import type { Version } from '../protocol.ts'
import { takeActions } from './action-list.ts'

/** Stands before actions and says of which table and flow they are: no action of OpenFlow's, though it prints as one. */
export type Unroll = { type: 'unroll_xlate'; table: number; cookie: bigint }

/** What is left to do, in order. */
export type PausedAction = OfAction | Unroll

export type Continuation = {
  /** The bridge's UUID, 16 bytes. */
  bridge: Uint8Array
  /** What `push` left, the top first. */
  stack: readonly Uint8Array[]
  /** Bits of the mirrors that have had the packet. */
  mirrors: number
  conntracked: boolean
  actions: readonly PausedAction[]
  actionSet: readonly OfAction[]
  datapathPort: number | undefined
}

/** NXCPT_*. */
const Kind = {
  bridge: 0x8000,
  stack: 0x8001,
  mirrors: 0x8002,
  conntracked: 0x8003,
  table: 0x8004,
  cookie: 0x8005,
  actions: 0x8006,
  actionSet: 0x8007,
  datapathPort: 0x8008,
} as const
const bridgeSize = 16
/** Bytes of the widest thing that can be pushed. */
const widestValue = 128

const put = (type: number, out: Writer, write: () => void): void => {
  const end = beginProperty(out, type)
  write()
  end()
}

/** The properties of a continuation, as `PacketInBody` has them. */
export const encodeContinuation = (it: Continuation, version: Version): Uint8Array => {
  const out = new Writer()
  put(Kind.bridge, out, () => out.raw(it.bridge))
  for (const value of it.stack) put(Kind.stack, out, () => out.raw(value))
  if (it.mirrors !== 0) put(Kind.mirrors, out, () => out.u32(it.mirrors))
  if (it.conntracked) put(Kind.conntracked, out, () => {})
  putPaused(out, it.actions, version)
  putActions(out, Kind.actionSet, it.actionSet, version)
  const { datapathPort } = it
  if (datapathPort !== undefined) put(Kind.datapathPort, out, () => out.u32(datapathPort))
  return out.done()
}

const putActions = (out: Writer, type: number, list: readonly OfAction[], version: Version): void => {
  if (list.length === 0) return
  put(type, out, () => {
    out.u32(0)
    encodeActions(out, list, version)
  })
}

/** One property for the actions of each place, and before it those that say where the place is another. */
const putPaused = (out: Writer, actions: readonly PausedAction[], version: Version): void => {
  let [table, cookie] = [0, 0n]
  let part: OfAction[] = []
  for (const action of actions) {
    if (action.type !== 'unroll_xlate') {
      part.push(action)
      continue
    }
    putActions(out, Kind.actions, part, version)
    part = []
    if (action.table !== table) put(Kind.table, out, () => out.u8(action.table))
    if (action.cookie !== cookie)
      put(Kind.cookie, out, () => {
        out.u32(0)
        out.u64(action.cookie)
      })
    ;({ table, cookie } = action)
  }
  putActions(out, Kind.actions, part, version)
}

const takeList = ({ bytes }: Property, version: Version, warn: Warn): Decoded<OfAction[]> => {
  if (bytes.left < 4) {
    warn('ofp_packet', `actions property has bad length ${bytes.left + 4}`)
    return refused('OFPBPC_BAD_LEN')
  }
  bytes.skip(4)
  return takeActions(bytes, bytes.left, version, warn)
}

const takeStack = ({ bytes }: Property, stack: readonly Uint8Array[], warn: Warn): Decoded<Uint8Array[]> => {
  const value = bytes.rest()
  if (value.length <= widestValue) return decoded([...stack, value])
  warn('ofp_packet', `NXCPT_STACK property has bad length ${value.length}`)
  return refused('OFPBPC_BAD_LEN')
}

/** What has been read, and the place of the actions that come next. */
type Reading = Continuation & { table: number; cookie: bigint }

/** What one property says. One that is not known says nothing, or if `strict` is wrong. */
const read = (
  property: Property,
  so: Reading,
  { version, warn = silent, strict = false }: ContinuationOptions,
): Decoded<Partial<Reading>> => {
  const { bytes, type } = property
  const as = <K extends keyof Reading>(key: K, got: Decoded<Reading[K]>): Decoded<Partial<Reading>> =>
    got.ok ? decoded({ [key]: got.value } as Partial<Reading>) : got
  switch (type) {
    case Kind.bridge:
      return bytes.left === bridgeSize ? decoded({ bridge: bytes.rest() }) : refused('OFPBPC_BAD_LEN')
    case Kind.stack:
      return as('stack', takeStack(property, so.stack, warn))
    case Kind.mirrors:
      return as('mirrors', property32(property))
    case Kind.conntracked:
      return decoded({ conntracked: true })
    case Kind.table:
      return as('table', property8(property))
    case Kind.cookie:
      return as('cookie', property64(property))
    case Kind.actions: {
      const { table, cookie, actions } = so
      const more = takeList(property, version, warn)
      return more.ok ? decoded({ actions: [...actions, { type: 'unroll_xlate', table, cookie }, ...more.value] }) : more
    }
    case Kind.actionSet:
      return as('actionSet', takeList(property, version, warn))
    case Kind.datapathPort:
      return as('datapathPort', property32(property))
    default:
      return strict ? unknownProperty(property) : decoded({})
  }
}

const silent: Warn = () => {}

export type ContinuationOptions = {
  version: Version
  warn?: Warn
  /** Whether properties that are not known are refused: by a switch that is to go on. */
  strict?: boolean
}

export const decodeContinuation = (bytes: Uint8Array, options: ContinuationOptions): Decoded<Continuation> => {
  let so: Reading = {
    bridge: new Uint8Array(bridgeSize),
    stack: [],
    mirrors: 0,
    conntracked: false,
    table: 0,
    cookie: 0n,
    actions: [],
    actionSet: [],
    datapathPort: undefined,
  }
  const list = new Reader(bytes)
  while (list.left > 0) {
    const property = takeProperty(list)
    if (!property.ok) return property
    const got = read(property.value, so, options)
    if (!got.ok) return got
    so = { ...so, ...got.value }
  }
  const { table: _, cookie: __, ...whole } = so
  return decoded(whole)
}

/** Actions as text, the places of paused ones among them. */
export const formatPaused = (actions: readonly PausedAction[], ports?: PortNames, paint?: Paint): string =>
  actions
    .map(action =>
      action.type === 'unroll_xlate'
        ? `unroll_xlate(table=${action.table}, cookie=${action.cookie})`
        : formatActions([action], ports, undefined, paint),
    )
    .join(',')

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, byte => byte.toString(16).padStart(2, '0'))
    .join('')
    .replace(/^0+/, '')

/** A UUID whose words stand in the order of a little-endian machine, as Open vSwitch writes its own. */
const formatUuid = (bytes: Uint8Array): string => {
  const words = [0, 4, 8, 12].map(at =>
    Array.from(bytes.subarray(at, at + 4), byte => byte.toString(16).padStart(2, '0'))
      .reverse()
      .join(''),
  ) as [string, string, string, string]
  const [a, b, c, d] = words
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`
}

/** Lines, each with a space in front. */
export const formatContinuation = (it: Continuation, ports?: PortNames, paint?: Paint): string => {
  const lines: string[] = []
  if (it.bridge.some(byte => byte !== 0)) lines.push(`bridge=${formatUuid(it.bridge)}`)
  if (it.stack.length > 0) {
    const values = it.stack.map(value => (hexOf(value) === '' ? '0' : `0x${hexOf(value)}`))
    lines.push(`stack=(top) ${values.join(' ')} (bottom)`)
  }
  if (it.mirrors !== 0) lines.push(`mirrors=0x${it.mirrors.toString(16)}`)
  if (it.conntracked) lines.push('conntracked=true')
  if (it.actions.length > 0) lines.push(`actions=${formatPaused(it.actions, ports, paint)}`)
  if (it.actionSet.length > 0) lines.push(`action_set=${formatActions(it.actionSet, ports, undefined, paint)}`)
  if (it.datapathPort !== undefined && it.datapathPort !== 0) lines.push(`odp_port=${it.datapathPort}`)
  return lines.map(line => ` continuation.${line}\n`).join('')
}
