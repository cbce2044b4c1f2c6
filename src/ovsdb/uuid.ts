import type { Random } from '../runtime/index.ts'

const digits = Array.from('0123456789abcdef', digit => digit.charCodeAt(0))
const hyphen = 0x2d

/**
 * RFC 4122 §4.4, from the random numbers handed in. Each row of a commit has a new version, so this is made often: at once
 * from its characters, since a text of parts is put together anew where it is looked up.
 */
export const randomUuid = (random: Random): string => {
  const draw = (): number => (random() * 2 ** 32) >>> 0
  const a = draw()
  const b = (draw() & ~0xf000) | 0x4000
  const c = (draw() & ~0xc0000000) | 0x80000000
  const d = draw()
  const at = (value: number, place: number): number => digits[(value >>> place) & 15] as number
  // biome-ignore format: as the groups of the UUID
  return String.fromCharCode(
    at(a, 28), at(a, 24), at(a, 20), at(a, 16), at(a, 12), at(a, 8), at(a, 4), at(a, 0), hyphen,
    at(b, 28), at(b, 24), at(b, 20), at(b, 16), hyphen,
    at(b, 12), at(b, 8), at(b, 4), at(b, 0), hyphen,
    at(c, 28), at(c, 24), at(c, 20), at(c, 16), hyphen,
    at(c, 12), at(c, 8), at(c, 4), at(c, 0), at(d, 28), at(d, 24), at(d, 20), at(d, 16), at(d, 12), at(d, 8), at(d, 4), at(d, 0),
  )
}
