/** Reading a capture file of whichever format: the one place that knows them all. */
import type { CapturedPacket, CaptureReader } from './captured.ts'
import { type Reason, refused } from './parsed.ts'
import { isPcap, readPcap } from './pcap.ts'
import { isPcapng, readPcapng } from './pcapng-read.ts'

/** All packets of a file and, if something stopped the reading, what. */
export type Capture = { packets: CapturedPacket[]; bad?: Reason }

/** The packets of a pcap or pcapng file, one after the other; the reason of a bad end is the generator's return value. */
export const captureReader = (bytes: Uint8Array): CaptureReader =>
  fromPlain(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length))

// A Node `Buffer` would give packets that are Buffers, which are not what they seem: their `slice` is a view.
const fromPlain = (bytes: Uint8Array): CaptureReader =>
  isPcapng(bytes) ? readPcapng(bytes) : isPcap(bytes) ? readPcap(bytes) : neither(bytes)

/** Reads a pcap or pcapng file whole. A torn or bad file gives the packets before the damage and the reason. */
export const readCapture = (bytes: Uint8Array): Capture => {
  const packets: CapturedPacket[] = []
  const reader = captureReader(bytes)
  for (;;) {
    const next = reader.next()
    if (!next.done) packets.push(next.value)
    else return next.value === undefined ? { packets } : { packets, bad: next.value }
  }
}

// biome-ignore lint/correctness/useYield: a file of neither format has no packets, only a reason
function* neither(bytes: Uint8Array): CaptureReader {
  return refused(bytes.length < 4 ? 'short' : 'version').why
}
