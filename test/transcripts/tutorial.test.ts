/** The tutorial as a session: each line is typed, and what the page shows is what comes out. */
import { beforeAll, describe, expect, test } from 'vitest'
import { blocks, linesOf, Prompt, page, says, session } from './page.testing.ts'

const text = page('docs/tutorial.md')
let prompt: Prompt

beforeAll(() => {
  prompt = new Prompt('two-hypervisors')
})

/** Compares by `says`; where it does not hold, the difference is readable. */
const expectShown = (printed: string[], wanted: string[]): void => {
  if (!says(wanted, printed)) expect(printed).toEqual(wanted)
}

describe('the tutorial', () => {
  test('shows the demonstration of npm start', () => {
    const block = blocks(text).find(({ lines }) => lines[0] === '$ npm start')
    expectShown(linesOf(prompt.demonstration), linesOf(block?.lines.slice(1).join('\n') ?? 'no block'))
  })

  test.each(session(text))('line $at: $line', ({ line, output }) => {
    expectShown(prompt.type(line), linesOf(output.join('\n')))
  })

  test('types no line that it does not test', () => {
    const typed = text.split('\n').filter(line => line.startsWith('weft> '))
    expect(session(text)).toHaveLength(typed.length)
    expect(typed.length).toBeGreaterThan(40)
  })
})

describe('what a page says', () => {
  test.each([
    [['a', 'b'], ['a', 'b'], true],
    [['a'], ['a', 'b'], false],
    [['a', 'b'], ['a'], false],
    [['…'], [], true],
    [['…', 'b'], ['a', 'a', 'b'], true],
    [['…', 'b'], ['a', 'b', 'c'], false],
    [['a', '…'], ['a'], true],
    [['a … c'], ['a b c'], true],
    [['a … c'], ['a b d'], false],
    [['a.c'], ['abc'], false],
    [[''], ['x'], false],
  ] as [string[], string[], boolean][])('%j for %j: %s', (wanted, printed, right) => {
    expect(says(wanted, printed)).toBe(right)
  })
})
