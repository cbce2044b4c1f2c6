/** Bytes from hex digits; spaces and line ends are only for the eye. */
export const hex = (...text: string[]): Uint8Array => {
  const digits = text.join('').replace(/\s+/g, '')
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`not hex: ${digits}`)
  return Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}

/** Hex digits of bytes, without spaces. */
export const toHex = (bytes: Uint8Array, start = 0, end = bytes.length): string =>
  [...bytes.subarray(start, end)].map(byte => byte.toString(16).padStart(2, '0')).join('')
