/** Fields whose prefixes a classifier may keep in tries: `prefixes` of a row of Flow_Table (ovs-vswitchd.conf.db(5)). */
import { type Field, type FieldName, field } from './fields.ts'
import { PrefixTrie } from './prefix-trie.ts'

const names = [
  'tun_id',
  'tun_src',
  'tun_dst',
  'tun_ipv6_src',
  'tun_ipv6_dst',
  'ip_src',
  'ip_dst',
  'ipv6_src',
  'ipv6_dst',
] as const satisfies readonly FieldName[]

export type PrefixField = (typeof names)[number]

/** Where nothing is said, as Open vSwitch. */
export const defaultPrefixFields: readonly PrefixField[] = ['ip_dst', 'ip_src']

export const isPrefixField = (name: FieldName): name is PrefixField => names.some(known => known === name)

/** An empty trie of a field, which has whole words of a key. */
export const trieOf = (name: PrefixField): PrefixTrie => {
  const { at, bits }: Field = field(name)
  return new PrefixTrie(at[0] - bits / 32 + 1, bits)
}
