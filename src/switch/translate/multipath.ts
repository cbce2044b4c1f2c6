import { hashPair } from '../../flow/key-hash.ts'
import type { ActionOf } from '../../openflow/action.ts'
import { type Run, record } from './context.ts'
import { hashFieldsOf, maskHashFields } from './flow-hash.ts'
import { writeSubfield } from './subfield.ts'

/** `multipath(…)`: writes the number of a link that a hash chose. */
export const multipath: Run<'multipath'> = (context, action) => {
  const { fields, basis, target } = action
  const hash = hashFieldsOf(context.flow, fields, basis)
  maskHashFields(context.flow, context.mask, fields)
  const value = BigInt.asUintN(target.count, BigInt(link(hash, action)))
  writeSubfield(context, target, value)
  record(context, { kind: 'detail', detail: { what: 'moved', target, value } })
}

const link = (hash: number, { algorithm, maxLink, argument }: ActionOf<'multipath'>): number => {
  const links = maxLink + 1
  switch (algorithm) {
    case 'modulo_n':
      return hash % links
    case 'hash_threshold':
      return links === 1 ? 0 : Math.floor(hash / (Math.floor(0xffffffff / links) + 1))
    case 'hrw':
      return highestRandomWeight(hash, links)
    case 'iter_hash':
      return iterate(hash, links, argument)
  }
}

const highestRandomWeight = (hash: number, links: number): number => {
  let best = 0
  let weight = hashPair(hash, 0)
  for (let i = 1; i < links; i++) {
    const other = hashPair(hash, i)
    if (other <= weight) continue
    best = i
    weight = other
  }
  return best
}

/** Hashes again until the link is there; `modulo` is how many there may be one day. */
const iterate = (hash: number, links: number, wanted: number): number => {
  const modulo = wanted < links || Math.floor(wanted / 2) > links ? 2 ** Math.ceil(Math.log2(links)) : wanted
  for (let i = 0; ; i++) {
    const found = hashPair(hash, i) % modulo
    if (found < links) return found
  }
}
