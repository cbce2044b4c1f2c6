const isSpace = (c: string | undefined): boolean => c === ' ' || c === '\t' || c === '\r' || c === '\n'

/** Bytes in pairs of hexadecimal digits, with white space between pairs as you like; undefined if there is anything else. */
export const hexBytes = (text: string): Uint8Array | undefined => {
  const bytes = new Uint8Array(text.length >> 1)
  let size = 0
  for (let at = 0; ; at += 2) {
    while (isSpace(text[at])) at++
    if (at >= text.length) return bytes.slice(0, size)
    const pair = text.slice(at, at + 2)
    if (!/^[0-9a-fA-F]{2}$/.test(pair)) return undefined
    bytes[size++] = Number.parseInt(pair, 16)
  }
}
