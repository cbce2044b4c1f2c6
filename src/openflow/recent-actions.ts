/**
 * Lists of actions that were read lately, by their bytes. Many flows of a table say the same: they get one list, which
 * takes the time to read it once and the room to keep it once.
 */
import type { OfAction } from './action.ts'
import type { Reader } from './bytes.ts'
import type { Version } from './protocol.ts'

type Entry = { version: Version; bytes: Uint8Array; actions: readonly OfAction[] }

/** A power of 2. A list takes the place of an older one with the same hash. */
const places = 1024
/** Longer ones are rarely the same, and would keep much memory. */
const longest = 256

/** Where a list of bytes would be; undefined if it is none to remember. */
export type Place = number | undefined

export class RecentActions {
  private readonly entries: (Entry | undefined)[] = new Array(places).fill(undefined)

  /** Where the bytes up to the reader's end belong. */
  place({ bytes, at, end }: Reader): Place {
    if (end - at > longest || end === at) return undefined
    let hash = 0x811c9dc5
    for (let i = at; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
    return (hash ^ (hash >>> 15)) & (places - 1)
  }

  /** What these bytes were read as; the reader is left as it is. */
  find(place: Place, version: Version, { bytes, at, end }: Reader): readonly OfAction[] | undefined {
    const entry = place === undefined ? undefined : this.entries[place]
    if (entry === undefined || entry.version !== version || entry.bytes.length !== end - at) return undefined
    for (let i = at; i < end; i++) if (entry.bytes[i - at] !== bytes[i]) return undefined
    return entry.actions
  }

  /** Remembers what the bytes from `from` up to the reader's end are; nobody may change the list. */
  keep(place: Place, version: Version, { bytes, end }: Reader, from: number, actions: readonly OfAction[]): void {
    if (place !== undefined) this.entries[place] = { version, bytes: bytes.slice(from, end), actions }
  }
}
