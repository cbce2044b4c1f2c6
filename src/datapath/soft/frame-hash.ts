import { extract } from '../../flow/extract.ts'
import { hashFiveTuple, hashPair, hashSymmetricL3L4 } from '../../flow/key-hash.ts'
import { newKey } from '../../flow/layout.ts'
import type { Frame } from '../../wire/frame.ts'
import type { HashAlgorithm } from './program.ts'

/**
 * What the `hash` action gives. `l4` is of the frame as it came in, as a network card would have hashed it, whatever
 * was done to it since; so once a program has asked for that, every frame is hashed on arrival.
 */
export class FrameHash {
  /** Whether any program has asked for `l4`. */
  private wanted = false
  /** Of the frame at hand as it came in; -1 if it was not hashed. */
  arrival = -1
  private readonly key = newKey()

  want(): void {
    this.wanted = true
  }

  /** A frame comes in. */
  begin(frame: Frame, vlanLimit: number): void {
    this.arrival = -1
    if (this.wanted) this.note(frame, vlanLimit)
  }

  /** Hashes the frame as it is now, unless that was done when it came in. */
  note(frame: Frame, vlanLimit: number): void {
    if (this.arrival >= 0) return
    extract(frame, this.key, vlanLimit)
    this.arrival = hashFiveTuple(this.key)
  }

  /** The frame is another one now: a label was taken off. */
  forget(): void {
    this.arrival = -1
  }

  /** A frame comes round again. */
  resume(frame: Frame, vlanLimit: number): void {
    if (this.wanted) this.note(frame, vlanLimit)
  }

  of(algorithm: HashAlgorithm, basis: number, frame: Frame, vlanLimit: number): number {
    if (algorithm === 'l4' && this.arrival >= 0) return hashPair(this.arrival, basis)
    extract(frame, this.key, vlanLimit)
    if (algorithm === 'l4') return hashFiveTuple(this.key, basis)
    return hashSymmetricL3L4(this.key, basis, false)
  }
}
