/**
 * What bridges tell each other so that no frame goes round in circles: spanning tree (IEEE 802.1D-1998 §9), rapid
 * spanning tree (IEEE 802.1D-2004 §9.3) and multiple spanning trees (`mst.ts`). It stands behind an LLC header with both service points 0x42, in frames to
 * 01:80:c2:00:00:00.
 */
import { formatMac, type Mac } from './address.ts'
import { EthernetHeader } from './ethernet.ts'
import { Frame } from './frame.ts'
import { header, u8, u16, u32, u64 } from './header.ts'
import { LlcHeader, LlcSap } from './llc.ts'
import { type Mst, mstSize, readMst, writeMst } from './mst.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

export const BpduType = { config: 0x00, rapid: 0x02, change: 0x80 } as const

/** The bridge group address: no bridge forwards what is sent there. */
export const bridgeGroup: Mac = 0x0180c2000000

/** All of a configuration message; one that tells only of a change ends behind `type`, a rapid one has a byte more. */
export const BpduHeader = header('BPDU', 35, {
  protocol: [0, u16],
  version: [2, u8],
  type: [3, u8],
  flags: [4, u8],
  root: [5, u64],
  rootCost: [13, u32],
  bridge: [17, u64],
  port: [25, u16],
  messageAge: [27, u16],
  maxAge: [29, u16],
  helloTime: [31, u16],
  forwardDelay: [33, u16],
})

/** Bytes up to `type`, which every message has. */
export const smallestBpdu = 4

/** Role of a port as rapid messages have it. */
export const BpduRole = { unknown: 0, alternate: 1, root: 2, designated: 3 } as const

/** Bits of `flags`; role is two bits from `roleShift` on. Those of 1998 are the first and the last. */
export const BpduFlag = {
  change: 0x01,
  proposal: 0x02,
  learning: 0x10,
  forwarding: 0x20,
  agreement: 0x40,
  changeAck: 0x80,
} as const
export const roleShift = 2

/** The priority, a point, the MAC: `8000.02:00:00:00:00:01`. */
export const formatBridgeId = (id: bigint): string =>
  `${(id >> 48n).toString(16).padStart(4, '0')}.${formatMac(Number(id & 0xffffffffffffn))}`

/** Bridges are 16 bits of priority and 48 of MAC, ports 4 or 8 bits of priority and the rest a number; times are in 1/256 s. */
export type TreeMessage = {
  flags: number
  root: bigint
  rootCost: number
  bridge: bigint
  port: number
  messageAge: number
  maxAge: number
  helloTime: number
  forwardDelay: number
}
export type Bpdu =
  | ({ kind: 'config'; version: number } & TreeMessage)
  | ({ kind: 'rapid'; version: number; mst?: Mst } & TreeMessage)
  | { kind: 'change'; version: number }

/**
 * The bytes behind LLC. Refuses `short`, as `version` another protocol than 0, as `value` a type that is none of the three.
 * Versions pass: what a higher one has beyond this is left unread, as IEEE 802.1D-2004 §9.3.4 asks.
 */
export const parseBpdu = (bytes: Uint8Array, start: number, end: number): Parsed<Bpdu & { payload: number }> => {
  if (start + smallestBpdu > end) return refused('short')
  const { at } = BpduHeader
  if (at.protocol(bytes, start) !== 0) return refused('version')
  const version = at.version(bytes, start)
  const type = at.type(bytes, start)
  if (type === BpduType.change) return parsed({ kind: 'change', version, payload: start + smallestBpdu })
  if (type !== BpduType.config && type !== BpduType.rapid) return refused('value')
  const isRapid = type === BpduType.rapid
  const payload = start + BpduHeader.size + (isRapid ? 1 : 0)
  if (payload > end) return refused('short')
  const message = { version, ...readMessage(bytes, start) }
  if (!isRapid) return parsed({ kind: 'config', ...message, payload })
  const mst = version >= multipleVersion ? readMst(bytes, payload, end) : undefined
  if (mst === undefined) return parsed({ kind: 'rapid', ...message, payload })
  return parsed({ kind: 'rapid', ...message, mst, payload: payload + mstSize(mst) })
}

/** Version 2 is that of rapid spanning tree, 0 that of 1998. */
export const rapidVersion = 2
/** That of multiple spanning trees; where what it writes behind a rapid message makes no sense, that is left unread. */
const multipleVersion = 3

const readMessage = (bytes: Uint8Array, start: number): TreeMessage => {
  const { at } = BpduHeader
  return {
    flags: at.flags(bytes, start),
    root: at.root(bytes, start),
    rootCost: at.rootCost(bytes, start),
    bridge: at.bridge(bytes, start),
    port: at.port(bytes, start),
    messageAge: at.messageAge(bytes, start),
    maxAge: at.maxAge(bytes, start),
    helloTime: at.helloTime(bytes, start),
    forwardDelay: at.forwardDelay(bytes, start),
  }
}

/** Bytes: 4, 35, or 36 and what multiple spanning trees add. */
export const bpduSize = (bpdu: Bpdu): number => {
  if (bpdu.kind === 'change') return smallestBpdu
  if (bpdu.kind === 'config') return BpduHeader.size
  return rapidSize + (bpdu.mst === undefined ? 0 : mstSize(bpdu.mst))
}

/** Writes `bpduSize` bytes; returns how many. */
export const writeBpdu = (bytes: Uint8Array, at: number, bpdu: Bpdu): number => {
  const size = bpduSize(bpdu)
  bytes.fill(0, at, at + size)
  const { put } = BpduHeader
  put.version(bytes, at, bpdu.version)
  put.type(bytes, at, BpduType[bpdu.kind])
  if (bpdu.kind === 'change') return size
  put.flags(bytes, at, bpdu.flags)
  put.root(bytes, at, bpdu.root)
  put.rootCost(bytes, at, bpdu.rootCost)
  put.bridge(bytes, at, bpdu.bridge)
  put.port(bytes, at, bpdu.port)
  put.messageAge(bytes, at, bpdu.messageAge)
  put.maxAge(bytes, at, bpdu.maxAge)
  put.helloTime(bytes, at, bpdu.helloTime)
  put.forwardDelay(bytes, at, bpdu.forwardDelay)
  if (bpdu.kind === 'rapid' && bpdu.mst !== undefined) writeMst(bytes, at + rapidSize, bpdu.mst)
  return size
}

/** Bytes of a rapid message of one tree. */
export const rapidSize = BpduHeader.size + 1

/**
 * The whole frame, not filled up to the smallest size of Ethernet. A shorter message is filled up with zeros to `size` bytes,
 * which belong to the length that the frame says.
 */
export const bpduFrame = (bpdu: Bpdu, src: Mac, size = 0): Frame => {
  const length = LlcHeader.size + Math.max(size, bpduSize(bpdu))
  const frame = Frame.of(EthernetHeader.size + length)
  const { bytes, start } = frame
  EthernetHeader.write(bytes, start, { dst: bridgeGroup, src, type: length })
  LlcHeader.write(bytes, start + EthernetHeader.size, { dsap: LlcSap.stp, ssap: LlcSap.stp, control: 3 })
  writeBpdu(bytes, start + EthernetHeader.size + LlcHeader.size, bpdu)
  return frame
}

/** The bytes of a message in a frame without tags; what fills the frame up behind its length is not among them. */
export const bpduBytes = ({ bytes, start, end }: Frame): Uint8Array => {
  const at = start + EthernetHeader.size
  if (at + LlcHeader.size > end) return new Uint8Array()
  return bytes.slice(at + LlcHeader.size, Math.min(end, at + EthernetHeader.at.type(bytes, start)))
}

/** The message of a frame without tags. */
export const bpduOf = (frame: Frame): Parsed<Bpdu> => {
  const bytes = bpduBytes(frame)
  return parseBpdu(bytes, 0, bytes.length)
}
