/**
 * Which of two errors an action gets whose header names no field. Open vSwitch looks headers up in a hash table of 128 chains;
 * on its way along one it takes any field of another length for the one that was meant. So a length that is wrong nowhere is
 * still called wrong if a chain has the chance to say so, and peers see it. Found by experiment with 3.1: 6,816 headers.
 */
import { fieldNames } from '../flow/fields.ts'
import { hashAdd, hashFinish } from '../flow/hash.ts'
import { oxmField } from './oxm-fields.ts'

const chainCount = 128

const experimenterClass = 0xffff

/** The hash is of the header without its length, but for the highest bit of that. */
const chainOf = (first: number, experimenter: number): number =>
  hashFinish(hashAdd(hashAdd(0, experimenter | 0), first & 0xffffff80), 2) & (chainCount - 1)

/** By chain, the lengths that its headers have: bytes of the value, and of the experimenter if there is one. */
const makeChains = (): readonly ReadonlySet<number>[] => {
  const chains = Array.from({ length: chainCount }, () => new Set<number>())
  for (const name of fieldNames) {
    const { row, size } = oxmField(name)
    for (const { class: oxmClass, number, experimenter } of row.codes ?? []) {
      const length = size + (experimenter === undefined ? 0 : 4)
      const first = (oxmClass << 16) | (number << 9) | length
      chains[chainOf(first, experimenter ?? 0)]!.add(length)
    }
  }
  return chains
}

let chains: readonly ReadonlySet<number>[] | undefined

/** The error for a header that is no field's, as its first word and the experimenter of class 0xffff (else 0). */
export const unknownHeaderError = (
  first: number,
  experimenter: number,
): 'OFPBAC_BAD_SET_LEN' | 'OFPBAC_BAD_SET_TYPE' => {
  const extra = first >>> 16 === experimenterClass ? 4 : 0
  const whole = first & 0xff
  // A mask doubles the value; what is looked up has none.
  const length = (first & 0x100) === 0 ? whole : ((whole - extra) >> 1) + extra
  const exact = (first & ~0x1ff) | length
  chains ??= makeChains()
  const others = [...chains[chainOf(exact, experimenter)]!].some(each => each !== length)
  return length > 0 && others ? 'OFPBAC_BAD_SET_LEN' : 'OFPBAC_BAD_SET_TYPE'
}
