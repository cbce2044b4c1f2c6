import type { Random } from '../runtime/index.ts'

/** RFC 4122 §4.4, from the random numbers handed in. */
export const randomUuid = (random: Random): string => {
  const draw = (): number => Math.floor(random() * 2 ** 32)
  const [a, b, c, d] = [draw(), draw(), draw(), draw()]
  const version = (b & 0x0fff) | 0x4000
  const variant = ((c >>> 16) & 0x3fff) | 0x8000
  return `${pair(a >>> 16)}${pair(a)}-${pair(b >>> 16)}-${pair(version)}-${pair(variant)}-${pair(c)}${pair(d >>> 16)}${pair(d)}`
}

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
/** The lower two bytes: each row of a commit has a new version, so this is made often. */
const pair = (value: number): string => `${bytes[(value >>> 8) & 0xff]}${bytes[value & 0xff]}`
