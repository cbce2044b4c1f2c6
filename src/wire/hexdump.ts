/** Bytes in rows of sixteen, as `tcpdump -x` prints them. */

/** `-x`: hex in pairs of bytes. Each row opens with a new line, a tab and its offset. */
export const hexdump = (bytes: Uint8Array, start = 0, end = bytes.length): string => rows(bytes, start, end, false)

/** `-X`: the same, with characters behind. */
export const hexdumpText = (bytes: Uint8Array, start = 0, end = bytes.length): string => rows(bytes, start, end, true)

const rows = (bytes: Uint8Array, start: number, end: number, characters: boolean): string => {
  let text = ''
  for (let row = start; row < end; row += 16) {
    const stop = Math.min(row + 16, end)
    let digits = ''
    let shown = ''
    for (let i = row; i < stop; i++) {
      const byte = bytes[i]!
      digits += `${(i - row) % 2 === 0 ? ' ' : ''}${byte.toString(16).padStart(2, '0')}`
      shown += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
    }
    text += `\n\t0x${(row - start).toString(16).padStart(4, '0')}: ${characters ? `${digits.padEnd(40)}  ${shown}` : digits}`
  }
  return text
}
