import { type ParseOptions, parseFieldValue, parseSized } from './field-text.ts'
import { type FieldName, field, fieldNamed, fullMask } from './fields.ts'
import { word } from './layout.ts'
import { copyMatch, getField, type Match, newMatch, optionLength, optionSpace, setField, setOption } from './match.ts'
import { exactType, formatMatch } from './match-format.ts'
import { type Paint, plain } from './paint.ts'
import { hasOption, optionNumber, tlvSpace } from './tlv.ts'

export { type FormatOptions, formatMatch } from './match-format.ts'

/** Words that stand for an EtherType and an IP protocol (ovs-fields(7), "Protocols"). */
const shorthands: Readonly<Record<string, readonly [type?: bigint, proto?: bigint]>> = {
  eth: [],
  ip: [0x0800n],
  ipv4: [0x0800n],
  ipv6: [0x86ddn],
  icmp: [0x0800n, 1n],
  icmp6: [0x86ddn, 58n],
  tcp: [0x0800n, 6n],
  tcp6: [0x86ddn, 6n],
  udp: [0x0800n, 17n],
  udp6: [0x86ddn, 17n],
  sctp: [0x0800n, 132n],
  sctp6: [0x86ddn, 132n],
  arp: [0x0806n],
  rarp: [0x8035n],
  mpls: [0x8847n],
  mplsm: [0x8848n],
}

/** What a word stands for; undefined if it is none of these. */
export const shorthandOf = (word: string): readonly [type?: bigint, proto?: bigint] | undefined =>
  Object.hasOwn(shorthands, word) ? shorthands[word] : undefined

/** Whether a word of a flow (what stands before `=`) is one of a match, and not of the flow around it. */
export const isMatchWord = (name: string): boolean =>
  Object.hasOwn(shorthands, name) || name.includes('[') || fieldNamed(name) !== undefined

/**
 * Adds one `name=value` to a match; `value` is undefined for a bare word. Gives ovs-ofctl's message (without its
 * `ovs-ofctl: `) if the item is wrong, and leaves the match as it was.
 */
export const parseMatchField = (
  name: string,
  value: string | undefined,
  match: Match,
  options: ParseOptions = {},
): string | undefined => {
  const short = Object.hasOwn(shorthands, name) ? shorthands[name] : undefined
  if (short !== undefined) {
    isEthernet(match)
    if (short[0] !== undefined) setField(match, 'eth_type', short[0])
    if (short[1] !== undefined) setField(match, 'nw_proto', short[1])
    return undefined
  }
  if (name.includes('[')) return parsePart(name, value ?? '', match)
  const id = plainName(name)
  if (id === undefined) return value === undefined ? `field ${name} missing value` : `unknown keyword ${name}`
  const parsed = parseFieldValue(id, value || '0/0', options)
  if ('wrong' in parsed) return parsed.wrong
  return put(match, id, parsed.value, parsed.mask & fullMask(id))
}

/** `reg0[0..3]=5`: some bits of a field, beside those that the match looks at already. */
const parsePart = (name: string, text: string, match: Match): string | undefined => {
  const part = parseBits(name)
  if (typeof part === 'string') return part
  const value = /^[+-]/.test(text) ? 'bad' : parseSized(text, 128)
  if (typeof value === 'string') return `${name}: cannot parse integer value: ${text}`
  if (value >> BigInt(part.count) !== 0n)
    return `${name}: value 0x${value.toString(16)} does not fit into ${part.count} bits`
  const had = getField(match, part.field)
  const bits = ((1n << BigInt(part.count)) - 1n) << BigInt(part.start)
  return put(match, part.field, (had.value & ~bits) | (value << BigInt(part.start)), had.mask | bits)
}

const put = (match: Match, id: FieldName, value: bigint, mask: bigint): string | undefined => {
  const option = optionNumber(id)
  if (option !== undefined) return parseOption(match, option, value, mask)
  setField(match, id, value, mask)
  if (field(id).needs !== undefined) isEthernet(match)
  return undefined
}

/** A match on anything in an Ethernet frame says that it is one, if it says nothing of the packet type yet. */
const isEthernet = (match: Match): void => {
  if (match.mask[word.packetType] === 0) match.mask[word.packetType] = 0xffffffff
}

/** Names that stand alone; those of NXM and OXM need brackets: `NXM_OF_IP_SRC[]`. */
export const plainName = (name: string): FieldName | undefined => (/^[A-Z]/.test(name) ? undefined : fieldNamed(name))

/** The field and bits that `reg0[0..3]` names, or what is wrong with it. */
const parseBits = (name: string): { field: FieldName; start: number; count: number } | string => {
  const bracket = name.indexOf('[')
  const id = fieldNamed(name.slice(0, bracket))
  if (id === undefined) return `${name}: unknown field \`${name.slice(0, bracket)}'`
  // The bit that says that there is a tag is beyond those that can be named.
  const width = id === 'vlan_vid' ? 12 : field(id).bits
  const inside = /^\[(?:([0-9]+)(?:\.\.([0-9]+))?)?\]/.exec(name.slice(bracket))
  if (inside === null) return `${name}: syntax error expecting [] or [<bit>] or [<start>..<end>]`
  const start = Number(inside[1] ?? 0)
  const end = inside[1] === undefined ? width - 1 : Number(inside[2] ?? start)
  const beyond = (which: string, bit: number): string =>
    `${name}: ${which} bit ${bit} is not valid because field is only ${width} bits wide`
  if (start > end) return `${name}: starting bit ${start} is after ending bit ${end}`
  if (start >= width) return beyond('starting', start)
  if (end >= width) return beyond('ending', end)
  if (bracket + inside[0].length < name.length) return 'unexpected input following field syntax'
  return { field: id, start, count: end - start + 1 }
}

const parseOption = (match: Match, option: number, value: bigint, mask: bigint): string | undefined => {
  if (hasOption(match.mask, option)) return `field tun_metadata${option} set multiple times`
  if (setOption(match, option, value, mask)) return undefined
  const used = optionSpace(match) + optionLength(value, mask)
  return `field tun_metadata${option} exceeds maximum size for tunnel metadata (used ${used}, max ${tlvSpace})`
}

/** A whole match text; items are apart by commas or blanks. */
export const parseMatch = (text: string, options: ParseOptions = {}): { match: Match } | { wrong: string } => {
  const match = newMatch()
  for (const item of splitItems(text)) {
    const cut = item.indexOf('=')
    const said =
      cut < 0
        ? parseMatchField(item, undefined, match, options)
        : parseMatchField(item.slice(0, cut), item.slice(cut + 1), match, options)
    if (said !== undefined) return { wrong: said }
  }
  return { match }
}

/** The items of a list; commas inside parentheses do not separate. */
export const splitItems = (text: string): string[] => {
  const items: string[] = []
  let depth = 0
  let item = ''
  for (const c of text) {
    if (c === '(') depth++
    else if (c === ')') depth--
    if (depth <= 0 && /[,\s]/.test(c)) {
      if (item !== '') items.push(item)
      item = ''
    } else item += c
  }
  if (item !== '') items.push(item)
  return items
}

/**
 * Takes out of a match what it has no right to look at, as its lower layers do not say so (ovs-ofctl(8), "normalize").
 * The same match if it is normal. `notes` is what ovs-ofctl logs then, empty if nothing changed that it tells of.
 */
export const normalize = (match: Match, paint: Paint = plain): { match: Match; notes: string[] } => {
  // Most matches are normal: only one that is not is copied.
  let out = match
  const type = exactType(match)
  const isIp = type === 0x0800 || type === 0x86dd
  const isArp = type === 0x0806 || type === 0x8035
  const proto = isIp && match.mask[word.ip]! & 0xff ? match.key[word.ip]! & 0xff : undefined
  const icmp = (type === 0x0800 && proto === 1) || (type === 0x86dd && proto === 58)
  const nd =
    type === 0x86dd && proto === 58 && match.mask[word.transport]! >>> 16 !== 0 ? match.key[word.transport]! >>> 16 : 0
  const drop = (keep: boolean, first: number, count = 1, bits = 0xffffffff): void => {
    if (keep) return
    for (let i = first; i < first + count; i++) {
      if ((out.mask[i]! & bits) === 0) continue
      if (out === match) out = copyMatch(match)
      out.key[i]! &= ~bits
      out.mask[i]! &= ~bits
    }
  }
  drop(match.key[word.packetType] === 0, word.ethernet, 3)
  drop(type === 0x0800 || isArp, word.ipv4Src, 2)
  drop(type === 0x86dd, word.ipv6Src, 9)
  drop(isIp || isArp, word.ip, 1, 0xff)
  drop(isIp, word.ip, 1, 0x00ffff00)
  drop(type === 0x8847 || type === 0x8848, word.mpls, 3)
  drop(icmp || proto === 6 || proto === 17 || proto === 132, word.transport)
  drop(nd === 135 || nd === 136, word.ndTarget, 4)
  drop(isArp || nd === 135, word.arpSha)
  drop(isArp || nd === 135, word.arpSha + 1, 1, 0xffff0000)
  drop(isArp || nd === 136, word.arpSha + 1, 1, 0xffff)
  drop(isArp || nd === 136, word.arpSha + 2)
  const told = out !== match
  // These vanish when a match goes to the wire, without a word.
  drop(isIp, word.ip, 1, 0xff000000)
  drop(proto === 6, word.tcpFlags)
  drop(nd === 135 || nd === 136, word.ndReserved, 2)
  if (!told) return { match: out, notes: [] }
  return {
    match: out,
    notes: [
      'normalization changed ofp_match, details:',
      ` pre: ${formatMatch(match, { paint })}`,
      `post: ${formatMatch(out, { paint })}`,
    ],
  }
}
