/** Bytes in rows of sixteen, as ovs-ofctl prints them: offset, bytes with a dash in the middle, and characters if wished. */
export const hexDump = (bytes: Uint8Array, characters = true): string => {
  let text = ''
  for (let row = 0; row < bytes.length; row += 16) text += `${hexRow(bytes, row, characters)}\n`
  return text
}

const hexRow = (bytes: Uint8Array, row: number, characters: boolean): string => {
  const end = Math.min(row + 16, bytes.length)
  let digits = ''
  let shown = ''
  for (let at = row; at < end; at++) {
    const byte = bytes[at]!
    digits += `${byte.toString(16).padStart(2, '0')}${at === row + 7 ? '-' : ' '}`
    shown += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
  }
  const offset = row.toString(16).padStart(8, '0')
  return characters ? `${offset}  ${digits.padEnd(48)}|${shown.padEnd(16)}|` : `${offset}  ${digits.trimEnd()}`
}

/** As `encode-hello` and `encode-error-reply` print bytes: without characters, and without a dash at a row's end. */
export const plainHexDump = (bytes: Uint8Array): string => hexDump(bytes, false).replace(/-$/gm, '')
