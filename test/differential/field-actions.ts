import { type FieldName, field } from '../../src/flow/fields.ts'
import { below, type Random } from '../../src/runtime/random.ts'
import { isOption, type RandomMatch, randomField } from './match.ts'
import { bitsOf, chance, drawn, maskOf, pick, valueText } from './values.ts'

/** Texts of actions that read and write fields, among those that frames of a match have. */

type Wanted = (name: FieldName) => boolean

/** The action may name it: not what has no number on the wire, nor what no text says. */
const isNamed: Wanted = name => (field(name).codes?.length ?? 0) > 0 && name !== 'ct_state'
export const isWritable: Wanted = name =>
  field(name).writable === true && isNamed(name) && !/^in_port/.test(name) && !/^ct_/.test(name)

const longName = (name: FieldName): string => {
  const codes = field(name).codes ?? []
  return (codes.find(({ name: long }) => long.startsWith('NXM')) ?? codes[0])?.name ?? name
}

/** `NXM_NX_REG0[0..7]`, or the field's own name now and then. */
export const subfield = (random: Random, name: FieldName, start: number, count: number): string => {
  const whole = start === 0 && count === bitsOf(name) && !isOption(name)
  const range = whole && chance(random, 0.7) ? '' : count === 1 ? `${start}` : `${start}..${start + count - 1}`
  return `${chance(random, 0.8) ? longName(name) : name}[${range}]`
}

/** Some bits of a field, as many as `count` says. */
const partOf = (random: Random, name: FieldName, count: number): string =>
  subfield(random, name, below(random, bitsOf(name) - count + 1), count)

export const setField = (random: Random, { kind, tagged }: RandomMatch, wanted: Wanted, masks = true): string => {
  const name =
    randomField(random, kind, tagged, one => isWritable(one) && wanted(one) && (tagged || one !== 'vlan_vid')) ?? 'reg0'
  const mask = masks ? maskOf(random, name) : undefined
  const value = drawn(random, name) & (mask ?? -1n)
  return `set_field:${valueText(name, value, mask)}->${name}`
}

export const load = (random: Random, { kind, tagged }: RandomMatch, wanted: Wanted): string => {
  const name = randomField(random, kind, tagged, one => isWritable(one) && wanted(one)) ?? 'reg0'
  const count = Math.min(64, chance(random, 0.4) ? bitsOf(name) : 1 + below(random, bitsOf(name)))
  const value = BigInt.asUintN(count, drawn(random, name))
  return `load:0x${value.toString(16)}->${partOf(random, name, count)}`
}

export const move = (random: Random, { kind, tagged }: RandomMatch, wanted: Wanted): string => {
  const target = randomField(random, kind, tagged, one => isWritable(one) && wanted(one)) ?? 'reg0'
  const source =
    randomField(random, kind, tagged, one => isNamed(one) && (chance(random, 0.5) || wanted(one))) ?? 'reg1'
  const most = Math.min(bitsOf(source), bitsOf(target))
  const count = chance(random, 0.4) ? most : 1 + below(random, most)
  return `move:${partOf(random, source, count)}->${partOf(random, target, count)}`
}

const registers: readonly FieldName[] = [
  'reg0',
  'reg1',
  'reg2',
  'reg5',
  'reg15',
  'xreg1',
  'xxreg2',
  'metadata',
  'pkt_mark',
  'tun_id',
]

export const registerPart = (random: Random, count: number): string => {
  const name = pick(random, registers)
  return partOf(random, name, Math.min(count, bitsOf(name)))
}

/** Two parts of as many bits: one of a field that frames of this match have, one of any field that `wanted` asks for. */
export const twoParts = (random: Random, { kind, tagged }: RandomMatch, wanted: Wanted): [from: string, to: string] => {
  const from = randomField(random, kind, tagged, isNamed) ?? 'reg0'
  const to = randomField(random, kind, tagged, one => isNamed(one) && wanted(one)) ?? 'reg1'
  const most = Math.min(bitsOf(from), bitsOf(to))
  const count = chance(random, 0.5) ? most : 1 + below(random, most)
  return [partOf(random, from, count), partOf(random, to, count)]
}

export const anyPart = (random: Random, { kind, tagged }: RandomMatch, writes: boolean): string => {
  const name = randomField(random, kind, tagged, one => (writes ? isWritable(one) : isNamed(one))) ?? 'reg0'
  return partOf(random, name, 1 + below(random, Math.min(64, bitsOf(name))))
}
