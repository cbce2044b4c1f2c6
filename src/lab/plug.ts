import type { Cable } from './cable.ts'
import type { Network } from './network.ts'

/** Whether an end of a cable is what was typed: the machine `s1`, or its port `s1:eth0`. */
const isAt = (end: string, typed: string): boolean => end === typed || end.startsWith(`${typed}:`)

const between = ({ a, b }: Cable, one: string, other: string): boolean =>
  (isAt(a.name, one) && isAt(b.name, other)) || (isAt(a.name, other) && isAt(b.name, one))

/**
 * Plugs in or pulls out all cables between two machines (`s1 s2 down`) or two of their ports (`s1:eth0 s2:eth0 up`). Both
 * ends lose their carrier or get it back. Gives what is wrong with the words, if anything is.
 */
export const plug = (network: Network, words: readonly string[]): string | undefined => {
  const [one, other, wanted, ...more] = words
  if (one === undefined || other === undefined || more.length > 0 || (wanted !== 'up' && wanted !== 'down'))
    return 'link A B up|down'
  const cables = network.cables.filter(cable => between(cable, one, other))
  if (cables.length === 0) return `no cable between ${one} and ${other}`
  for (const cable of cables) cable.plugged = wanted === 'up'
  return undefined
}
