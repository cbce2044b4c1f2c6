import { expect, test } from 'vitest'
import { seeded } from '../runtime/index.ts'
import { randomUuid } from './uuid.ts'

/** The same, by what RFC 4122 says of the octets. */
const slowly = (random: () => number): string => {
  const octets = Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32)).flatMap(word =>
    [24, 16, 8, 0].map(place => Math.floor(word / 2 ** place) % 256),
  )
  octets[6] = 0x40 + ((octets[6] as number) % 16)
  octets[8] = 0x80 + ((octets[8] as number) % 64)
  const hex = octets.map(octet => octet.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

test('a UUID has all that is drawn but for its version and variant', () => {
  const [fast, slow] = [seeded(7), seeded(7)]
  for (let i = 0; i < 1000; i++) {
    const uuid = randomUuid(fast)
    expect(uuid).toBe(slowly(slow))
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  }
})
