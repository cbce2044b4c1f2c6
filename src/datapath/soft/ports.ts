import type { TunnelRow } from '../../flow/layout.ts'
import type { Frame } from '../../wire/frame.ts'
import { segmentsOf } from '../../wire/tcp-segments.ts'
import type { PortNumber } from '../action.ts'
import type { PortStats, Vport } from '../datapath.ts'

/** Columns of a port's counts. */
export const rxPackets = 0
export const rxBytes = 1
export const rxDropped = 2
export const txPackets = 3
export const txBytes = 4
export const txDropped = 5

/** A port with its counts, which stay numbers in place: counting allocates nothing. */
export type Port = { readonly number: PortNumber; readonly vport: Vport; readonly counts: Float64Array }

/** More than this no datapath has: port numbers are 16 bits wide in Open vSwitch's user-space datapath. */
export const mostPorts = 65535

/** Ports by number. */
export class Ports {
  /** Indexed by number. */
  readonly list: (Port | undefined)[] = []
  readonly vports = new Map<PortNumber, Vport>()

  /** Takes the wanted number if it is free, else the lowest free one. */
  add(vport: Vport, wanted?: PortNumber): PortNumber {
    let number = wanted !== undefined && this.isFree(wanted) ? wanted : 0
    while (!this.isFree(number)) {
      number++
      if (number === mostPorts) throw new RangeError('no port number is free')
    }
    while (this.list.length <= number) this.list.push(undefined)
    this.list[number] = { number, vport, counts: new Float64Array(6) }
    this.vports.set(number, vport)
    return number
  }

  remove(number: PortNumber): void {
    if (this.list[number] === undefined) return
    this.list[number] = undefined
    this.vports.delete(number)
  }

  /** A frame of so many bytes came in at a port. */
  countReceived(number: PortNumber, size: number): void {
    const counts = this.list[number]?.counts
    if (counts === undefined) return
    counts[rxPackets]!++
    counts[rxBytes]! += size
  }

  /** A frame leaves by a port, in its packets if the port takes no runs of them. False if there is no such port. */
  send(number: PortNumber, frame: Frame, tunnel: TunnelRow): boolean {
    const port = this.list[number]
    if (port === undefined) return false
    if (frame.gso > 0 && port.vport.takesRuns !== true) {
      for (const packet of segmentsOf(frame)) this.send(number, packet, tunnel)
      return true
    }
    const { counts, vport } = port
    counts[txPackets]!++
    counts[txBytes]! += frame.end - frame.start
    vport.send(frame, tunnel)
    return true
  }

  stats(number: PortNumber): PortStats | undefined {
    const counts = this.list[number]?.counts
    if (counts === undefined) return undefined
    return {
      rxPackets: counts[rxPackets]!,
      rxBytes: counts[rxBytes]!,
      rxDropped: counts[rxDropped]!,
      txPackets: counts[txPackets]!,
      txBytes: counts[txBytes]!,
      txDropped: counts[txDropped]!,
    }
  }

  private isFree(number: PortNumber): boolean {
    return number >= 0 && number < mostPorts && this.list[number] === undefined
  }
}
