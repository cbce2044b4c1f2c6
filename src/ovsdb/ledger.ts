/** Someone who makes a server hold bytes. */
export interface Holder {
  /** How many, about. */
  readonly weight: number
  /** Gives all of them back. */
  drop(): void
}

/**
 * How much all holders together hold, and a bound for it: when they hold more, the one that holds most is to drop it. A
 * client with an honest message is then hardly ever the one, and one that sends or asks without end is.
 */
export class Ledger {
  private readonly limit: number
  private readonly weights = new Map<Holder, number>()
  private total = 0
  /** So many holders may be known before it is looked which of them hold nothing any more. */
  private most = 1000

  constructor(limit: number) {
    this.limit = limit
  }

  /** Looks at a holder that may hold more now, or less; `coming` is what it is about to hold. */
  note(holder: Holder, coming = 0): void {
    this.set(holder, holder.weight + coming)
    if (this.total > this.limit || this.weights.size > this.most) this.makeRoom()
  }

  private set(holder: Holder, weight: number): void {
    this.total += weight - (this.weights.get(holder) ?? 0)
    if (weight > 0) this.weights.set(holder, weight)
    else this.weights.delete(holder)
  }

  private makeRoom(): void {
    // What a peer took meanwhile was not noted.
    for (const holder of [...this.weights.keys()]) this.set(holder, holder.weight)
    this.most = Math.max(1000, 2 * this.weights.size)
    while (this.total > this.limit) {
      const [heaviest] = [...this.weights].reduce((most, each) => (each[1] > most[1] ? each : most))
      this.set(heaviest, 0)
      heaviest.drop()
    }
  }
}
