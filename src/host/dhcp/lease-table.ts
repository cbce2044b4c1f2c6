import type { Ip4, Mac } from '../../wire/address.ts'

/** An address that a server has lent. `expires` is the clock's time, `Infinity` for never. */
export type Lent = { address: Ip4; mac: Mac; clientId: string; name: string; expires: number }

/** What a server has lent, by address, and what others use without having asked. */
export class LeaseTable {
  private readonly byAddress = new Map<Ip4, Lent>()
  private readonly avoided = new Map<Ip4, number>()

  /** In the order in which they were lent. */
  all(now: number): Lent[] {
    return [...this.byAddress.values()].filter(lent => lent.expires > now)
  }

  at(address: Ip4, now: number): Lent | undefined {
    const lent = this.byAddress.get(address)
    return lent !== undefined && lent.expires > now ? lent : undefined
  }

  /** The lease of a client: by its identifier if it has one, else by its MAC. It may be over. */
  of(mac: Mac, clientId: string): Lent | undefined {
    for (const lent of this.byAddress.values())
      if (clientId === '' ? lent.clientId === '' && lent.mac === mac : lent.clientId === clientId) return lent
    return undefined
  }

  put(lent: Lent): void {
    this.byAddress.set(lent.address, lent)
  }

  delete(address: Ip4): void {
    this.byAddress.delete(address)
  }

  /** Somebody else was heard at an address: it is not lent until then. */
  avoid(address: Ip4, until: number): void {
    this.avoided.set(address, until)
  }

  isAvoided(address: Ip4, now: number): boolean {
    return (this.avoided.get(address) ?? Number.NEGATIVE_INFINITY) > now
  }
}
