/** SHA-1 (RFC 3174 §6.1) for hosts that have none of their own. It keeps mistakes out of files, not people. */
import type { Sha1 } from './log-records.ts'

const block = 64

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

export const sha1: Sha1 = bytes => {
  // What follows the text: a bit, zeros, and its length in bits.
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / block) * block)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0)
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0])
  const words = new Int32Array(80)
  for (let at = 0; at < padded.length; at += block) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i)
    for (let i = 16; i < 80; i++) words[i] = rotate(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1)
    mix(state, words)
  }
  return [...state].map(word => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

const mix = (state: Int32Array, words: Int32Array): void => {
  let [a, b, c, d, e] = state as unknown as [number, number, number, number, number]
  for (let i = 0; i < 80; i++) {
    const [chosen, constant] =
      i < 20
        ? [(b & c) | (~b & d), 0x5a827999]
        : i < 40
          ? [b ^ c ^ d, 0x6ed9eba1]
          : i < 60
            ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
            : [b ^ c ^ d, 0xca62c1d6]
    const next = (rotate(a, 5) + chosen + e + words[i]! + constant) | 0
    e = d
    d = c
    c = rotate(b, 30)
    b = a
    a = next
  }
  for (const [i, word] of [a, b, c, d, e].entries()) state[i] = state[i]! + word
}
