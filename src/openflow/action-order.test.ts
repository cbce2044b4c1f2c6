import { describe, expect, test } from 'vitest'
import type { OfAction, Subfield } from './action.ts'
import { instructionOf, misplaced } from './action-order.ts'

const output: OfAction = { type: 'output', port: 1 }
const meter: OfAction = { type: 'meter', meter: 1 }
const goTo: OfAction = { type: 'goto_table', table: 1 }
const clear: OfAction = { type: 'clear_actions' }
const note: OfAction = { type: 'note', bytes: [0] }
const conjunction: OfAction = { type: 'conjunction', id: 1, clause: 0, clauses: 2 }
const mark: Subfield = { field: 'ct_mark', start: 0, count: 32 }
const register: Subfield = { field: 'reg0', start: 0, count: 32 }

const errorOf = (...given: Parameters<typeof misplaced>): string | undefined => misplaced(...given)?.error

describe('the order of instructions', () => {
  test('meter, actions, the others, goto_table', () => {
    expect(misplaced([meter, output, output, clear, goTo], undefined, false)).toBeUndefined()
    expect(misplaced([], undefined, true)).toBeUndefined()
  })
  test('one that comes too late, and one that comes twice', () => {
    expect(misplaced([goTo, output], undefined, false)).toEqual({
      error: 'OFPBAC_UNSUPPORTED_ORDER',
      words:
        'invalid instruction ordering: apply_actions must appear before goto_table, for OpenFlow 1.1+ compatibility',
    })
    expect(misplaced([clear, clear], undefined, false)).toEqual({
      error: 'OFPBAC_UNSUPPORTED_ORDER',
      words: 'duplicate clear_actions instruction not allowed, for OpenFlow 1.1+ compatibility',
    })
  })
  test('where only actions may stand', () => {
    expect(misplaced([output, goTo], undefined, true)).toEqual({
      error: 'OFPBIC_UNSUP_INST',
      words: 'goto_table instruction not allowed here',
    })
  })
  test('in 1.5 a meter is an action', () => {
    expect(instructionOf('meter')).not.toBe(instructionOf('output'))
    expect(instructionOf('meter', 6)).toBe(instructionOf('output', 6))
    expect(errorOf([output, meter, meter], undefined, true)).toBe('OFPBAC_UNSUPPORTED_ORDER')
    expect(errorOf([output, meter, meter], undefined, true, 6)).toBeUndefined()
    expect(errorOf([output, meter], undefined, true, 5)).toBe('OFPBAC_UNSUPPORTED_ORDER')
  })
})

describe('what stands beside and inside', () => {
  test('a conjunction has only notes beside it', () => {
    expect(errorOf([conjunction, note, conjunction], undefined, false)).toBeUndefined()
    const wrong = misplaced([output, conjunction], undefined, false)
    expect(wrong?.error).toBe('NXBAC_BAD_CONJUNCTION')
    expect(wrong?.words).toContain('such as the "output" action used here')
  })
  test('fields of a connection are written inside of ct', () => {
    const actions: OfAction[][] = [
      [{ type: 'load', target: mark, value: 1n }],
      [{ type: 'move', source: register, target: mark }],
      [{ type: 'set_field', field: 'ct_mark', value: 1n, mask: 1n }],
    ]
    for (const list of actions) {
      expect(errorOf(list, 'ct', true)).toBeUndefined()
      expect(errorOf(list, undefined, false)).toBe('OFPBAC_BAD_SET_ARGUMENT')
      expect(errorOf(list, 'clone', true)).toBe('OFPBAC_BAD_SET_ARGUMENT')
    }
  })
  test('and nothing else is', () => {
    expect(errorOf([{ type: 'load', target: register, value: 1n }], 'ct', true)).toBe('OFPBAC_BAD_ARGUMENT')
    expect(misplaced([output], 'ct', true)).toEqual({
      error: 'OFPBAC_BAD_ARGUMENT',
      words: "ct action doesn't support nested action output",
    })
  })
})
