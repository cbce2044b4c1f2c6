import { Hfsc } from './hfsc.ts'
import { Htb } from './htb.ts'
import { Netem } from './netem.ts'
import type { Place, Qdisc } from './qdisc.ts'
import { Tbf } from './tbf.ts'

/** The most that leaves a queueing discipline for long, in bytes a second; undefined where nothing bounds it. */
export const rateOf = (qdisc: Qdisc): number | undefined => {
  const [own, below] = boundOf(qdisc)
  const inner = below === undefined ? undefined : rateOf(below.child)
  return own === undefined || inner === undefined ? (own ?? inner) : Math.min(own, inner)
}

/** What bounds frames of no filter, and where they wait. */
const boundOf = (qdisc: Qdisc): [rate: number | undefined, below: Place | undefined] => {
  if (qdisc instanceof Tbf) return [Math.min(qdisc.options.rate, qdisc.options.peak?.rate ?? Infinity), first(qdisc)]
  if (qdisc instanceof Netem) return [qdisc.options.rate || undefined, first(qdisc)]
  if (qdisc instanceof Htb) {
    const leaf = qdisc.classes.get(qdisc.handle + qdisc.options.defaultClass)
    return [least(leaf, each => each.options.ceil), leaf]
  }
  if (qdisc instanceof Hfsc) {
    const leaf = qdisc.classes.get(qdisc.handle + qdisc.defaultClass)
    return [least(leaf, each => each.options.limit?.later), leaf]
  }
  return [undefined, first(qdisc)]
}

const first = ({ classes }: Qdisc): Place | undefined => (classes?.size === 1 ? [...classes.values()][0] : undefined)

/** The least bound of a class and those above it. */
const least = <C extends { parent: C | undefined }>(
  leaf: C | undefined,
  boundAt: (each: C) => number | undefined,
): number | undefined => {
  let found: number | undefined
  for (let each = leaf; each !== undefined; each = each.parent) {
    const bound = boundAt(each)
    if (bound !== undefined && (found === undefined || bound < found)) found = bound
  }
  return found
}

/** Frames that a discipline and those below it lost: for want of room, by an early drop, or on the way. */
export const lostIn = (root: Qdisc): number => {
  let lost = root.stats.dropped
  const visit = (qdisc: Qdisc): void => {
    for (const { child } of new Set(qdisc.classes?.values() ?? [])) {
      // What has no room is counted by those above too; what is lost on the way is not.
      if (child instanceof Netem) lost += child.lost
      visit(child)
    }
  }
  visit(root)
  return lost
}
