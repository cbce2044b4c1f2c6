/** Named bits of a field, least significant first; an empty name is a bit that text cannot set. */
export type FlagNames = readonly string[]

/** RFC 9293 §3.1, RFC 3168; the reserved bits by their value. */
export const tcpFlags: FlagNames = [
  'fin',
  'syn',
  'rst',
  'psh',
  'ack',
  'urg',
  'ece',
  'cwr',
  'ns',
  '[200]',
  '[400]',
  '[800]',
]
/** ovs-fields(7), ct_state. */
export const ctStates: FlagNames = ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat']
/** ovs-fields(7), tun_flags. */
export const tunnelFlags: FlagNames = ['oam']

type Flags = { value: bigint; mask: bigint }
type Wrong = { wrong: string }

/**
 * Flags as ovs-ofctl reads them: `+syn-ack` looks at two, `syn|ack` and plain numbers at all, `0x2/0x12` at those of
 * the mask. `kind` is what messages call them.
 */
export const parseFlags = (text: string, names: FlagNames, kind: string): Flags | Wrong => {
  const all = (1n << BigInt(names.length)) - 1n
  const unknown = (flag: string): Wrong => ({ wrong: `${flag}: unknown ${kind} flag(s)` })
  if (/^[0-9]/.test(text)) {
    const parts = /^(0[xX][0-9a-fA-F]+|[0-9]+)(?:\/(0[xX][0-9a-fA-F]+|(?!0[xX])[0-9]+).*)?$/.exec(text)
    if (parts === null) return unknown(text)
    const bits = numberOf(parts[1] as string)
    const under = parts[2] === undefined ? all : numberOf(parts[2])
    return (bits | under) & ~all ? unknown(text) : { value: bits & under, mask: under }
  }
  const bitOf = (name: string): bigint => {
    const place = names.indexOf(name)
    return place < 0 ? 0n : 1n << BigInt(place)
  }
  let value = 0n
  if (!/^[+-]/.test(text)) {
    for (const name of text.split('|')) {
      if (bitOf(name) === 0n) return unknown(text)
      value |= bitOf(name)
    }
    return { value, mask: all }
  }
  let mask = 0n
  for (const item of text.split(/(?=[+-])/)) {
    const bit = bitOf(item.slice(1))
    if (bit === 0n) return unknown(item.slice(1))
    if (mask & bit) return { wrong: `${item.slice(1)}: Each ${kind} flag can be specified only once` }
    mask |= bit
    if (item.startsWith('+')) value |= bit
  }
  return { value, mask }
}

/** As C scans a number, except that after a 0 each digit up to 9 counts for itself, eight times the next. */
const numberOf = (text: string): bigint => {
  if (!/^0[0-9]/.test(text)) return BigInt(text)
  return [...text].reduce((value, digit) => value * 8n + BigInt(digit), 0n)
}

/** `syn|ack` under a full mask, `+syn-ack` under another. */
export const formatFlags = (value: bigint, mask: bigint, names: FlagNames, signs = false): string => {
  if (mask === (1n << BigInt(names.length)) - 1n && !signs)
    return names.filter((_, i) => value & (1n << BigInt(i))).join('|') || '0'
  return names
    .map((name, i) => (mask & (1n << BigInt(i)) ? (value & (1n << BigInt(i)) ? '+' : '-') + name : ''))
    .join('')
}

/** A number in C's notation: decimal, 0x, or octal after a 0; undefined for anything else. */
export const parseNumber = (text: string): bigint | undefined => {
  if (/^0[0-7]+$/.test(text)) return BigInt(`0o${text.slice(1)}`)
  return /^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text) && !/^0[0-9]/.test(text) ? BigInt(text) : undefined
}
