import type { Random } from '../runtime/index.ts'

/** RFC 4122 §4.4, from the random numbers handed in. */
export const randomUuid = (random: Random): string => {
  const draw = (): number => Math.floor(random() * 2 ** 32)
  const [a, b, c, d] = [draw(), draw(), draw(), draw()]
  const version = (b & 0x0fff) | 0x4000
  const variant = ((c >>> 16) & 0x3fff) | 0x8000
  return `${hex(a, 8)}-${hex(b >>> 16, 4)}-${hex(version, 4)}-${hex(variant, 4)}-${hex(c & 0xffff, 4)}${hex(d, 8)}`
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
