import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { seeded } from '../runtime/index.ts'
import { sha1 } from './sha1.ts'

test('is that of another implementation, at every length around blocks and for large texts', () => {
  const random = seeded(1)
  const lengths = [...Array.from({ length: 140 }, (_, i) => i), 1000, 65536, 1_000_001]
  for (const length of lengths) {
    const bytes = Uint8Array.from({ length }, () => random() * 256)
    expect(sha1(bytes)).toBe(createHash('sha1').update(bytes).digest('hex'))
  }
})
