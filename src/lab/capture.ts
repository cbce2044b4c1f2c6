import { type PacketNotes, PcapngWriter } from '../wire/pcapng.ts'
import type { Cable, CableEnd, CableTap } from './cable.ts'

/**
 * Records cables into one pcapng file: an interface for each cable end, named as the network names it, in the order of
 * the cables. A frame is recorded once, at the end that sends it, so the file reads in the order of what happened.
 */
export class CableCapture {
  private readonly writer: PcapngWriter
  private readonly interfaces = new Map<CableEnd, number>()
  private readonly taps: [Cable, CableTap][] = []
  private readonly outbound: PacketNotes = { direction: 'outbound' }
  packets = 0

  /** `sink` gets the file block by block. `epoch` (ns since 1970) is added to the lab's time. */
  constructor(cables: Iterable<Cable>, sink: (bytes: Uint8Array) => void, epoch = 0n) {
    this.writer = new PcapngWriter(sink, { epoch })
    for (const cable of cables) this.add(cable)
  }

  /** Records a cable that was laid after the capture began. */
  add(cable: Cable): void {
    for (const end of [cable.a, cable.b]) {
      const description = `cable ${cable.a.name} to ${cable.b.name}`
      const { bandwidth } = cable.options
      const speed = bandwidth === undefined ? {} : { speed: bandwidth }
      this.interfaces.set(end, this.writer.addInterface({ name: end.name, description, ...speed }))
    }
    const tap: CableTap = (end, frame, time) => {
      this.packets++
      this.writer.packet(this.interfaces.get(end) as number, time, frame.bytes, frame.start, frame.end, this.outbound)
    }
    cable.taps.add(tap)
    this.taps.push([cable, tap])
  }

  stop(): void {
    for (const [cable, tap] of this.taps) cable.taps.delete(tap)
    this.taps.length = 0
  }
}
