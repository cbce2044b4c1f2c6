import { Topo } from './topo.ts'

/** A whole number that a topology is made with. */
export const count = (what: string, value: unknown, least = 0): number => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > 1e6)
    throw new TypeError(`${what} is a whole number from ${least}, not '${value}'`)
  return value
}

/** One switch with `k` hosts. */
export class SingleSwitchTopo extends Topo<[k?: number]> {
  static readonly params: readonly string[] = ['k']

  override build(k = 2): void {
    this.addSwitch('s1')
    for (let i = 1; i <= count('k', k); i++) this.addLink(this.addHost(`h${i}`), 's1')
  }
}

/** One switch with two hosts: what `mn` makes when nothing is said. */
export class MinimalTopo extends Topo<[]> {
  static readonly params: readonly string[] = []

  override build(): void {
    this.addSwitch('s1')
    for (const host of ['h1', 'h2']) this.addLink(this.addHost(host), 's1')
  }
}

/** One switch with `k` hosts, the first of them at the last port. */
export class SingleSwitchReversedTopo extends Topo<[k?: number]> {
  static readonly params: readonly string[] = ['k']

  override build(k = 2): void {
    this.addSwitch('s1')
    for (let i = 1; i <= count('k', k); i++) this.addLink(this.addHost(`h${i}`), 's1', { port1: 0, port2: k - i + 1 })
  }
}

/** A row of `k` switches with `n` hosts each: `h1`, or `h2s1` for the second of `s1` where there are several. */
export class LinearTopo extends Topo<[k?: number, n?: number]> {
  static readonly params: readonly string[] = ['k', 'n']

  override build(k = 2, n = 1): void {
    count('n', n)
    for (let i = 1; i <= count('k', k); i++) {
      const name = this.addSwitch(`s${i}`)
      for (let j = 1; j <= n; j++) this.addLink(this.addHost(n === 1 ? `h${i}` : `h${j}s${i}`), name)
      if (i > 1) this.addLink(name, `s${i - 1}`)
    }
  }
}
