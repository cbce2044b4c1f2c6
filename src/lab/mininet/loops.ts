/** Links between switches: pairs of names. */
export type Edges = readonly (readonly [string, string])[]

/** The switches of one loop, in its order; undefined if there is none. */
export const findLoop = (edges: Edges): string[] | undefined => {
  const next = new Map<string, { to: string; edge: number }[]>()
  for (const [edge, [a, b]] of edges.entries()) {
    next.set(a, [...(next.get(a) ?? []), { to: b, edge }])
    next.set(b, [...(next.get(b) ?? []), { to: a, edge }])
  }
  const from = new Map<string, { node: string | undefined; edge: number }>()
  for (const start of next.keys()) {
    if (from.has(start)) continue
    from.set(start, { node: undefined, edge: -1 })
    const waiting = [start]
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      for (const { to, edge } of next.get(node) ?? []) {
        if (edge === from.get(node)?.edge) continue
        if (from.has(to)) return loopOf(from, node, to)
        from.set(to, { node, edge })
        waiting.push(to)
      }
    }
  }
  return undefined
}

/** Both ways back to where they meet. */
const loopOf = (from: ReadonlyMap<string, { node: string | undefined }>, one: string, other: string): string[] => {
  const way = (node: string): string[] => {
    const names: string[] = []
    for (let at: string | undefined = node; at !== undefined; at = from.get(at)?.node) names.push(at)
    return names
  }
  const [left, right] = [way(one), way(other)]
  const meeting = left.find(name => right.includes(name)) as string
  return [...left.slice(0, left.indexOf(meeting) + 1), ...right.slice(0, right.indexOf(meeting)).reverse()]
}

/** What is said of a loop when nobody answers; nothing where there is none. */
export const loopSentence = (edges: Edges): string => {
  const loop = findLoop(edges)
  return loop === undefined
    ? ''
    : `*** ${loop.join(', ')} form a loop, in which every broadcast circles for ever: cut it with a spanning tree (--switch ovsbr,stp=1)\n`
}
