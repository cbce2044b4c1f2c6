import { Mininet } from './mininet.ts'
import type { MininetOptions } from './mininet-options.ts'
import { TreeTopo } from './tree.ts'

/** A network of a tree: `TreeNet(2, 8)` has 64 hosts. */
export const TreeNet = (depth = 1, fanout = 2, options: MininetOptions = {}): Mininet =>
  new Mininet({ ...options, topo: new TreeTopo(depth, fanout) })
