/**
 * Reading pcapng files (draft-ietf-opsawg-pcapng). Each section has a byte order and a list of interfaces of its own; blocks that we
 * do not know are stepped over by their length. Damage ends the reading with a reason, after all packets before it.
 */
import { fromUtf8 } from '../runtime/index.ts'
import type { CapturedPacket, CaptureInterface, CaptureReader } from './captured.ts'
import { type Parsed, parsed, type Reason, refused } from './parsed.ts'
import { big32, little32, type Read32 } from './pcap.ts'
import { byteOrderMagic, PcapngBlock, PcapngOption } from './pcapng.ts'

type Clocked = { port: CaptureInterface; toNanoseconds: (ticks: bigint) => bigint }
type Section = { read: Read32; interfaces: Clocked[] }
/** A block's body: what lies between the two lengths. */
type Body = { bytes: Uint8Array; start: number; end: number }

export const isPcapng = (bytes: Uint8Array): boolean => bytes.length >= 4 && big32(bytes, 0) === PcapngBlock.section

/** Reads a pcapng file. Stops with `short` at a torn tail, `version`, `length` or `value` at a block that makes no sense. */
export function* readPcapng(file: Uint8Array): CaptureReader {
  if (file.length < 4) return 'short'
  if (!isPcapng(file)) return 'version'
  let section: Section = { read: big32, interfaces: [] }
  let at = 0
  while (at < file.length) {
    if (file.length - at < 12) return 'short'
    // A section block is the same read in both orders; the magic inside tells which holds from there on.
    const opens = big32(file, at) === PcapngBlock.section
    if (opens) {
      const read = orderOf(file, at + 8)
      if (read === undefined) return 'version'
      section = { read, interfaces: [] }
    }
    const { read } = section
    const size = read(file, at + 4)
    if (size < 12 || size % 4 !== 0) return 'length'
    if (size > file.length - at) return 'short'
    if (read(file, at + size - 4) !== size) return 'length'
    const body: Body = { bytes: file, start: at + 8, end: at + size - 4 }
    if (opens) {
      if (body.end - body.start < 16) return 'length'
      if (read16(section, file, body.start + 4) !== 1) return 'version'
    } else {
      const bad = yield* readBlock(section, read(file, at), body)
      if (bad !== undefined) return bad
    }
    at += size
  }
  return undefined
}

function* readBlock(section: Section, type: number, body: Body): CaptureReader {
  if (type === PcapngBlock.interface) {
    const read = readInterface(section, body)
    if (!read.ok) return read.why
    section.interfaces.push(read.value)
    return undefined
  }
  const packet =
    type === PcapngBlock.enhancedPacket
      ? readEnhanced(section, body)
      : type === PcapngBlock.simplePacket
        ? readSimple(section, body)
        : type === PcapngBlock.obsoletePacket
          ? readObsolete(section, body)
          : undefined
  if (packet === undefined) return undefined
  if (!packet.ok) return packet.why
  yield packet.value
  return undefined
}

const readInterface = (section: Section, { bytes, start, end }: Body): Parsed<Clocked> => {
  if (end - start < 8) return refused('length')
  let name: string | undefined
  let description: string | undefined
  let resolution = 6
  let offset = 0n
  const bad = eachOption(section, { bytes, start: start + 8, end }, (code, from, to) => {
    if (code === PcapngOption.interfaceName) name = fromUtf8(bytes, from, to)
    else if (code === PcapngOption.interfaceDescription) description = fromUtf8(bytes, from, to)
    else if (code === PcapngOption.timeResolution && to - from === 1) resolution = bytes[from]!
    else if (code === PcapngOption.timeOffset && to - from === 8) offset = read64(section, bytes, from)
  })
  if (bad !== undefined) return refused(bad)
  const port: CaptureInterface = {
    linkType: read16(section, bytes, start),
    snapLength: section.read(bytes, start + 4),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  }
  return parsed({ port, toNanoseconds: clockOf(resolution, offset) })
}

/** if_tsresol: a power of ten, or of two if the highest bit is set; if_tsoffset: seconds to add. */
const clockOf = (resolution: number, offset: bigint): ((ticks: bigint) => bigint) => {
  const power = BigInt(resolution & 0x7f)
  const ticksPerSecond = (resolution & 0x80) === 0 ? 10n ** power : 1n << power
  const base = offset * 1_000_000_000n
  return ticks => base + (ticks * 1_000_000_000n) / ticksPerSecond
}

const readEnhanced = (section: Section, { bytes, start, end }: Body): Parsed<CapturedPacket> => {
  if (end - start < 20) return refused('length')
  const clocked = section.interfaces[section.read(bytes, start)]
  return readTimed(section, clocked, { bytes, start: start + 4, end })
}

const readObsolete = (section: Section, { bytes, start, end }: Body): Parsed<CapturedPacket> => {
  if (end - start < 20) return refused('length')
  const clocked = section.interfaces[read16(section, bytes, start)]
  return readTimed(section, clocked, { bytes, start: start + 4, end })
}

/** What the enhanced and the obsolete packet share: time, sizes, bytes, options. */
const readTimed = (
  section: Section,
  clocked: Clocked | undefined,
  { bytes, start, end }: Body,
): Parsed<CapturedPacket> => {
  if (clocked === undefined) return refused('value')
  const { read } = section
  const kept = read(bytes, start + 8)
  const size = read(bytes, start + 12)
  const from = start + 16
  if (kept > end - from) return refused('length')
  let direction: CapturedPacket['direction']
  let comment: string | undefined
  const bad = eachOption(section, { bytes, start: from + padded(kept), end }, (code, at, to) => {
    if (code === PcapngOption.comment) comment ??= fromUtf8(bytes, at, to)
    else if (code === PcapngOption.packetFlags && to - at === 4) direction = directions[read(bytes, at) & 3]
  })
  if (bad !== undefined) return refused(bad)
  const ticks = (BigInt(read(bytes, start)) << 32n) | BigInt(read(bytes, start + 4))
  return parsed({
    time: clocked.toNanoseconds(ticks),
    interface: clocked.port,
    bytes: bytes.subarray(from, from + kept),
    size,
    ...(direction !== undefined && { direction }),
    ...(comment !== undefined && { comment }),
  })
}

/** A simple packet has no time, belongs to the first interface, and is cut only by that interface's limit. */
const readSimple = (section: Section, { bytes, start, end }: Body): Parsed<CapturedPacket> => {
  const clocked = section.interfaces[0]
  if (clocked === undefined) return refused('value')
  if (end - start < 4) return refused('length')
  const size = section.read(bytes, start)
  const { port } = clocked
  const kept = port.snapLength === 0 ? size : Math.min(size, port.snapLength)
  if (kept > end - start - 4) return refused('length')
  return parsed({ time: 0n, interface: port, bytes: bytes.subarray(start + 4, start + 4 + kept), size })
}

const directions = [undefined, 'inbound', 'outbound', undefined] as const

/** Calls `take` for each option; the list may end without its end mark. */
const eachOption = (
  section: Section,
  { bytes, start, end }: Body,
  take: (code: number, start: number, end: number) => void,
): Reason | undefined => {
  let at = start
  while (at + 4 <= end) {
    const code = read16(section, bytes, at)
    const size = read16(section, bytes, at + 2)
    if (code === PcapngOption.end) return undefined
    if (size > end - at - 4) return 'length'
    take(code, at + 4, at + 4 + size)
    at += 4 + padded(size)
  }
  return undefined
}

const orderOf = (bytes: Uint8Array, at: number): Read32 | undefined =>
  [big32, little32].find(read => read(bytes, at) === byteOrderMagic)

const padded = (size: number): number => Math.ceil(size / 4) * 4

const read16 = ({ read }: Section, b: Uint8Array, i: number): number =>
  read === big32 ? (b[i]! << 8) | b[i + 1]! : (b[i + 1]! << 8) | b[i]!

/** A signed 64-bit number. */
const read64 = ({ read }: Section, bytes: Uint8Array, at: number): bigint => {
  const [high, low] = read === big32 ? [read(bytes, at), read(bytes, at + 4)] : [read(bytes, at + 4), read(bytes, at)]
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low))
}
