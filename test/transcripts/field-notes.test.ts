/** Sessions of commands with what they print, as someone who learns overlays by hand would type them. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { withoutChance } from './run.testing.ts'
import { masked, played, worlds } from './worlds.testing.ts'

const compared = (text: string): string => withoutChance(masked(text))

test.each(Object.keys(worlds))('%s.txt', name => {
  const transcript = readFileSync(new URL(`${name}.txt`, import.meta.url), 'utf8')
  expect(compared(played(worlds[name]!(), transcript))).toBe(compared(transcript))
})
