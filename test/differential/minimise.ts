import type { Aspect } from './compare.ts'
import { bridgeNames } from './network.ts'
import type { Asked } from './packets.ts'
import type { Tables } from './round.ts'
import { closed, compareOne, type Disagreement, fillAlive, type Pair, revive } from './runner.ts'

/** Makes a disagreement smaller while the same aspect differs: without flows, groups, actions, fields that do not matter. */
export const minimise = async (pair: Pair, found: Disagreement, budget = 300): Promise<Disagreement> => {
  let best = found
  let left = budget
  /** Takes `tables` and `asked` for the best if they still disagree. */
  const accept = async (tables: Tables, asked: Asked): Promise<boolean> => {
    if (left-- <= 0) return false
    await fillAlive(pair, tables)
    const one = await compareOne(pair, asked)
    if (one.theirs === closed) {
      await revive(pair)
      return false
    }
    if (
      !sameKind(one.aspects, found.aspects) ||
      (one.theirs.startsWith('error:') && !found.theirs.startsWith('error:'))
    )
      return false
    best = { ...best, tables, asked, ...one }
    return true
  }
  /** Tries to do without pieces of a list, many at a time and then one by one. */
  const shorten = async (
    count: () => number,
    without: (from: number, to: number) => [Tables, Asked],
  ): Promise<void> => {
    for (let size = Math.max(1, count() >> 1); size >= 1; size = size === 1 ? 0 : size >> 1)
      for (let from = 0; from < count(); ) {
        const to = Math.min(count(), from + size)
        if (!(await accept(...without(from, to)))) from = to
      }
  }
  if (!(await accept(best.tables, best.asked))) return found
  const { settings } = best.tables
  await accept({ ...best.tables, settings: { ...settings, vlanLimit: 1 } }, best.asked)
  for (const list of ['mirrors', 'bridges', 'ports'] as const)
    await shorten(
      () => best.tables.settings[list].length,
      (from, to) => {
        const fewer = (best.tables.settings[list] as readonly unknown[]).filter((_, i) => i < from || i >= to)
        return [{ ...best.tables, settings: { ...best.tables.settings, [list]: fewer } }, best.asked]
      },
    )
  for (const list of ['flows', 'groups'] as const)
    for (const bridge of bridgeNames.keys())
      await shorten(
        () => linesOf(best.tables, list, bridge).length,
        (from, to) => [
          replaced(
            best.tables,
            list,
            bridge,
            linesOf(best.tables, list, bridge).filter((_, i) => i < from || i >= to),
          ),
          best.asked,
        ],
      )
  for (const list of ['flows', 'groups'] as const)
    for (const bridge of bridgeNames.keys())
      for (let i = 0; i < linesOf(best.tables, list, bridge).length; i++) {
        const pieces = (): string[] => piecesOf(linesOf(best.tables, list, bridge)[i] as string)
        const put = (text: string): Tables =>
          replaced(
            best.tables,
            list,
            bridge,
            linesOf(best.tables, list, bridge).map((line, j) => (j === i ? text : line)),
          )
        await shorten(
          () => pieces().length,
          (from, to) => [
            put(
              pieces()
                .filter((_, j) => j < from || j >= to)
                .join(''),
            ),
            best.asked,
          ],
        )
      }
  const words = (): string[] => (best.asked.words[0] as string).split(',')
  await shorten(
    () => words().length - 1,
    (from, to) => [
      best.tables,
      {
        ...best.asked,
        words: [
          words()
            .filter((_, j) => j <= from || j > to)
            .join(','),
          ...best.asked.words.slice(1),
        ],
      },
    ],
  )
  return best
}

const sameKind = (now: readonly Aspect[], wanted: readonly Aspect[]): boolean =>
  now.length > 0 && now.every(aspect => wanted.includes(aspect))

const linesOf = (tables: Tables, list: 'flows' | 'groups', bridge: number): string[] => tables[list][bridge] as string[]

const replaced = (tables: Tables, list: 'flows' | 'groups', bridge: number, lines: string[]): Tables => ({
  ...tables,
  [list]: tables[list].map((each, i) => (i === bridge ? lines : each)),
})

/** Pieces of a line that may go, with their commas, inner ones of parentheses too; joined they are the line. */
const piecesOf = (line: string): string[] =>
  line.split(/(?<=,(?![^(]*=[^(]*\)))|(?<=\()|(?=\))|(?<=actions=)|(?<=bucket=)/)
