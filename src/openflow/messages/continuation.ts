/**
 * A paused translation, as NXT_PACKET_IN2 carries it out and NXT_RESUME back in: properties that only a switch reads, and
 * that must be its own (ovs-actions(7), "controller(…,pause)").
 */
import type { OfAction } from '../action.ts'
import { formatActions } from '../action-text.ts'
import { encodeActions } from '../action-wire.ts'
import { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import type { PortNames, Warn } from '../port-text.ts'
import { beginProperty, type Property, property8, property32, property64, takeProperty } from '../property.ts'
import type { Version } from '../protocol.ts'
import { takeActions } from './action-list.ts'

export type Continuation = {
  /** The bridge's UUID, 16 bytes. */
  bridge: Uint8Array
  /** What `push` left, the top first. */
  stack: readonly Uint8Array[]
  /** Bits of the mirrors that have had the packet. */
  mirrors: number
  conntracked: boolean
  /** Of the rule whose actions go on. */
  table: number
  cookie: bigint
  actions: readonly OfAction[] | undefined
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
  const actions = (type: number, list: readonly OfAction[]): void =>
    put(type, out, () => {
      out.u32(0)
      encodeActions(out, list, version)
    })
  put(Kind.bridge, out, () => out.raw(it.bridge))
  for (const value of it.stack) put(Kind.stack, out, () => out.raw(value))
  if (it.mirrors !== 0) put(Kind.mirrors, out, () => out.u32(it.mirrors))
  if (it.conntracked) put(Kind.conntracked, out, () => {})
  if (it.actions !== undefined) {
    put(Kind.table, out, () => out.u8(it.table))
    put(Kind.cookie, out, () => {
      out.u32(0)
      out.u64(it.cookie)
    })
    actions(Kind.actions, it.actions)
  }
  if (it.actionSet.length > 0) actions(Kind.actionSet, it.actionSet)
  const { datapathPort } = it
  if (datapathPort !== undefined) put(Kind.datapathPort, out, () => out.u32(datapathPort))
  return out.done()
}

const takeList = ({ bytes }: Property, version: Version, warn: Warn): Decoded<OfAction[]> => {
  if (bytes.left < 4) {
    warn('ofp_packet', `actions property has bad length ${bytes.left + 4}`)
    return refused('OFPBPC_BAD_LEN')
  }
  bytes.skip(4)
  return takeActions(bytes, bytes.left, version, warn, true)
}

const takeStack = ({ bytes }: Property, stack: readonly Uint8Array[], warn: Warn): Decoded<Uint8Array[]> => {
  const value = bytes.rest()
  if (value.length <= widestValue) return decoded([...stack, value])
  warn('ofp_packet', `NXCPT_STACK property has bad length ${value.length}`)
  return refused('OFPBPC_BAD_LEN')
}

/** What one property says; nothing if it is not known. */
const read = (property: Property, so: Continuation, version: Version, warn: Warn): Decoded<Partial<Continuation>> => {
  const { bytes, type } = property
  const as = <K extends keyof Continuation>(key: K, got: Decoded<Continuation[K]>): Decoded<Partial<Continuation>> =>
    got.ok ? decoded({ [key]: got.value } as Partial<Continuation>) : got
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
    case Kind.actions:
      return as('actions', takeList(property, version, warn))
    case Kind.actionSet:
      return as('actionSet', takeList(property, version, warn))
    case Kind.datapathPort:
      return as('datapathPort', property32(property))
    default:
      return decoded({})
  }
}

export const decodeContinuation = (
  bytes: Uint8Array,
  version: Version,
  warn: Warn = () => {},
): Decoded<Continuation> => {
  let so: Continuation = {
    bridge: new Uint8Array(bridgeSize),
    stack: [],
    mirrors: 0,
    conntracked: false,
    table: 0,
    cookie: 0n,
    actions: undefined,
    actionSet: [],
    datapathPort: undefined,
  }
  const list = new Reader(bytes)
  while (list.left > 0) {
    const property = takeProperty(list)
    if (!property.ok) return property
    const got = read(property.value, so, version, warn)
    if (!got.ok) return got
    so = { ...so, ...got.value }
  }
  return decoded(so)
}

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
export const formatContinuation = (it: Continuation, ports?: PortNames): string => {
  const lines: string[] = []
  if (it.bridge.some(byte => byte !== 0)) lines.push(`bridge=${formatUuid(it.bridge)}`)
  if (it.stack.length > 0) {
    const values = it.stack.map(value => (hexOf(value) === '' ? '0' : `0x${hexOf(value)}`))
    lines.push(`stack=(top) ${values.join(' ')} (bottom)`)
  }
  if (it.mirrors !== 0) lines.push(`mirrors=0x${it.mirrors.toString(16)}`)
  if (it.conntracked) lines.push('conntracked=true')
  if (it.actions !== undefined) {
    const cookie = it.cookie === 0n ? '0' : `0x${it.cookie.toString(16)}`
    const unroll = `unroll_xlate(table=${it.table}, cookie=${cookie})`
    lines.push(`actions=${[unroll, ...(it.actions.length === 0 ? [] : [formatActions(it.actions, ports)])].join(',')}`)
  }
  if (it.actionSet.length > 0) lines.push(`action_set=${formatActions(it.actionSet, ports)}`)
  if (it.datapathPort !== undefined && it.datapathPort !== 0) lines.push(`odp_port=${it.datapathPort}`)
  return lines.map(line => ` continuation.${line}\n`).join('')
}
