/**
 * Lists of actions that were read lately, by their bytes. Many flows of a table say the same: they get one list, which
 * takes the time to read it once and the room to keep it once.
 */
import type { TlvLayout } from '../flow/tlv.ts'
import type { OfAction } from './action.ts'
import type { Reader } from './bytes.ts'
import { CheckedLists } from './checked-lists.ts'
import type { Version } from './protocol.ts'

/** Nobody may change the list. */
type Entry = { version: Version; mapped: TlvLayout | undefined; bytes: Uint8Array; actions: readonly OfAction[] }

/** A power of 2. There are two places for a hash, and a list takes that of the older one. */
const places = 1024
/** Longer ones are rarely the same, and would keep much memory. */
const longest = 256

/** Where a list of bytes would be; undefined if it is none to remember. */
export type Place = number | undefined

export class RecentActions {
  /** Which of them were found good. */
  readonly checked = new CheckedLists()
  private readonly entries: (Entry | undefined)[] = new Array(places).fill(undefined)

  /** Where the bytes up to the reader's end belong. */
  place({ bytes, at, end }: Reader): Place {
    if (end - at > longest || end === at) return undefined
    let hash = 0x811c9dc5
    for (let i = at; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
    return (hash ^ (hash >>> 15)) & (places - 1)
  }

  /** What these bytes were read as; the reader is left as it is. */
  find(place: Place, version: Version, reader: Reader, mapped?: TlvLayout): readonly OfAction[] | undefined {
    if (place === undefined) return undefined
    const newer = this.entries[place]
    if (newer !== undefined && isOf(newer, version, reader, mapped)) return newer.actions
    const older = this.entries[place ^ 1]
    return older !== undefined && isOf(older, version, reader, mapped) ? older.actions : undefined
  }

  keep(place: Place, entry: Entry): void {
    if (place === undefined) return
    this.entries[place ^ 1] = this.entries[place]
    this.entries[place] = entry
  }
}

const isOf = (entry: Entry, version: Version, { bytes, at, end }: Reader, mapped: TlvLayout | undefined): boolean => {
  if (entry.version !== version || entry.mapped !== mapped || entry.bytes.length !== end - at) return false
  for (let i = at; i < end; i++) if (entry.bytes[i - at] !== bytes[i]) return false
  return true
}
