/** Lists of actions as bytes: right ones, wrong ones, and those in between, for comparisons and for robustness. */
import fc from 'fast-check'
import { begin, nicira } from './actions/codec.ts'
import { Writer } from './bytes.ts'
import type { Version } from './protocol.ts'

/** Bytes that mean something somewhere, and others. */
const byte = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128, 255) },
  { weight: 1, arbitrary: fc.nat(255) },
)
const bytes = (count: number): fc.Arbitrary<number[]> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(Array.from({ length: count }, () => 0)) },
    { weight: 2, arbitrary: fc.array(byte, { minLength: count, maxLength: count }) },
  )

/** Headers of fields: registers, Ethernet, VLAN, IP, transport, MPLS, tunnels, an experimenter's, unknown and masked ones. */
const header = fc.constantFrom(
  '00010004',
  '00010204',
  '00000002',
  '00000406',
  '80000004',
  '80000c02',
  '80000802',
  '80000606',
  '0001e010',
  '80001404',
  '80001001',
  '80000a02',
  '80001a02',
  '00010008',
  '00000802',
  '8000060c',
  '80000704',
  '00010108',
  '80000d04',
  '80004404',
  '80004601',
  '80010008',
  '00002002',
  '80002a02',
  '00015004',
  'ffff160800002320',
)
/** OXM_OF_IN_PORT: of a port that cannot be Open vSwitch keeps the bytes and tells nothing. */
const inPort = '80000004'
const numbers = (hex: string): number[] => hex.match(/../g)?.map(pair => Number.parseInt(pair, 16)) ?? []

type Row = { number: number; size: number; from?: Version; to?: Version }

/** The standard's actions: number and size with the header. */
const standard: readonly Row[] = [
  { number: 0, size: 8, to: 1 },
  { number: 0, size: 16, from: 2 },
  ...[1, 2, 9, 10].map(number => ({ number, size: 8 })),
  ...[3, 6, 7, 8].map(number => ({ number, size: 8, to: 1 as const })),
  ...[4, 5, 11].map(number => ({ number, size: 16, to: 1 as const })),
  ...[3, 4].map(number => ({ number, size: 16, from: 2 as const })),
  ...[5, 6, 7, 8, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24].map(number => ({
    number,
    size: 8,
    from: 2 as const,
  })),
  { number: 29, size: 8, from: 6 },
  { number: 12, size: 8 },
  { number: 77, size: 8 },
]

/** Nicira's extensions of fixed content, by subtype. */
const extensions: readonly Row[] = [
  ...[1, 2, 4, 5, 14, 17, 18, 19, 20, 23, 24, 25, 26, 30, 31, 39, 40, 44, 99, 254, 255].map(number => ({
    number,
    size: 16,
  })),
  ...[9, 21, 29].map(number => ({ number, size: 24 })),
  ...[22, 38, 41].map(number => ({ number, size: 32 })),
]

const knownTo = (rows: readonly Row[], version: Version): Row[] =>
  rows.filter(({ from = 1, to = 6 }) => from <= version && version <= to)

const framed = (number: number, vendor: boolean, body: readonly number[]): number[] => {
  const out = new Writer()
  const end = begin(out, number, vendor ? nicira : undefined)
  out.raw(body)
  end()
  return [...out.done()]
}

const plain = (version: Version): fc.Arbitrary<number[]> =>
  fc
    .constantFrom(...knownTo(standard, version))
    .chain(({ number, size }) => bytes(size - 4).map(body => framed(number, false, body)))

const extension = fc
  .constantFrom(...extensions)
  .chain(({ number, size }) => bytes(size - 10).map(body => framed(number, true, body)))

const output = (version: Version): fc.Arbitrary<number[]> =>
  fc
    .tuple(fc.constantFrom(1, 2, 0xff00, 0xfff7, 0xfff8, 0xfff9, 0xfffb, 0xfffd, 0xfffe, 0xffff), bytes(2))
    .map(([port, length]) => {
      const low = [port >> 8, port & 255]
      const wide = port < 0xff00 ? [0, 0, ...low] : [255, 255, ...low]
      return framed(0, false, version === 1 ? [...low, ...length] : [...wide, ...length, 0, 0, 0, 0, 0, 0])
    })

const bits = fc
  .tuple(fc.constantFrom(0, 0, 0, 1, 4, 16), fc.constantFrom(0, 1, 3, 7, 11, 15, 31, 47, 63))
  .map(([start, count]) => [(start << 6) >> 8, ((start << 6) | count) & 255])
const place = fc.constantFrom(0, 0, 0, 4, 8, 16).map(value => [0, value])
const width = fc.constantFrom(0, 1, 4, 8, 16, 32, 48, 64).map(value => [0, value])
const small = fc.constantFrom(0, 1, 5, 0x80).map(value => [0, 0, 0, 0, 0, 0, 0, value])

/** `load`, `move`, `push`, `pop`, output to a field, and setting a field, with some field. */
const ofField = (version: Version): fc.Arbitrary<number[]> =>
  fc.oneof(
    fc
      .tuple(bits, header, small)
      .map(([at, name, value]) => framed(7, true, [...at, ...numbers(name).slice(0, 4), ...value])),
    fc
      .tuple(width, place, place, header, header)
      .map(([count, from, to, a, b]) => framed(6, true, [...count, ...from, ...to, ...numbers(a), ...numbers(b)])),
    fc
      .tuple(width, place, place, header, header)
      .map(([count, from, to, a, b]) =>
        framed(28, false, [...count, ...from, ...to, 0, 0, ...numbers(a), ...numbers(b)]),
      ),
    fc
      .tuple(fc.constantFrom(27, 28), place, header, width)
      .map(([number, start, name, count]) =>
        framed(number, true, [...start, ...numbers(name), ...count, 0, 0, 0, 0, 0, 0].slice(0, 14)),
      ),
    fc
      .tuple(bits, header, bytes(2))
      .map(([at, name, length]) =>
        framed(15, true, [...at, ...numbers(name).slice(0, 4), ...length, 0, 0, 0, 0, 0, 0]),
      ),
    fc
      .tuple(bits, bytes(2), header)
      .map(([at, length, name]) =>
        framed(32, true, [...at, ...length, ...numbers(name), 0, 0, 0, 0, 0, 0].slice(0, 14)),
      ),
    header
      .filter(name => name !== inPort)
      .chain(name => bytes(numbers(name)[3] ?? 0).map(value => framed(33, true, [...numbers(name), ...value]))),
    header.chain(name =>
      bytes(numbers(name)[3] ?? 0).map(value => framed(version < 3 ? 12 : 25, false, [...numbers(name), ...value])),
    ),
  )

const property = fc
  .tuple(fc.nat(6), fc.constantFrom(4, 5, 6, 8, 9, 12), bytes(12))
  .map(([type, length, body]) => [0, type, 0, length, ...body.slice(0, Math.ceil(length / 8) * 8 - 4)])
const controller2 = fc
  .array(property, { maxLength: 3 })
  .map(properties => framed(37, true, [0, 0, 0, 0, 0, 0, ...properties.flat()]))

const note = fc.constantFrom(6, 14, 22).chain(count => bytes(count).map(body => framed(8, true, body)))

/** Changes a byte of the length, or one anywhere. */
const spoilt = (action: fc.Arbitrary<number[]>): fc.Arbitrary<number[]> =>
  fc.tuple(action, fc.nat(), byte, fc.nat(9)).map(([list, where, value, chance]) => {
    if (chance > 1) return list
    const out = [...list]
    if (out.length > 0) out[chance === 0 ? Math.min(3, out.length - 1) : where % out.length] = value
    return out
  })

/** Lists of one to three actions of a version, most of them right. */
export const actionBytes = (version: Version): fc.Arbitrary<Uint8Array> => {
  const action = spoilt(fc.oneof(plain(version), extension, output(version), ofField(version), controller2, note))
  return fc.array(action, { minLength: 1, maxLength: 3 }).map(list => Uint8Array.from(list.flat()))
}

/** Lists of instructions of a version from 1.1 on, most of them right. */
export const instructionBytes = (version: Version): fc.Arbitrary<Uint8Array> => {
  const nest = fc.tuple(fc.constantFrom(3, 4), fc.oneof(fc.constant(new Uint8Array()), actionBytes(version)))
  const withActions = nest.map(([type, list]) => [0, type, 0, 8 + list.length, 0, 0, 0, 0, ...list])
  const fixed = fc
    .constantFrom([1, 8], [2, 24], [5, 8], [6, 8], [7, 8], [0, 8])
    .chain(([type = 0, size = 8]) => bytes(size - 4).map(body => [0, type, 0, size, ...body]))
  return fc
    .array(spoilt(fc.oneof(withActions, fixed)), { minLength: 1, maxLength: 3 })
    .map(list => Uint8Array.from(list.flat()))
}

export const toHex = (list: Uint8Array): string =>
  Array.from(list, value => value.toString(16).padStart(2, '0')).join('')
