import { expect, test } from 'vitest'
import { describeError, errorNamed, errorNames, errorNumbers, isErrorName } from './error.ts'
import { encodeErrorReply } from './error-reply.ts'
import { errors } from './errors-table.ts'
import type { Version } from './protocol.ts'

/** Names that share their numbers with one before them in some version: that one is read. */
const shadowed = new Set(['OFPBRC_IS_SECONDARY', 'OFPBIC_BAD_EXP_TYPE'])

test('numbers say the name that they were made of', () => {
  for (const name of errorNames)
    for (const version of [1, 2, 3, 4, 5, 6] satisfies Version[]) {
      const numbers = errorNumbers(name, version)
      if (numbers === undefined || shadowed.has(name)) continue
      expect(errorNamed(version, numbers)).toBe(name)
    }
})

test('versions of a row do not overlap', () => {
  for (const name of errorNames) {
    let last = 0
    for (const [from, to] of errors[name]) {
      expect([name, from > last && to >= from]).toEqual([name, true])
      last = to
    }
  }
})

test('an extension says in older versions what a newer one has itself', () => {
  expect(errorNumbers('OFPBAC_BAD_SET_LEN', 1)).toEqual({ vendor: 0x2320, type: 1, code: 524 })
  expect(errorNumbers('OFPBAC_BAD_SET_LEN', 4)).toEqual({ vendor: 0, type: 2, code: 14 })
  expect(errorNumbers('OFPBFC_BAD_FLAGS', 1)).toBeUndefined()
  expect(errorNamed(1, { vendor: 0, type: 1, code: 5 })).toBe('OFPBRC_EPERM')
  expect(isErrorName('OFPBRC_EPERM')).toBe(true)
  expect(isErrorName('toString')).toBe(false)
  expect(describeError('NXTFFC_DUP_TABLE')).toBe(
    [3, 4, 5].map(minor => `OpenFlow 1.${minor}: vendor 0x2320, type 44, code 0\n`).join(''),
  )
})

const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
const request = (version: number): Uint8Array => Uint8Array.from([version, 1, 0, 8, 0, 0, 0, 1])

/** Recorded of `ovs-ofctl encode-error-reply`. */
test.each([
  ['OFPBRC_BAD_TYPE', 4, '040100140000000100010001', undefined],
  ['OFPBFC_BAD_FLAGS', 4, '0401001800000001ffff09034f4e4600', undefined],
  [
    'OFPBFC_BAD_FLAGS',
    1,
    '0101001c00000001b0c200000000232000010209',
    'cannot encode OFPBFC_BAD_FLAGS for OpenFlow 1.0',
  ],
  ['OFPBRC_BAD_TYPE', 9, '010100140000000100010001', 'cannot encode error for unknown OpenFlow version 0x09'],
] as const)('%s in version %i goes back with the request', (name, version, head, warning) => {
  const warnings: string[] = []
  const reply = encodeErrorReply(name, request(version), (_, text) => warnings.push(text))
  expect(hex(reply)).toBe(`${head}${hex(request(version))}`)
  expect(warnings).toEqual(warning === undefined ? [] : [warning])
})

test('a long message goes back cut to what a message holds', () => {
  const long = new Uint8Array(0xffff)
  long.set([4, 2, 0xff, 0xff])
  const reply = encodeErrorReply('OFPBRC_BAD_LEN', long)
  expect(reply.length).toBeLessThanOrEqual(0xffff)
  expect((reply[2]! << 8) | reply[3]!).toBe(reply.length)
})
