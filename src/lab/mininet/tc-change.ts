import type { Intf } from './intf.ts'
import { type TCParams, tcLines } from './tc-intf.ts'

const keys: readonly (keyof TCParams)[] = [
  ...(['bw', 'delay', 'jitter', 'loss', 'max_queue_size', 'speedup', 'latency_ms'] as const),
  ...(['use_hfsc', 'use_tbf', 'enable_ecn', 'enable_red'] as const),
]

/** What shapes an interface now, of all that it was made with and was changed to. */
export const shapingOf = (intf: Intf): TCParams =>
  Object.fromEntries(keys.filter(key => intf.shaping[key] !== undefined).map(key => [key, intf.shaping[key]]))

/** Merges; what is given as undefined or null is taken away. */
const merged = (now: TCParams, changes: TCParams): TCParams => {
  const result: Record<string, unknown> = { ...now, ...changes }
  for (const key of Object.keys(result)) if (result[key] === undefined || result[key] === null) delete result[key]
  return result
}

type Step = { verb: 'add' | 'change' | 'del'; line: string }

/** What a line of `tc` makes, without its numbers: where it hangs and what it is. */
const skeleton = (line: string): string => line.split(/ (?=default|rate|sc|limit|delay|loss|burst)/)[0] as string

/** From lines to lines: what stays in its place is changed, so that frames which wait there go on waiting. */
export const steps = (have: readonly string[], want: readonly string[]): Step[] => {
  let same = 0
  while (same < Math.min(have.length, want.length) && skeleton(have[same]!) === skeleton(want[same]!)) same++
  const changed = want.slice(0, same).filter((line, i) => line !== have[i])
  const kept: Step[] = changed.map(line => ({ verb: 'change', line }))
  const added: Step[] = want.slice(same).map(line => ({ verb: 'add', line }))
  if (same === have.length) return [...kept, ...added]
  // What hangs below goes with it.
  const gone: Step = { verb: 'del', line: (have[same] as string).split(' handle ')[0] as string }
  return [...kept, gone, ...added]
}

const run = async (intf: Intf, { verb, line }: Step): Promise<string> => {
  const words = line.split(' ')
  const kind = words[0] === 'class' ? (words.shift() as string) : 'qdisc'
  return await intf.node.exec('tc', kind, verb, 'dev', intf.name, ...words)
}

/**
 * Changes what an interface does to frames while the network runs: what is named is set, the rest stays as it was, and frames
 * that wait are not lost. Throws, with nothing changed, where something is none of Mininet's parameters or `tc` refuses it.
 */
export const changeShaping = async (intf: Intf, changes: TCParams): Promise<void> => {
  const unknown = Object.keys(changes).find(key => !(keys as readonly string[]).includes(key))
  if (unknown !== undefined) throw new Error(`${unknown} cannot be changed: ${keys.join(' ')} can`)
  if (intf.device === undefined) throw new Error(`${intf} is no device whose frames could be delayed`)
  const now = shapingOf(intf)
  const wanted = merged(now, changes)
  const isSwitch = intf.node.name.startsWith('s')
  const { lines: have } = tcLines(now, isSwitch)
  const { lines: want, errors } = tcLines(wanted, isSwitch)
  if (errors.length > 0) throw new Error(errors.join('').trimEnd())
  for (const step of steps(have, want)) {
    const said = await run(intf, step)
    // A warning is none; nobody who asks for 100 Mbit/s cares for HTB's quantum.
    if (said === '' || said.startsWith('Warning:')) continue
    await run(intf, { verb: 'del', line: 'root' })
    for (const line of have) await run(intf, { verb: 'add', line })
    throw new Error(said.trimEnd().split('\n')[0])
  }
  intf.shaping = wanted
}
