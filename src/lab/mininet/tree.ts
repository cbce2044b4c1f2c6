import { Topo } from './topo.ts'
import { count } from './topologies.ts'

/** A tree of switches whose leaves are hosts. */
export class TreeTopo extends Topo<[depth?: number, fanout?: number]> {
  static readonly params: readonly string[] = ['depth', 'fanout']
  private made: { hosts: number; switches: number } | undefined

  override build(depth = 1, fanout = 2): void {
    this.made = { hosts: 0, switches: 0 }
    count('fanout', fanout, 1)
    this.addTree(count('depth', depth), fanout)
  }

  /** Adds a tree of this depth; gives its top. */
  private addTree(depth: number, fanout: number): string {
    const made = this.made as { hosts: number; switches: number }
    if (depth === 0) return this.addHost(`h${++made.hosts}`)
    const top = this.addSwitch(`s${++made.switches}`)
    for (let i = 0; i < fanout; i++) this.addLink(top, this.addTree(depth - 1, fanout))
    return top
  }
}

/** Switches in rows and columns, the last of each linked to the first: with loops, so it needs a spanning tree. */
export class TorusTopo extends Topo<[x?: number, y?: number, n?: number]> {
  static readonly params: readonly string[] = ['x', 'y', 'n']

  override build(x?: number, y?: number, n = 1): void {
    if (x === undefined || y === undefined) throw new TypeError('a torus needs two numbers: torus,x,y')
    if (count('x', x) < 3 || count('y', y) < 3) throw new Error('Please use 3x3 or greater for compatibility with 2.1')
    count('n', n)
    for (let i = 1; i <= x; i++) {
      for (let j = 1; j <= y; j++) {
        const name = this.addSwitch(`s${i}x${j}`, { dpid: (i * 256 + j).toString(16) })
        for (let k = 1; k <= n; k++) this.addLink(this.addHost(n === 1 ? `h${i}x${j}` : `h${i}x${j}x${k}`), name)
      }
    }
    for (let i = 1; i <= x; i++) {
      for (let j = 1; j <= y; j++) {
        this.addLink(`s${i}x${j}`, `s${i}x${(j % y) + 1}`)
        this.addLink(`s${i}x${j}`, `s${(i % x) + 1}x${j}`)
      }
    }
  }
}
