/** The page about OpenFlow as a session: each line typed at the lab's prompt prints what the page shows. */
import { beforeAll, describe, expect, test } from 'vitest'
import { linesOf, Prompt, page, says, session } from './page.testing.ts'

const text = page('docs/openflow.md')
let prompt: Prompt

beforeAll(() => {
  prompt = new Prompt('segment')
})

describe('the page about OpenFlow', () => {
  test.each(session(text))('line $at: $line', ({ line, output }) => {
    const [printed, wanted] = [prompt.type(line), linesOf(output.join('\n'))]
    if (!says(wanted, printed)) expect(printed).toEqual(wanted)
  })

  test('types no line that it does not test', () => {
    const typed = text.split('\n').filter(line => line.startsWith('weft> '))
    expect(session(text)).toHaveLength(typed.length)
    expect(typed.length).toBeGreaterThan(25)
  })
})
