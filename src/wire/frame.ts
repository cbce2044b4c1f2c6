/** Room before a new frame's first byte: enough for two VXLAN encapsulations over IPv6 with a VLAN tag each. */
export const headroom = 160

/**
 * Short frames share buffers, since a buffer costs far more than a view of one; a frame that is kept keeps those few bytes
 * of its neighbours.
 */
const slabSize = 4096
const longestShared = 512
let slab = new ArrayBuffer(0)
let slabAt = 0

/** Bytes that are zero. */
const fresh = (size: number): Uint8Array => {
  if (size > longestShared) return new Uint8Array(size)
  if (slabAt + size > slab.byteLength) {
    slab = new ArrayBuffer(slabSize)
    slabAt = 0
  }
  const bytes = new Uint8Array(slab, slabAt, size)
  slabAt += size
  return bytes
}

/**
 * A frame on its way: bytes `start` to `end` of a buffer that has room before them, so that a header is put in front by
 * moving `start`. Whoever is given a frame owns it; whoever passes it on must not touch it again.
 */
export class Frame {
  bytes: Uint8Array
  start: number
  end: number
  /**
   * What it begins with: 0 for Ethernet, else OpenFlow's packet type, namespace 16 and type 16 (`packet_type` in
   * ovs-fields(7)). Only a switch takes Ethernet headers off; links carry Ethernet.
   */
  packetType = 0
  /**
   * Not 0 for a run of TCP segments that travels as one, as segmentation offload has it: data bytes of each but the last.
   * Inside the simulation it is looked at once; `segmentsOf` (tcp-segments.ts) cuts it where it leaves. Its TCP checksum is
   * not made yet.
   */
  gso = 0

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes
    this.start = start
    this.end = end
  }

  /** A frame of `size` zero bytes with headroom. */
  static of(size: number): Frame {
    return new Frame(fresh(headroom + size), headroom, headroom + size)
  }

  /** A frame that holds a copy of these bytes. */
  static from(content: Uint8Array, start = 0, end = content.length): Frame {
    const frame = Frame.of(end - start)
    for (let from = start, to = headroom; from < end; ) frame.bytes[to++] = content[from++] as number
    return frame
  }

  get size(): number {
    return this.end - this.start
  }

  /** A frame of its own with the same bytes and fresh headroom. */
  copy(): Frame {
    const frame = Frame.from(this.bytes, this.start, this.end)
    frame.packetType = this.packetType
    frame.gso = this.gso
    return frame
  }

  /** The bytes, not copied. */
  content(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  /** Makes room for `size` bytes in front, in place where the headroom allows. The new bytes hold anything. */
  prepend(size: number): void {
    if (this.start < size) {
      const { bytes, start, end } = this
      const moved = new Uint8Array(headroom + size + (end - start))
      moved.set(bytes.subarray(start, end), headroom + size)
      this.bytes = moved
      this.start = headroom + size
      this.end = this.start + (end - start)
    }
    this.start -= size
  }
}

/** Where frames go. `send` passes ownership. */
export interface FrameSink {
  send(frame: Frame): void
  /** It takes runs of TCP segments (`Frame.gso`) as they are; others get a frame for each packet. */
  readonly takesRuns?: boolean
}
