import { keep, newResult, type Result, type Tally } from './runner.ts'

/** Results between processes, and for programs that read them. */

type Plain = Omit<Result, 'tally' | 'actions' | 'listed'> & {
  listed: [string, number][]
  tally: [string, Omit<Tally, 'by'> & { by: [string, number][] }][]
  actions: [string, { cases: number; agreed: number }][]
}

export const toJson = (result: Result): string => {
  const plain: Plain = {
    ...result,
    tally: [...result.tally].map(([name, tally]) => [name, { ...tally, by: [...tally.by] }]),
    actions: [...result.actions],
    listed: [...result.listed],
  }
  return JSON.stringify(plain)
}

export const fromJson = (text: string): Result => {
  const plain = JSON.parse(text) as Plain
  return {
    ...plain,
    tally: new Map(plain.tally.map(([name, tally]) => [name, { ...tally, by: new Map(tally.by) }])) as Result['tally'],
    actions: new Map(plain.actions),
    listed: new Map(plain.listed),
  }
}

/** Both together. */
export const merge = (a: Result, b: Result): Result => {
  const merged: Result = {
    ...newResult(),
    cases: a.cases + b.cases,
    lines: a.lines + b.lines,
    news: a.news + b.news,
    fleeting: a.fleeting + b.fleeting,
    refusals: [...a.refusals, ...b.refusals],
    unsaid: [...a.unsaid, ...b.unsaid],
    crashes: [...a.crashes, ...b.crashes],
  }
  for (const found of [...a.disagreements, ...b.disagreements]) keep(merged.disagreements, found)
  for (const [name, count] of [...a.listed, ...b.listed])
    merged.listed.set(name, (merged.listed.get(name) ?? 0) + count)
  for (const [name, { cases, agreed, by }] of [...a.tally, ...b.tally]) {
    const sum = merged.tally.get(name) ?? { cases: 0, agreed: 0, by: new Map() }
    merged.tally.set(name, sum)
    sum.cases += cases
    sum.agreed += agreed
    for (const [aspect, count] of by) sum.by.set(aspect, (sum.by.get(aspect) ?? 0) + count)
  }
  for (const [name, { cases, agreed }] of [...a.actions, ...b.actions]) {
    const sum = merged.actions.get(name) ?? { cases: 0, agreed: 0 }
    merged.actions.set(name, { cases: sum.cases + cases, agreed: sum.agreed + agreed })
  }
  return merged
}
