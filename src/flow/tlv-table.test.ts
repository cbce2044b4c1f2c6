import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { usedSpace } from './tlv.ts'
import {
  changeTlvTable,
  emptyTlvTable,
  mapped,
  optionOf,
  type TlvCommand,
  type TlvOption,
  type TlvTable,
} from './tlv-table.ts'

const option = (index: number, type: number, length: number): TlvOption => ({ class: 0xffff, type, length, index })
const changed = (table: TlvTable, command: TlvCommand, ...options: TlvOption[]): TlvTable => {
  const result = changeTlvTable(table, command, options)
  if ('error' in result) throw new Error(result.error)
  return result.table
}
const one = changed(emptyTlvTable, 'add', option(0, 0, 4))

describe('what is refused, as Open vSwitch refuses it', () => {
  test.each([
    [option(1, 0, 4), 'NXTTMFC_DUP_ENTRY'],
    [option(0, 1, 4), 'NXTTMFC_ALREADY_MAPPED'],
    [option(1, 1, 3), 'NXTTMFC_BAD_OPT_LEN'],
    [option(1, 1, 128), 'NXTTMFC_BAD_OPT_LEN'],
    [option(64, 1, 124), 'NXTTMFC_BAD_FIELD_IDX'],
  ])('%o', (added, error) => {
    expect(changeTlvTable(one, 'add', [added])).toEqual({ error })
  })
  test('more than there is room for, and then all of it', () => {
    const full = changed(one, 'add', option(2, 2, 124), option(3, 3, 124))
    expect(changeTlvTable(full, 'add', [option(5, 5, 8)])).toEqual({ error: 'NXTTMFC_TABLE_FULL' })
    expect(changeTlvTable(full, 'add', [option(6, 6, 4), option(7, 7, 4)])).toEqual({ error: 'NXTTMFC_TABLE_FULL' })
    expect(mapped(changed(full, 'add', option(6, 6, 4)))).toHaveLength(4)
  })
  test('options that flows refer to', () => {
    const inUse = (index: number): boolean => index === 0
    const options = [option(0, 0, 4)]
    expect(changeTlvTable(one, 'delete', options, inUse)).toEqual({ error: 'NXTTMFC_INVALID_TLV_DEL' })
    expect(changeTlvTable(one, 'clear', [], inUse)).toEqual({ error: 'NXTTMFC_INVALID_TLV_DEL' })
    expect(changeTlvTable(emptyTlvTable, 'delete', options, inUse)).toEqual({ table: emptyTlvTable })
  })
})

test('an option goes by its field alone, whatever else is said', () => {
  expect(mapped(changed(one, 'delete', option(0, 77, 8)))).toEqual([])
  expect(mapped(changed(one, 'delete', option(9, 0, 4)))).toEqual([option(0, 0, 4)])
  expect(mapped(changed(one, 'clear'))).toEqual([])
})

test('an empty option is one too', () => {
  const table = changed(one, 'add', option(1, 1, 0))
  expect(mapped(table)).toEqual([option(0, 0, 4), option(1, 1, 0)])
  expect(usedSpace(table.layout)).toBe(4)
  expect(optionOf(table, 0xffff, 1)).toEqual(option(1, 1, 0))
  expect(optionOf(table, 0xfffe, 1)).toBeUndefined()
})

test('options that stay keep their places, and the space is never more than there is', () => {
  const step = fc.record({
    command: fc.constantFrom<TlvCommand>('add', 'add', 'add', 'delete'),
    options: fc.array(
      fc.record({
        class: fc.constantFrom(1, 0xffff),
        type: fc.nat(40),
        length: fc.nat(16).map(n => 4 * n),
        index: fc.nat(63),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      let table = emptyTlvTable
      for (const { command, options } of steps) {
        const result = changeTlvTable(table, command, options)
        if ('error' in result) continue
        for (const { index } of mapped(table))
          if (result.table.options[index] !== undefined)
            expect(result.table.layout.places[index]).toBe(table.layout.places[index])
        table = result.table
        expect(usedSpace(table.layout)).toBe(mapped(table).reduce((sum, { length }) => sum + length, 0))
        expect(usedSpace(table.layout)).toBeLessThanOrEqual(256)
      }
    }),
  )
})
