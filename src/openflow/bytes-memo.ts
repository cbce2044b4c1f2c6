/** What runs of bytes were made into lately: the lists of actions of a dump, of which very many are the same. */
type Entry<T> = { readonly kind: number; readonly bytes: Uint8Array; readonly made: T }

/** A power of 2. */
const buckets = 512
/** Entries in a bucket; the newest takes the place of the oldest. */
const most = 4
/** Longer ones are rarely the same, and would keep much memory. */
const longest = 256

export class BytesMemo<T> {
  private readonly entries: (Entry<T>[] | undefined)[] = new Array(buckets).fill(undefined)

  /** What was made of the same bytes, of the same kind; undefined if that is not known any more. */
  find(kind: number, bytes: Uint8Array, start: number, end: number): T | undefined {
    if (end - start > longest) return undefined
    const bucket = this.entries[bucketOf(bytes, start, end)]
    if (bucket === undefined) return undefined
    for (let i = 0; i < bucket.length; i++) {
      const entry = bucket[i]!
      if (entry.kind === kind && isSame(entry.bytes, bytes, start, end)) return entry.made
    }
    return undefined
  }

  keep(kind: number, bytes: Uint8Array, start: number, end: number, made: T): void {
    if (end - start > longest) return
    const place = bucketOf(bytes, start, end)
    const bucket = this.entries[place] ?? []
    this.entries[place] = bucket
    bucket.unshift({ kind, bytes: bytes.slice(start, end), made })
    bucket.length = Math.min(bucket.length, most)
  }
}

const bucketOf = (bytes: Uint8Array, start: number, end: number): number => {
  let hash = end - start
  let at = start
  for (; at + 4 <= end; at += 4) {
    const word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
    hash = Math.imul(hash ^ word, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  for (; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x9e3779b1)
  return (hash ^ (hash >>> 16)) & (buckets - 1)
}

const isSame = (known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean => {
  if (known.length !== end - start) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false
  return true
}
