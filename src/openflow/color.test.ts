/** Colours only add: without them the text is the same. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { colored } from '../flow/paint.ts'
import { flowText } from './action-lists.testing.ts'
import { parseActions } from './action-text.ts'
import { formatActions, formatFlowMod, parseFlow } from './index.ts'
import { matchLine } from './match-lines.testing.ts'
import { printMessage } from './message-print.ts'
import { encodeMessage } from './message-wire.ts'
import { statisticsBodies } from './messages/statistics.testing.ts'

const styles = ['actions', 'drop', 'learn', 'param', 'paren', 'special', 'value'] as const
const paint = colored({ actions: '1', drop: '2', learn: '3', param: '4', paren: '5', special: '6', value: '7' })
const bare = (text: string): string => text.replace(/\x1b\[(?:\d?m|K)/g, '')

test('of flows', () => {
  const line = fc.oneof(
    flowText,
    matchLine.map(match => `priority=3,${match},actions=drop`),
  )
  fc.assert(
    fc.property(line, text => {
      const read = parseFlow(text, 'add')
      fc.pre(read.ok)
      if (!read.ok) return
      const shown = formatFlowMod(read.flow, undefined, undefined, paint)
      expect(bare(shown)).toBe(formatFlowMod(read.flow))
    }),
    { numRuns: 500 },
  )
})

test.each([1, 4, 6] as const)('of a switch of version %i, known shapes of flows too', version => {
  const bodies = fc.sample(statisticsBodies(version), { numRuns: 400, seed: 5 })
  for (const body of bodies) {
    const message = encodeMessage(body, { version, xid: 7, nxm: true })
    if (message === undefined) continue
    const shown = printMessage(message, { paint })
    expect(bare(shown)).toBe(printMessage(message))
    expect(printMessage(message, { paint })).toBe(shown)
  }
})

test.each(styles)('%s has a code of its own', style => {
  const all = 'drop'
  expect(paint[style](all)).toBe(`\x1b[${styles.indexOf(style) + 1}m\x1b[Kdrop\x1b[m\x1b[K`)
})

test('the comma behind exec() stays where it is coloured, as in Open vSwitch', () => {
  const actions = parseActions('ct(commit,exec(set_field:1->ct_mark))')
  if (typeof actions === 'string') throw new Error(actions)
  const shown = formatActions(actions, undefined, undefined, paint)
  expect(formatActions(actions)).toBe('ct(commit,exec(set_field:0x1->ct_mark))')
  expect(bare(shown)).toBe('ct(commit,exec(set_field:0x1->ct_mark),)')
})
