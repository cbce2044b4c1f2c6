/**
 * UTF-8 both ways. `TextEncoder` and `TextDecoder`, which neither the language nor its standard library promises, do it for
 * texts that are not short where they are there: many times as fast, and with the same result.
 */
type Codec = {
  TextEncoder?: new () => { encode(text: string): Uint8Array }
  TextDecoder?: new (
    label: string,
    options: { fatal: boolean; ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string }
}
const { TextEncoder, TextDecoder } = globalThis as Codec
const encoder = TextEncoder && new TextEncoder()
const decoder = TextDecoder && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Characters, or bytes, from which on a call of the platform is worth its while. */
const worthwhile = 64

/** What half of a surrogate pair becomes when it is alone. */
const replacement = 0xfffd

export const utf8 = (text: string): Uint8Array =>
  encoder !== undefined && text.length >= worthwhile ? encoder.encode(text) : utf8Slowly(0, text)

/** The bytes of a text behind so many that are left free. */
export const utf8Behind = (room: number, text: string): Uint8Array => {
  if (encoder === undefined || text.length < worthwhile) return utf8Slowly(room, text)
  const encoded = encoder.encode(text)
  const bytes = new Uint8Array(room + encoded.length)
  bytes.set(encoded, room)
  return bytes
}

/** The slow twin of `TextEncoder`. */
export const utf8Slowly = (room: number, text: string): Uint8Array => {
  const bytes = new Uint8Array(room + text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) return fullUtf8(text, room)
    bytes[room + i] = code
  }
  return bytes
}

const fullUtf8 = (text: string, room: number): Uint8Array => {
  const bytes = new Uint8Array(room + text.length * 3)
  let size = room
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number
    const code = point >= 0xd800 && point < 0xe000 ? replacement : point
    if (code < 0x80) {
      bytes[size++] = code
      continue
    }
    if (code < 0x800) bytes[size++] = 0xc0 | (code >> 6)
    else {
      if (code < 0x10000) bytes[size++] = 0xe0 | (code >> 12)
      else {
        bytes[size++] = 0xf0 | (code >> 18)
        bytes[size++] = 0x80 | ((code >> 12) & 63)
        // It took two places of the text.
        i++
      }
      bytes[size++] = 0x80 | ((code >> 6) & 63)
    }
    bytes[size++] = 0x80 | (code & 63)
  }
  return bytes.slice(0, size)
}

/** The text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD, a byte at a time. */
export const fromUtf8 = (bytes: Uint8Array, start = 0, end = bytes.length): string => {
  if (decoder === undefined || end - start < worthwhile) return fromUtf8Slowly(bytes, start, end)
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch {
    // It is not all UTF-8, or memory that the platform's decoder does not take.
    return fromUtf8Slowly(bytes, start, end)
  }
}

/** The slow twin of `TextDecoder`. */
export const fromUtf8Slowly = (bytes: Uint8Array, start: number, end: number): string => {
  const parts: string[] = []
  let at = start
  while (at < end) {
    const lead = bytes[at] as number
    if (lead < 0x80) {
      const ascii = asciiEnd(bytes, at, Math.min(end, at + 4096))
      // The function takes anything that has numbers; a spread would go through them one by one.
      parts.push(String.fromCharCode.apply(undefined, bytes.subarray(at, ascii) as Iterable<number> as number[]))
      at = ascii
      continue
    }
    const more =
      lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : -1
    let code = more === 1 ? lead & 31 : more === 2 ? lead & 15 : lead & 7
    let valid = more >= 0 && at + more < end
    for (let i = 1; valid && i <= more; i++) {
      const next = bytes[at + i] as number
      if ((next & 0xc0) !== 0x80) valid = false
      code = (code << 6) | (next & 63)
    }
    if (
      valid &&
      ((more === 2 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) ||
        (more === 3 && (code < 0x10000 || code > 0x10ffff)))
    )
      valid = false
    parts.push(valid ? String.fromCodePoint(code) : '\ufffd')
    at += valid ? more + 1 : 1
  }
  return parts.join('')
}

const asciiEnd = (bytes: Uint8Array, from: number, end: number): number => {
  let at = from
  while (at < end && (bytes[at] as number) < 0x80) at++
  return at
}

/** Turns bytes that come in pieces into text; a character cut by the end of a piece comes with the next one. */
export const utf8Decoder = (): ((bytes: Uint8Array) => string) => {
  let held = new Uint8Array(0)
  return bytes => {
    const all = new Uint8Array(held.length + bytes.length)
    all.set(held)
    all.set(bytes, held.length)
    const end = all.length - begun(all)
    held = all.slice(end)
    return fromUtf8(all, 0, end)
  }
}

/** How many bytes at the end begin a character that is not whole yet. */
const begun = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if ((byte & 0xc0) === 0x80) continue
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return size > back ? back : 0
  }
  return 0
}
