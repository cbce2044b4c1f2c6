/**
 * Writing capture files in the pcapng format (draft-ietf-opsawg-pcapng), the one that Wireshark opens: many interfaces with
 * names, nanoseconds, directions and comments. A file is a chain of blocks: type, length, body, length again.
 */
import { utf8 } from '../runtime/index.ts'
import type { Direction } from './captured.ts'
import { LinkType } from './captured.ts'

export const PcapngBlock = {
  section: 0x0a0d0d0a,
  interface: 1,
  obsoletePacket: 2,
  simplePacket: 3,
  enhancedPacket: 6,
} as const

/** Option codes; those above 1 mean something else in each kind of block. */
export const PcapngOption = {
  end: 0,
  comment: 1,
  sectionHardware: 2,
  sectionSystem: 3,
  sectionApplication: 4,
  interfaceName: 2,
  interfaceDescription: 3,
  interfaceMac: 6,
  interfaceSpeed: 8,
  timeResolution: 9,
  timeOffset: 14,
  packetFlags: 2,
} as const

export const byteOrderMagic = 0x1a2b3c4d

export type NewInterface = {
  /** As users know it: `hv1-eth0`. */
  name: string
  description?: string
  linkType?: number
  /** Bits a second. */
  speed?: number
}

export type PacketNotes = {
  direction?: Direction
  comment?: string
  /** Bytes on the wire, if more than those given. */
  size?: number
}

/**
 * Hands a pcapng file to `sink` block by block, each a fresh array. Numbers are little-endian, times nanoseconds:
 * `epoch` (nanoseconds since 1970) plus the time given with the packet, which is the lab's and starts at 0.
 */
export class PcapngWriter {
  private readonly sink: (bytes: Uint8Array) => void
  private readonly epoch: bigint
  private interfaces = 0

  constructor(
    sink: (bytes: Uint8Array) => void,
    options: { epoch?: bigint; application?: string; comment?: string } = {},
  ) {
    this.sink = sink
    this.epoch = options.epoch ?? 0n
    const block = new Block(PcapngBlock.section)
    // Version 1.0, and a section length that is not known yet: all ones.
    block.u32(byteOrderMagic).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff)
    if (options.comment !== undefined) block.option(PcapngOption.comment, utf8(options.comment))
    block.option(PcapngOption.sectionApplication, utf8(options.application ?? 'weft'))
    sink(block.finish())
  }

  /** Declares an interface; the number returned names it in `packet`. */
  addInterface({ name, description, linkType = LinkType.ethernet, speed }: NewInterface): number {
    const block = new Block(PcapngBlock.interface).u16(linkType).u16(0).u32(0)
    block.option(PcapngOption.interfaceName, utf8(name))
    if (description !== undefined) block.option(PcapngOption.interfaceDescription, utf8(description))
    if (speed !== undefined) {
      block.option(PcapngOption.interfaceSpeed, little64(BigInt(Math.round(speed))))
    }
    block.option(PcapngOption.timeResolution, Uint8Array.of(9))
    this.sink(block.finish())
    return this.interfaces++
  }

  /** Writes `bytes` from `start` to `end` as a packet seen at `time` (nanoseconds of the lab) on an interface. */
  packet(
    interfaceNumber: number,
    time: number,
    bytes: Uint8Array,
    start = 0,
    end = bytes.length,
    notes: PacketNotes = {},
  ): void {
    if (!(interfaceNumber >= 0 && interfaceNumber < this.interfaces)) {
      throw new RangeError(`no interface ${interfaceNumber} was added`)
    }
    const ticks = this.epoch + BigInt(Math.round(time))
    const kept = end - start
    const block = new Block(PcapngBlock.enhancedPacket, kept)
      .u32(interfaceNumber)
      .u32(Number(ticks >> 32n))
      .u32(Number(ticks & 0xffffffffn))
      .u32(kept)
      .u32(Math.max(kept, notes.size ?? kept))
      .padded(bytes, start, end)
    if (notes.comment !== undefined) block.option(PcapngOption.comment, utf8(notes.comment))
    if (notes.direction !== undefined) {
      block.option(PcapngOption.packetFlags, Uint8Array.of(notes.direction === 'inbound' ? 1 : 2, 0, 0, 0))
    }
    this.sink(block.finish())
  }
}

/** The longest text that an option's 16-bit length holds; a longer one is cut between characters. */
const optionLimit = 0xffff

/** A block under construction. */
class Block {
  private bytes: Uint8Array
  private at = 8
  private options = false

  constructor(type: number, expected = 0) {
    this.bytes = new Uint8Array(expected + 128)
    this.set32(0, type)
  }

  u16(value: number): this {
    this.room(2)
    this.bytes[this.at++] = value
    this.bytes[this.at++] = value >>> 8
    return this
  }

  u32(value: number): this {
    this.room(4)
    this.set32(this.at, value)
    this.at += 4
    return this
  }

  padded(bytes: Uint8Array, start = 0, end = bytes.length): this {
    const size = end - start
    this.room(size + 3)
    this.bytes.set(bytes.subarray(start, end), this.at)
    this.at += (size + 3) & ~3
    return this
  }

  option(code: number, value: Uint8Array): this {
    this.options = true
    let size = Math.min(value.length, optionLimit)
    while (size < value.length && size > 0 && (value[size]! & 0xc0) === 0x80) size--
    return this.u16(code).u16(size).padded(value, 0, size)
  }

  finish(): Uint8Array {
    if (this.options) this.u32(PcapngOption.end)
    const size = this.at + 4
    this.u32(size)
    this.set32(4, size)
    return this.bytes.subarray(0, size)
  }

  private room(size: number): void {
    if (this.at + size <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + size))
    grown.set(this.bytes)
    this.bytes = grown
  }

  private set32(at: number, value: number): void {
    this.bytes[at] = value
    this.bytes[at + 1] = value >>> 8
    this.bytes[at + 2] = value >>> 16
    this.bytes[at + 3] = value >>> 24
  }
}

const little64 = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
