/** `decap`: takes the outermost header away (ovs-actions(7)). */
import { readNumber, writeNumber } from '../../flow/fields.ts'
import { decoded } from '../error.ts'
import { parseUpTo } from '../number.ts'
import { splitWords } from '../words.ts'
import { type ActionKind, type ActionParser, begin, nicira } from './codec.ts'
import { extension } from './form.ts'

/** OFPHTN 0, type 0xfffe: the type that the header says comes next. */
const nextProtocol = 0x0000fffe
/** A type that is not known before the header is gone. */
const unknownType = 0xffffffff

/** `decap`, `decap(packet_type(ns=0,type=0))`; only the first word counts. */
const parse: ActionParser = argument => {
  let packetType: number = nextProtocol
  const word = splitWords(argument)[0]
  if (word !== undefined) {
    if (word.name !== 'packet_type') return `Invalid decap argument: ${word.name}`
    const parts = splitWords(word.value)
    const numbers: number[] = []
    for (const [i, name] of ['ns', 'type'].entries()) {
      const part = parts[i]
      if (part?.name !== name) return `Missing packet_type attribute ${name}`
      const number = parseUpTo(part.value, 0xffff)
      if (number === undefined) return `invalid ${name} "${part.value}"`
      numbers.push(number)
    }
    packetType = numbers[0]! * 0x10000 + numbers[1]!
  }
  return { type: 'decap', packetType: packetType === nextProtocol ? undefined : packetType }
}

export const decap: ActionKind<'decap'> = {
  type: 'decap',
  parsers: { decap: parse },
  format({ packetType }, { paint }) {
    const type =
      packetType === undefined ? '' : `packet_type(ns=${packetType >>> 16},type=${numberText(packetType & 0xffff)})`
    return `${paint.paren('decap(')}${type}${paint.paren(')')}`
  },
  forms: [
    extension(
      'NXAST_DECAP',
      47,
      16,
      bytes => {
        bytes.skip(2)
        const packetType = bytes.u32()
        return decoded({ type: 'decap', packetType: packetType === nextProtocol ? undefined : packetType })
      },
      { from: 4 },
    ),
  ],
  encode({ packetType }, out) {
    const end = begin(out, 47, nicira)
    out.zeros(2)
    out.u32(packetType ?? nextProtocol)
    end()
  },
  check(_, { match: { key } }) {
    if (readNumber(key, 'packet_type') === 0) {
      writeNumber(key, 'packet_type', 0x10000 | readNumber(key, 'eth_type'))
    } else {
      writeNumber(key, 'packet_type', unknownType)
      writeNumber(key, 'eth_type', 0xffff)
    }
    return undefined
  },
}

/** C's `%#x`. */
const numberText = (value: number): string => (value === 0 ? '0' : `0x${value.toString(16)}`)
