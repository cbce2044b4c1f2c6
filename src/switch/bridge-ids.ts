import { below, type Random } from '../runtime/random.ts'

/** Bytes of a UUID. */
const size = 16

/**
 * Names of bridges that nobody else can have: a packet that waits with a controller says which bridge it belongs to,
 * and a bridge that was made anew is another one. A name is made when it is first asked for.
 */
export class BridgeIds<B extends object> {
  private readonly ids = new Map<B, Uint8Array>()
  private readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  /** The UUID of a bridge (RFC 9562 §5.4), its 32-bit words in the order of a little-endian machine. */
  of(bridge: B): Uint8Array {
    const known = this.ids.get(bridge)
    if (known !== undefined) return known
    const id = Uint8Array.from({ length: size }, () => below(this.random, 256))
    id[5] = (id[5]! & 0x0f) | 0x40
    id[11] = (id[11]! & 0x3f) | 0x80
    this.ids.set(bridge, id)
    return id
  }

  /** The bridge of a UUID. */
  find(id: Uint8Array): B | undefined {
    for (const [bridge, known] of this.ids) if (known.every((byte, i) => byte === id[i])) return bridge
    return undefined
  }

  forget(bridge: B): void {
    this.ids.delete(bridge)
  }
}
