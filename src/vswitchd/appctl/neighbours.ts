import { formatIp, formatMac, type Ip, type Mac } from '../../wire/address.ts'

type Neighbour = { ip: Ip; mac: Mac; bridge: string; until: number }

/** Seconds: what `aging` may be told, and what it is without. */
const ageings = { least: 1, most: 3600, usual: 900 }

/** Addresses of tunnels' far ends, as `tnl/neigh/show` lists them: set by hand, for a time. */
export class Neighbours {
  /** Seconds that an entry stays. */
  ageing = ageings.usual
  /** Told when somebody is elsewhere than before, or forgotten. */
  onChange: (() => void) | undefined
  private readonly entries = new Map<string, Neighbour>()

  /** False if it cannot be so long. */
  setAgeing(seconds: number): boolean {
    if (!(seconds >= ageings.least && seconds <= ageings.most)) return false
    this.ageing = seconds
    return true
  }

  /** `now` is ns. */
  set(bridge: string, ip: Ip, mac: Mac, now: number): void {
    const name = `${bridge} ${formatIp(ip)}`
    const before = this.entries.get(name)
    this.entries.set(name, { ip, mac, bridge, until: now + this.ageing * 1e9 })
    if (before?.mac !== mac || before.until < now) this.onChange?.()
  }

  /** Undefined if nobody told, or too long ago. */
  lookup(bridge: string, ip: Ip, now: number): Mac | undefined {
    const found = this.entries.get(`${bridge} ${formatIp(ip)}`)
    return found === undefined || found.until < now ? undefined : found.mac
  }

  /** Forgets those of a bridge, or all. */
  flush(bridge?: string): void {
    for (const [name, each] of this.entries)
      if (bridge === undefined || each.bridge === bridge) this.entries.delete(name)
    this.onChange?.()
  }

  /** `tnl/neigh/show`. */
  show(now: number): string {
    const rows = [...this.entries.values()].map(({ ip, mac, bridge, until }) => {
      const isStale = until < now ? ' STALE' : ''
      return `${formatIp(ip).padEnd(46)}${formatMac(mac)}   ${bridge}${isStale}\n`
    })
    const head = 'IP                                            MAC                 Bridge\n'
    return `${head}==========================================================================\n${rows.join('')}`
  }
}
