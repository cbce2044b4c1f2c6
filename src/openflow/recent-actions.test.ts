import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OfAction } from './action.ts'
import { decodeInstructions, encodeInstructions } from './action-wire.ts'
import { Reader, Writer } from './bytes.ts'
import type { Version } from './protocol.ts'
import { RecentActions } from './recent-actions.ts'

const bytesOf = (actions: readonly OfAction[], version: Version): Uint8Array => {
  const out = new Writer()
  encodeInstructions(out, actions, version)
  return out.done()
}
const output = (port: number): OfAction[] => [{ type: 'output', port }]

test('the same bytes in the same version give the same list', () => {
  const recent = new RecentActions()
  const read = (bytes: Uint8Array, version: Version) => decodeInstructions(new Reader(bytes), version, { recent })
  const first = read(bytesOf(output(1), 1), 1)
  const again = read(bytesOf(output(1), 1), 1)
  const other = read(bytesOf(output(2), 1), 1)
  if (!first.ok || !again.ok || !other.ok) throw new Error('refused')
  expect(again.value).toBe(first.value)
  expect(other.value).toEqual(output(2))
  const of13 = read(bytesOf(output(1), 4), 4)
  expect(of13.ok && of13.value).toEqual(output(1))
  expect(of13.ok && of13.value).not.toBe(first.value)
})

test('bytes are taken to the end of the reader, in whatever buffer they lie', () => {
  const recent = new RecentActions()
  const list = bytesOf(output(3), 1)
  for (const before of [0, 5, 16]) {
    const buffer = new Uint8Array(before + list.length + 8)
    buffer.set(list, before)
    const reader = new Reader(buffer, before, before + list.length)
    expect(decodeInstructions(reader, 1, { recent })).toEqual({ ok: true, value: output(3) })
    expect(reader.left).toBe(0)
    buffer.fill(0)
  }
})

test('what is refused is refused again', () => {
  const recent = new RecentActions()
  const bad = Uint8Array.of(0, 99, 0, 8, 0, 0, 0, 0)
  for (let i = 0; i < 2; i++)
    expect(decodeInstructions(new Reader(bad), 1, { recent })).toEqual({ ok: false, error: 'OFPBAC_BAD_TYPE' })
})

test('warnings are told again', () => {
  const recent = new RecentActions()
  // OFPAT_SET_NW_TTL of 1.1 is deprecated in 1.2.
  const old = Uint8Array.of(0, 4, 0, 24, 0, 0, 0, 0, 0, 23, 0, 8, 64, 0, 0, 0, 0, 4, 0, 16, 0, 0, 0, 0)
  const told: string[] = []
  for (let i = 0; i < 2; i++) decodeInstructions(new Reader(old), 3, { recent, warn: (_, text) => told.push(text) })
  expect(told.length % 2).toBe(0)
  expect(told.slice(told.length / 2)).toEqual(told.slice(0, told.length / 2))
})

test('with a memory bytes are read as without one', () => {
  const recent = new RecentActions()
  const list = fc.uint8Array({ minLength: 8, maxLength: 24, max: 8 })
  fc.assert(
    fc.property(fc.array(list, { minLength: 1, maxLength: 6 }), fc.constantFrom<Version>(1, 4), (lists, version) => {
      for (const bytes of lists)
        expect(decodeInstructions(new Reader(bytes), version, { recent })).toEqual(
          decodeInstructions(new Reader(bytes), version),
        )
    }),
  )
})
