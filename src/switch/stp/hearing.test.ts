import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hex } from '../../wire/hex.testing.ts'
import { hearStp, strangeVersion } from './hearing.ts'

const tree = '00 1000020000000099 00000000 1000020000000099 8001'

test.each([
  ['', 'received runt 0-byte BPDU'],
  ['000000', 'received runt 3-byte BPDU'],
  ['00010000', 'received BPDU with unexpected protocol ID 1'],
  ['00000017', 'received BPDU of unexpected type 23'],
  [`00000202 ${tree} 0000 1400 0200 0f00 00`, 'received BPDU of unexpected type 2'],
  ['00000000 ff', 'received config BPDU with invalid size 5'],
])('%s is none, in the words of Open vSwitch', (text, why) => {
  expect(hearStp(hex(text))).toEqual({ is: 'bad', why })
})

test('one that is too old counts, and tells nothing', () => {
  const aged = (age: string) => hearStp(hex(`00000000 ${tree} ${age} 1400 0200 0f00`))
  const why = 'received config BPDU with message age (5120) greater than max age (5120)'
  expect(aged('1400')).toEqual({ is: 'old', why })
  expect(aged('13ff')).toMatchObject({ is: 'good', bpdu: { kind: 'config', messageAge: 0x13ff } })
})

test('a change may be longer, a version higher', () => {
  expect(hearStp(hex('00000080'))).toMatchObject({ is: 'good', bpdu: { kind: 'change' } })
  expect(hearStp(hex(`00000580 ${'00'.repeat(32)}`))).toMatchObject({ is: 'good', bpdu: { kind: 'change' } })
  expect(strangeVersion(hex('00000580'))).toBe(5)
  expect(strangeVersion(hex('00000080'))).toBeUndefined()
  expect(strangeVersion(hex('00010580'))).toBeUndefined()
})

test('any bytes are heard', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      const heard = hearStp(bytes)
      expect(heard.is === 'good' ? heard.bpdu.kind : heard.why).not.toBe('')
    }),
  )
})
