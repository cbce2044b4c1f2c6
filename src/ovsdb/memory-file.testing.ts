import type { LogFile } from './log-records.ts'

/** A file in memory. `full` is the size beyond which it takes only a part of what comes. */
export class MemoryFile implements LogFile {
  readonly name: string
  bytes: Uint8Array = new Uint8Array(0)
  full = Number.POSITIVE_INFINITY
  readonly syncs: ((failure?: string) => void)[] = []

  constructor(name = 't.db') {
    this.name = name
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.slice(offset, offset + length)
  }

  append(bytes: Uint8Array): string | undefined {
    const all = new Uint8Array(this.bytes.length + bytes.length)
    all.set(this.bytes)
    all.set(bytes, this.bytes.length)
    this.bytes = all.slice(0, Math.max(this.bytes.length, this.full))
    return all.length > this.full ? 'No space left on device' : undefined
  }

  truncate(size: number): undefined {
    this.bytes = this.bytes.slice(0, size)
  }

  sync(done: (failure?: string) => void): void {
    this.syncs.push(done)
  }

  replace(contents: readonly Uint8Array[]): string | undefined {
    const before = this.bytes
    this.bytes = new Uint8Array(0)
    for (const bytes of contents) {
      const failure = this.append(bytes)
      if (failure === undefined) continue
      this.bytes = before
      return failure
    }
    return undefined
  }
}
