import { type FlowKey, newKey } from './layout.ts'

/** Keys for no longer than something is done, used again for the next. */
export class KeyPool {
  private readonly keys: FlowKey[] = []
  private taken = 0

  /** How many keys are in use. */
  get used(): number {
    return this.taken
  }

  /** A key of zeros, until `release`. */
  take(): FlowKey {
    return this.next().fill(0)
  }

  /** The same words in a key of the pool. */
  copy(key: FlowKey): FlowKey {
    const copy = this.next()
    copy.set(key)
    return copy
  }

  /** Nobody needs the keys any more that were taken since `used` was this. */
  release(used = 0): void {
    this.taken = used
  }

  private next(): FlowKey {
    const key = this.keys[this.taken] ?? newKey()
    this.keys[this.taken++] = key
    return key
  }
}
