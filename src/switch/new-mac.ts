import { below, type Random } from '../runtime/random.ts'
import type { Mac } from '../wire/address.ts'

/** A MAC address for a bridge: locally administered, unicast. */
export const newMac = (random: Random): Mac =>
  (((below(random, 256) & 0xfc) | 0x02) * 256 + below(random, 256)) * 2 ** 32 + below(random, 2 ** 32)
