/** Counts by name: every reason for which bytes were refused, and whatever else a user may ask the number of. */
export class Counters<Name extends string = string> {
  private readonly counts = new Map<Name, number>()

  add(name: Name, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by)
  }

  get(name: Name): number {
    return this.counts.get(name) ?? 0
  }

  /** All that were ever counted, in the order of their names. */
  entries(): [Name, number][] {
    return [...this.counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  }
}
