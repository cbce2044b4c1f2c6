/**
 * Lists of actions that were found good lately, and for which frames: those who add many flows give most of them lists that
 * others have (`RecentActions`), and to look for what is wrong with a list takes longer than to read it.
 */
import { word } from '../flow/layout.ts'
import type { Match } from '../flow/match.ts'
import type { OfAction } from './action.ts'
import type { Version } from './protocol.ts'

/**
 * All that checks look at besides the list (`ActionKind.check`): what frames are, which these words say, and the table. The
 * names of a transport's fields are in the protocol; only ICMPv6 has kinds of messages with fields of their own.
 */
type Seen = {
  version: Version
  table: number | undefined
  ethType: number
  ip: number
  vlan: number
  packetType: number
  states: number
  statesMask: number
}

/** So many lists are remembered. */
const most = 1024
const icmpv6 = 58

export class CheckedLists {
  private readonly known = new Map<readonly OfAction[], Seen>()

  /** Whether this very list was found good for frames like these. */
  isGood(actions: readonly OfAction[], { key, mask }: Match, table: number | undefined, version: Version): boolean {
    const seen = this.known.get(actions)
    return (
      seen !== undefined &&
      seen.version === version &&
      seen.table === table &&
      seen.ethType === key[word.ethType] &&
      seen.ip === key[word.ip] &&
      seen.vlan === key[word.vlan] &&
      seen.packetType === key[word.packetType] &&
      seen.states === key[word.ctState] &&
      seen.statesMask === mask[word.ctState]
    )
  }

  /** Remembers that a list is good, without a warning. */
  keep(actions: readonly OfAction[], { key, mask }: Match, table: number | undefined, version: Version): void {
    if ((key[word.ip]! & 0xff) === icmpv6) return
    if (this.known.size >= most) this.known.clear()
    this.known.set(actions, {
      version,
      table,
      ethType: key[word.ethType]!,
      ip: key[word.ip]!,
      vlan: key[word.vlan]!,
      packetType: key[word.packetType]!,
      states: key[word.ctState]!,
      statesMask: mask[word.ctState]!,
    })
  }
}
