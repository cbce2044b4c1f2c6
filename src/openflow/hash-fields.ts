/**
 * Which fields of a frame a hash takes (enum nx_hash_fields): `bundle`, `multipath`, groups' selection. The order is
 * that of the numbers on the wire.
 */
export const hashFields = [
  'eth_src',
  'symmetric_l4',
  'symmetric_l3l4',
  'symmetric_l3l4+udp',
  'nw_src',
  'nw_dst',
  'symmetric_l3',
] as const
export type HashFields = (typeof hashFields)[number]
