import { type FlowKey, word } from '../../flow/layout.ts'

/** The words of a flow key that lie beside a frame and not in it; `recircId` among them is the datapath's own affair. */
const first = word.skbPriority
const end = word.ctProto + 1
const count = end - first

/**
 * What a datapath knows about the frame at hand besides its bytes: mark, priority, hash, connection. All of it is 0 when a
 * frame comes in, and for most frames stays so: then nothing is cleared, kept or put back.
 */
export class Beside {
  private readonly key: FlowKey
  /** Whether any word may be other than 0. */
  private inUse = false
  private readonly saved: Saved[] = []
  private depth = 0

  /** The words lie in `key`. */
  constructor(key: FlowKey) {
    this.key = key
  }

  set(place: number, value: number, mask: number): void {
    this.inUse = true
    this.key[place] = (this.key[place]! & ~mask) | (value & mask)
  }

  /** What the connection tracker says, from a key; undefined forgets it. */
  setConnection(key: FlowKey | undefined): void {
    this.inUse = true
    for (let place: number = word.ctState; place <= word.ctProto; place++) this.key[place] = key?.[place] ?? 0
  }

  clear(): void {
    if (!this.inUse) return
    this.inUse = false
    this.key.fill(0, first, end)
  }

  copyTo(key: FlowKey): void {
    for (let place: number = first; place < end; place++) key[place] = this.key[place]!
  }

  copyFrom(key: FlowKey): void {
    this.inUse = true
    for (let place: number = first; place < end; place++) this.key[place] = key[place]!
  }

  /** Keeps the words until the matching `restore`. */
  save(): void {
    this.saved[this.depth] ??= { inUse: false, words: new Uint32Array(count) }
    const entry = this.saved[this.depth++]!
    entry.inUse = this.inUse
    if (this.inUse) for (let i = 0; i < count; i++) entry.words[i] = this.key[first + i]!
  }

  restore(): void {
    this.depth--
    const { inUse, words } = this.saved[this.depth]!
    if (!inUse) this.clear()
    else for (let i = 0; i < count; i++) this.key[first + i] = words[i]!
  }
}

type Saved = { inUse: boolean; words: Uint32Array }
