/** Bytes as pairs of digits, each with a dot in front if you like; undefined for anything else. */
export const parseHex = (text: string): number[] | undefined => {
  const bytes: number[] = []
  let at = 0
  while (at < text.length) {
    if (text[at] === '.') at++
    if (at >= text.length) break
    const pair = text.slice(at, at + 2)
    if (!/^[0-9a-fA-F]{2}$/.test(pair)) return undefined
    bytes.push(Number.parseInt(pair, 16))
    at += 2
  }
  return bytes
}

/** `01.02.03`. */
export const formatHex = (bytes: readonly number[]): string =>
  bytes.map(byte => byte.toString(16).padStart(2, '0')).join('.')
