/** The page about the exercises as sessions: in each section, the lines typed at its lab's prompt print what the page shows. */
import { describe, expect, test } from 'vitest'
import { labs } from '../../src/lab/index.ts'
import { linesOf, Prompt, page, says, session } from './page.testing.ts'

const text = page('docs/exercises.md')
/** By lab: the part of the page below its heading. */
const sections = new Map(
  text.split(/^## /m).flatMap(part => {
    const [, name, body] = /^(\w+): [^\n]*\n([\s\S]*)$/.exec(part) ?? []
    // A session may begin with the line that brings the lab up.
    return name === undefined ? [] : [[name, (body as string).replaceAll(`\n$ weft lab ${name}\nweft> `, '\nweft> ')]]
  }),
)

test('the page has a section for each exercise', () => {
  const names = labs.filter(({ exercise }) => exercise !== undefined).map(({ name }) => name)
  expect([...sections.keys()]).toEqual(names)
})

describe.each([...sections])('the section about %s', (name, body) => {
  test('shows what is printed', () => {
    const prompt = new Prompt(name as string)
    const shown = session(body as string)
    expect(shown.length).toBeGreaterThan(4)
    for (const { line, output } of shown) {
      const [printed, wanted] = [prompt.type(line), linesOf(output.join('\n'))]
      if (!says(wanted, printed)) expect(printed, line).toEqual(wanted)
    }
  })

  test('types no line that it does not test', () => {
    const typed = (body as string).split('\n').filter(line => line.startsWith('weft> '))
    expect(session(body as string)).toHaveLength(typed.length)
  })
})
