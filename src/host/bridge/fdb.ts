import type { Mac } from '../../wire/address.ts'
import type { BridgePort } from './port.ts'

/** Where a MAC is. `port` is undefined for the bridge's own and for those given to the bridge itself. */
export type FdbEntry = {
  readonly mac: Mac
  port: BridgePort | undefined
  /** The machine's own: frames to it go up (`permanent`). */
  isLocal: boolean
  /** Stays until it is deleted; local ones do too. */
  isStatic: boolean
  /** `bridge fdb add` made it. */
  byHand: boolean
  /** When a frame from it was last seen, and when one was last sent to it, ns. */
  updated: number
  used: number
}

/** Beyond so many a bridge learns no more; Linux has no such bound, but this kernel's memory is a program's. */
const most = 65536

/** The forwarding database of a Linux bridge: where each MAC was seen last. What was not seen for the holding time is not there. */
export class Fdb {
  private readonly entries = new Map<Mac, FdbEntry>()
  private swept = 0

  /** An entry that has not aged out. */
  find(mac: Mac, now: number, holding: number): FdbEntry | undefined {
    const entry = this.entries.get(mac)
    return entry === undefined || isOld(entry, now, holding) ? undefined : entry
  }

  /** A frame from `mac` came in at a port. The machine's own MACs stay where they are. */
  learn(mac: Mac, port: BridgePort, now: number, holding: number): void {
    if (holding === 0) return
    const entry = this.entries.get(mac)
    if (entry === undefined) {
      if (now - this.swept >= holding) this.sweep(now, holding)
      if (this.entries.size < most)
        this.entries.set(mac, { mac, port, isLocal: false, isStatic: false, byHand: false, updated: now, used: now })
    } else if (!entry.isLocal) {
      entry.port = port
      entry.updated = now
    }
  }

  /** Puts an entry in the place of what is known of its MAC. */
  set(entry: FdbEntry): void {
    this.entries.delete(entry.mac)
    this.entries.set(entry.mac, entry)
  }

  /** One of the machine's own MACs, unless it is known as such. */
  setOwn(mac: Mac, port: BridgePort | undefined, now: number): void {
    if (this.entries.get(mac)?.isLocal) return
    this.set({ mac, port, isLocal: true, isStatic: true, byHand: false, updated: now, used: now })
  }

  delete(mac: Mac): boolean {
    return this.entries.delete(mac)
  }

  /** Forgets what was learned at a port, or at all; with `all` also what was given. */
  flush(port: BridgePort | undefined, all = false): void {
    for (const [mac, entry] of this.entries)
      if ((port === undefined || entry.port === port) && (all || !entry.isStatic)) this.entries.delete(mac)
  }

  /** Newest first, as the kernel lists them. */
  list(now: number, holding: number): FdbEntry[] {
    return [...this.entries.values()].filter(entry => !isOld(entry, now, holding)).reverse()
  }

  private sweep(now: number, holding: number): void {
    this.swept = now
    for (const [mac, entry] of this.entries) if (isOld(entry, now, holding)) this.entries.delete(mac)
  }
}

const isOld = (entry: FdbEntry, now: number, holding: number): boolean =>
  !entry.isStatic && entry.updated + holding <= now
