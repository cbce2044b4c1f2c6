import { formatIp, formatMac, type Ip, type Mac } from '../../wire/address.ts'

type Neighbour = { ip: Ip; mac: Mac; bridge: string; until: number }

/** Seconds: what `aging` may be told, and what it is without. */
const ageings = { least: 1, most: 3600, usual: 900 }

/** Addresses of tunnels' far ends, as `tnl/neigh/show` lists them: set by hand, for a time. */
export class Neighbours {
  /** Seconds that an entry stays. */
  ageing = ageings.usual
  private readonly entries = new Map<string, Neighbour>()

  /** False if it cannot be so long. */
  setAgeing(seconds: number): boolean {
    if (!(seconds >= ageings.least && seconds <= ageings.most)) return false
    this.ageing = seconds
    return true
  }

  /** `now` is ns. */
  set(bridge: string, ip: Ip, mac: Mac, now: number): void {
    this.entries.set(`${bridge} ${formatIp(ip)}`, { ip, mac, bridge, until: now + this.ageing * 1e9 })
  }

  /** Forgets those of a bridge, or all. */
  flush(bridge?: string): void {
    for (const [name, each] of this.entries)
      if (bridge === undefined || each.bridge === bridge) this.entries.delete(name)
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
