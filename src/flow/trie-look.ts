import { type FlowKey, word } from './layout.ts'
import { typeOf } from './match.ts'
import type { PrefixTrie } from './prefix-trie.ts'

const ipv4 = 0x0800

/** What a classifier's tries say of one key; each is asked once in a look-up, and only when a subtable wants to know. */
export class TrieLook {
  private readonly tries: readonly PrefixTrie[]
  private readonly asked: Uint8Array

  constructor(tries: readonly PrefixTrie[]) {
    this.tries = tries
    this.asked = new Uint8Array(tries.length)
  }

  /** Begins another look-up. */
  restart(): void {
    this.asked.fill(0)
  }

  /**
   * Whether no rule can fit whose prefix in this trie's field has this length. The bits that say so are set in `mask`;
   * if they were more than the rule itself would look at, the answer is no, unless they are set anyway.
   */
  rulesOut(index: number, length: number, key: FlowKey, mask: FlowKey): boolean {
    const trie = this.tries[index]!
    // Of ARP the same words mean something else.
    if (isIpv4Address(trie.at) && typeOf(key) !== ipv4) return false
    if (this.asked[index] === 0) {
      trie.look(key)
      this.asked[index] = 1
    }
    if (trie.has(length)) return false
    if (trie.looked > length) return trie.isCovered(mask)
    trie.unwildcard(mask)
    return true
  }
}

const isIpv4Address = (at: number): boolean => at === word.ipv4Src || at === word.ipv4Dst
