/** Bob Jenkins' lookup3 over little-endian words (burtleburtle.net/bob/c/lookup3.c): what Open vSwitch chooses links by. */
export const jenkins = (bytes: Uint8Array, basis: number): number => {
  const words = littleWords(bytes)
  let a = (0xdeadbeef + bytes.length + basis) | 0
  let b = a
  let c = a
  let at = 0
  let left = bytes.length
  for (; left >= 12; left -= 12, at += 3) {
    a = (a + words[at]!) | 0
    b = (b + words[at + 1]!) | 0
    c = (c + words[at + 2]!) | 0
    a = (a - c) ^ rotate(c, 4)
    c = (c + b) | 0
    b = (b - a) ^ rotate(a, 6)
    a = (a + c) | 0
    c = (c - b) ^ rotate(b, 8)
    b = (b + a) | 0
    a = (a - c) ^ rotate(c, 16)
    c = (c + b) | 0
    b = (b - a) ^ rotate(a, 19)
    a = (a + c) | 0
    c = (c - b) ^ rotate(b, 4)
    b = (b + a) | 0
  }
  if (left === 0) return c >>> 0
  a = (a + words[at]!) | 0
  b = (b + (words[at + 1] ?? 0)) | 0
  c = (c + (words[at + 2] ?? 0)) | 0
  c = (c ^ b) - rotate(b, 14)
  a = (a ^ c) - rotate(c, 11)
  b = (b ^ a) - rotate(a, 25)
  c = (c ^ b) - rotate(b, 16)
  a = (a ^ c) - rotate(c, 4)
  b = (b ^ a) - rotate(a, 14)
  c = (c ^ b) - rotate(b, 24)
  return c >>> 0
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

/** Bytes as words, the last filled up with zeroes. */
export const littleWords = (bytes: Uint8Array): number[] => {
  const words: number[] = []
  for (let i = 0; i < bytes.length; i += 4)
    words.push(bytes[i]! | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24))
  return words
}
