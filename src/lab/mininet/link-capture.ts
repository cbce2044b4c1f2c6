import type { Link as Device } from '../../host/index.ts'
import { PcapngWriter } from '../../wire/pcapng.ts'
import type { Link } from './link.ts'
import type { Mininet } from './mininet.ts'

/** Records all links of a network into one pcapng file: an interface for each end, a frame at the end that sends it. */
export class LinkCapture {
  packets = 0
  private readonly writer: PcapngWriter
  private readonly stops: (() => void)[] = []

  /** `sink` gets the file block by block. */
  constructor(net: Mininet, sink: (bytes: Uint8Array) => void) {
    this.writer = new PcapngWriter(sink, { epoch: net.box.network.epoch })
    for (const link of net.links) this.add(link)
    const told = (link: Link): void => this.add(link)
    net.onLink.add(told)
    this.stops.push(() => net.onLink.delete(told))
  }

  private add({ intf1, intf2 }: Link): void {
    for (const intf of [intf1, intf2]) {
      const { device } = intf
      if (device !== undefined) this.watch(device, `link ${intf1} to ${intf2}`)
    }
  }

  private watch(device: Device, description: string): void {
    const index = this.writer.addInterface({ name: device.name, description })
    const tap: Parameters<Device['taps']['add']>[0] = (direction, frame, time) => {
      if (direction !== 'out') return
      this.packets++
      this.writer.packet(index, time, frame.bytes, frame.start, frame.end, { direction: 'outbound' })
    }
    device.taps.add(tap)
    this.stops.push(() => device.taps.delete(tap))
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop()
  }
}
