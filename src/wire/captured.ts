/** A packet as a capture file holds it, in the terms that all formats share. */
import type { Reason } from './parsed.ts'

/** Link types of capture files (tcpdump.org/linktypes.html): what the first byte of a packet is. */
export const LinkType = { null: 0, ethernet: 1, raw: 101, linuxSll: 113, ipv4: 228, ipv6: 229, linuxSll2: 276 } as const

/** Where packets were captured. A pcap file has one without a name. */
export type CaptureInterface = {
  readonly linkType: number
  readonly name?: string
  readonly description?: string
  /** The most bytes kept of a packet; 0 is no limit. */
  readonly snapLength: number
}

export type CapturedPacket = {
  /** Nanoseconds since 1970 UTC; a bigint because today's dates do not fit the 53 bits of a number. */
  readonly time: bigint
  readonly interface: CaptureInterface
  /** The bytes kept: a view of the file, not a copy. */
  readonly bytes: Uint8Array
  /** How many bytes the packet had on the wire; more than `bytes` if it was cut. */
  readonly size: number
  readonly direction?: Direction
  readonly comment?: string
}

export type Direction = 'inbound' | 'outbound'

/** Yields packets; returns why it stopped early, or undefined at a clean end. */
export type CaptureReader = Generator<CapturedPacket, Reason | undefined, void>
