import { hashAdd } from '../../flow/hash.ts'
import { hashEnd } from '../../flow/key-hash.ts'
import { utf8 } from '../../runtime/text.ts'
import { tableOrder } from '../flood-order.ts'
import type { BridgePort } from '../port.ts'

/** Most ports that a spanning tree of 1998 has: their numbers are 8 bits. */
const mostPorts = 255

/** `isOff`: what users ask for makes no tree. */
export type Numbered = {
  readonly ids: ReadonlyMap<BridgePort, number>
  readonly errors: readonly string[]
  readonly isOff: boolean
}

/**
 * The identifiers of ports (priority 8 bits, number 8 bits). Numbers are given as Open vSwitch gives them: as users ask, or
 * from 1 on along its hash table of port names. If only some are asked for, nobody gets one: then the tree is off.
 */
export const numberPorts = (bridge: string, ports: readonly BridgePort[]): Numbered => {
  const errors: string[] = []
  const ids = new Map<BridgePort, number>()
  const taken = new Set<number>()
  let given = 0
  for (const port of tableOrder(ports, ({ name }) => hashName(name))) {
    const { enabled = true, number, priority = 0x80 } = port.treeOptions.stp ?? {}
    if (!canTakePart(port) || !enabled) continue
    if (number === undefined) {
      given++
      if (given > mostPorts) errors.push(`port ${port.name}: too many STP ports, disabling`)
      else ids.set(port, identifier(priority, given))
    } else if (number < 1 || number > mostPorts) errors.push(`port ${port.name}: invalid stp-port-num`)
    else if (taken.has(number)) errors.push(`port ${port.name}: duplicate stp-port-num ${number}, disabling`)
    else {
      taken.add(number)
      ids.set(port, identifier(priority, number))
    }
  }
  if (given === 0 || taken.size === 0) return { ids, errors, isOff: false }
  return {
    ids: new Map(),
    errors: [...errors, `bridge ${bridge}: must manually configure all STP port IDs or none, disabling`],
    isOff: true,
  }
}

/** A port whose device carries nothing is not part of the tree. */
export const hasLink = ({ linkUp, config }: BridgePort): boolean => linkUp && !config.down

/** Internal ports lead nowhere else, so they cannot close a circle. */
export const canTakePart = ({ type }: BridgePort): boolean => type !== 'internal'

const identifier = (priority: number, number: number): number => ((priority & 0xff) << 8) | number

/** Open vSwitch's hash of a text. */
export const hashName = (name: string): number => {
  const bytes = utf8(name)
  let hash = 0
  for (let at = 0; at < bytes.length; at += 4) {
    let word = 0
    for (let i = 0; i < 4; i++) word |= (bytes[at + i] ?? 0) << (8 * i)
    hash = hashAdd(hash, word)
  }
  return hashEnd(hash, bytes.length)
}
