/** Sets of actions and instructions, as switches say what they can do: bits of OFPAT_* and OFPIT_*, or their numbers. */
import type { Version } from './protocol.ts'

/** An action by the name that text has for it, with its number in 1.0, in 1.1 and since 1.2. */
type Row = readonly [name: string, of10: number | undefined, of11: number | undefined, of12: number | undefined]
const none = undefined

/** In the order that text has them. */
const actions: readonly Row[] = [
  ['output', 0, 0, 0],
  ['group', none, 22, 22],
  ['enqueue', 11, none, none],
  ['set_field', none, none, 25],
  ['set_vlan_vid', 1, 1, none],
  ['set_vlan_pcp', 2, 2, none],
  ['strip_vlan', 3, 18, 18],
  ['push_vlan', none, 17, 17],
  ['mod_dl_src', 4, 3, none],
  ['mod_dl_dst', 5, 4, none],
  ['mod_nw_src', 6, 5, none],
  ['mod_nw_dst', 7, 6, none],
  ['mod_nw_tos', 8, 7, none],
  ['mod_nw_ecn', none, 8, none],
  ['mod_nw_ttl', none, 23, 23],
  ['mod_tp_src', 9, 9, none],
  ['mod_tp_dst', 10, 10, none],
  ['dec_ttl', none, 24, 24],
  ['set_mpls_label', none, 13, none],
  ['set_mpls_tc', none, 14, none],
  ['set_mpls_ttl', none, 15, 15],
  ['dec_mpls_ttl', none, 16, 16],
  ['push_mpls', none, 19, 19],
  ['pop_mpls', none, 20, 20],
  ['set_queue', none, 21, 21],
]

const numberOf = (row: Row, version: Version): number | undefined =>
  version === 1 ? row[1] : version === 2 ? row[2] : row[3]

/** OFPAT_* of the named actions that a version has, lowest first. */
export const actionNumbers = (names: readonly string[], version: Version): number[] =>
  actions
    .flatMap(row => {
      const number = numberOf(row, version)
      return number !== undefined && names.includes(row[0]) ? [number] : []
    })
    .sort((a, b) => a - b)

/** Names of actions in the order of text; numbers that a version has no action for are left out. */
export const actionNames = (numbers: readonly number[], version: Version): string[] =>
  actions.flatMap(row => {
    const number = numberOf(row, version)
    return number !== undefined && numbers.includes(number) ? [row[0]] : []
  })

const bitsOf = (numbers: readonly number[]): number => numbers.reduce((bits, number) => bits | (1 << number), 0) >>> 0
const numbersIn = (bits: number): number[] => Array.from({ length: 32 }, (_, i) => i).filter(i => (bits >>> i) & 1)

/** As bits by number: group features, table statistics, 1.0's features reply. */
export const actionBits = (names: readonly string[], version: Version): number => bitsOf(actionNumbers(names, version))
export const actionsOfBits = (bits: number, version: Version): string[] => actionNames(numbersIn(bits), version)

/** Names as they follow `actions:`. */
export const formatActionNames = (names: readonly string[]): string => (names.length === 0 ? '<none>' : names.join(' '))

/** Instructions in the order of text, with OFPIT_* and the version they came in. */
const instructions: readonly (readonly [name: string, number: number, from: Version, to: Version])[] = [
  ['meter', 6, 4, 5],
  ['apply_actions', 4, 2, 6],
  ['clear_actions', 5, 2, 6],
  ['write_actions', 3, 2, 6],
  ['write_metadata', 2, 2, 6],
  ['goto_table', 1, 2, 6],
]

/** OFPIT_* of the named instructions that a version has, lowest first. */
export const instructionNumbers = (names: readonly string[], version: Version): number[] =>
  instructions
    .filter(([name, , from, to]) => from <= version && version <= to && names.includes(name))
    .map(([, number]) => number)
    .sort((a, b) => a - b)

export const instructionNames = (numbers: readonly number[], version: Version): string[] =>
  instructions
    .filter(([, number, from, to]) => from <= version && version <= to && numbers.includes(number))
    .map(([name]) => name)

export const instructionBits = (names: readonly string[], version: Version): number =>
  bitsOf(instructionNumbers(names, version))
export const instructionsOfBits = (bits: number, version: Version): string[] =>
  instructionNames(numbersIn(bits), version)
