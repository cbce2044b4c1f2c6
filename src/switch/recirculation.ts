import type { Clock } from '../runtime/clock.ts'
import { millisecond } from '../runtime/clock.ts'
import { type FrozenState, nameOfState } from './frozen.ts'

/** A state that nothing refers to stays so long, for frames that are on their way to it. */
const rest = 500 * millisecond

/** `returns`: frames come back to it. */
type Entry = { id: number; name: string; state: FrozenState; holders: number; returns: boolean }

/**
 * Frozen pipelines by the number that the datapath knows them by (`recirc(0x1)`). Equal states share a number. Each that
 * mentions a number holds it: megaflows as long as they live, a single frame until it is through.
 */
export class Recirculation {
  private readonly byId = new Map<number, Entry>()
  private readonly byName = new Map<string, Entry>()
  private next = 1
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** How many states are known, those included that are about to go. */
  get size(): number {
    return this.byId.size
  }

  /**
   * The number of a state, held once more. A state that only says what a controller is told has a number, but no frame
   * `returns` to it.
   */
  hold(state: FrozenState, returns = true): number {
    const name = nameOfState(state)
    const known = this.byName.get(name)
    if (known !== undefined) {
      known.holders++
      known.returns ||= returns
      return known.id
    }
    while (this.byId.has(this.next) || this.next === 0) this.next = (this.next + 1) >>> 0
    const entry: Entry = { id: this.next, name, state, holders: 1, returns }
    this.next = (this.next + 1) >>> 0
    this.byId.set(entry.id, entry)
    this.byName.set(name, entry)
    return entry.id
  }

  get(id: number): FrozenState | undefined {
    return this.byId.get(id)?.state
  }

  /** Takes back one `hold` of each. */
  release(ids: readonly number[]): void {
    const going: Entry[] = []
    for (const id of ids) {
      const entry = this.byId.get(id)
      if (entry === undefined || --entry.holders > 0) continue
      this.byName.delete(entry.name)
      if (entry.returns) going.push(entry)
      else this.byId.delete(id)
    }
    if (going.length === 0) return
    this.clock.at(this.clock.now() + rest, () => {
      for (const { id } of going) this.byId.delete(id)
    })
  }
}
