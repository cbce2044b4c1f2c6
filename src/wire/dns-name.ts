/**
 * Domain names on the wire (RFC 1035 §3.1, §4.1.4) and in text. In text a name is absolute and ends in a dot; a dot or
 * backslash inside a label is written `\.` and `\\`, a byte that is not printable ASCII `\DDD` in decimal (RFC 4343 §2.1).
 */
import { type Parsed, parsed, refused } from './parsed.ts'

/** RFC 1035 §2.3.4. */
const longestName = 255
const longestLabel = 63
/** A name has at most 127 labels; more pointers than that are an attack. */
const mostPointers = 127

/**
 * Reads the name at `at` of a message that begins at `message`; `next` is where the bytes after it begin.
 * Every pointer must lead to before the place that it is in, so that following them ends; another is refused as `loop`.
 */
export const readName = (
  bytes: Uint8Array,
  message: number,
  at: number,
  end: number,
): Parsed<{ name: string; next: number }> => {
  let text = ''
  let size = 1
  let next: number | undefined
  let from = at
  let limit = end
  let pointers = 0
  for (;;) {
    if (from >= limit) return refused('short')
    const length = bytes[from]!
    if (length === 0) return parsed({ name: text === '' ? '.' : text, next: next ?? from + 1 })
    if (length >= 0xc0) {
      if (from + 2 > limit) return refused('short')
      const target = message + (((length & 0x3f) << 8) | bytes[from + 1]!)
      next ??= from + 2
      if (target >= from || ++pointers > mostPointers) return refused('loop')
      // What a pointer leads to lies wholly before it, or the name would run into itself.
      limit = from
      from = target
      continue
    }
    if (length > longestLabel) return refused('value')
    if (from + 1 + length > limit) return refused('short')
    size += length + 1
    if (size > longestName) return refused('length')
    for (let i = from + 1; i <= from + length; i++) text += escaped(bytes[i]!)
    text += '.'
    from += 1 + length
  }
}

const escaped = (byte: number): string => {
  if (byte === 0x2e || byte === 0x5c) return `\\${String.fromCharCode(byte)}`
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`
}

/** The labels of a name in text, as bytes; undefined if it is no domain name. The last dot may be missing. */
export const parseName = (text: string): Uint8Array[] | undefined => {
  if (text === '.') return []
  const labels: Uint8Array[] = []
  let label: number[] = []
  let size = 1
  const close = (): boolean => {
    if (label.length === 0 || label.length > longestLabel) return false
    size += label.length + 1
    labels.push(Uint8Array.from(label))
    label = []
    return size <= longestName
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x2e) {
      if (!close()) return undefined
    } else if (code === 0x5c) {
      const digits = /^[0-9]{3}/.exec(text.slice(i + 1))?.[0]
      if (digits !== undefined) {
        if (Number(digits) > 255) return undefined
        label.push(Number(digits))
        i += 3
      } else if (i + 1 < text.length) label.push(text.charCodeAt(++i))
      else return undefined
    } else if (code > 0x7f) return undefined
    else label.push(code)
  }
  if (label.length > 0 && !close()) return undefined
  return labels.length > 0 ? labels : undefined
}

export type NameWriter = {
  /** Appends a name, ending in a pointer where its tail was written before. */
  write(name: string): void
  writeWhole(name: string): void
}

/** Writes names into the bytes of one message, which begins at index 0 of `out`. Bad names are our mistake. */
export const nameWriter = (out: number[]): NameWriter => {
  const places = new Map<string, number>()
  const put = (name: string, compress: boolean): void => {
    const labels = parseName(name)
    if (labels === undefined) throw new RangeError(`not a domain name: ${name}`)
    for (let i = 0; i < labels.length; i++) {
      const tail = labels
        .slice(i)
        .map(label => `${label.length} ${label.join()}`)
        .join()
      const place = places.get(tail)
      if (compress && place !== undefined) {
        out.push(0xc0 | (place >> 8), place & 255)
        return
      }
      // A pointer has 14 bits.
      if (place === undefined && out.length < 0x4000) places.set(tail, out.length)
      const label = labels[i]!
      out.push(label.length, ...label)
    }
    out.push(0)
  }
  return { write: name => put(name, true), writeWhole: name => put(name, false) }
}
