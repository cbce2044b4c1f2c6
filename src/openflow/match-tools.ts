/**
 * The helpers of ovs-ofctl that take matches apart, line by line: `parse-nxm`, `parse-oxm`, `parse-ofp10-match`,
 * `parse-ofp11-match`. Its manual does not have them; test-suites use them.
 */

import type { Match } from '../flow/match.ts'
import { type FormatOptions, formatMatch, normalize } from '../flow/match-text.ts'
import type { Paint } from '../flow/paint.ts'
import { Reader, Writer } from './bytes.ts'
import type { Decoded } from './error.ts'
import { plainHexDump } from './hex-dump.ts'
import { hexBytes } from './hex-text.ts'
import { decodeMatch, encodeMatch, pullFields, putNxMatch } from './match-wire.ts'
import { formatNxMatch, parseNxMatch } from './nx-match-text.ts'
import { decodeOfp10Match, encodeOfp10Match, ofp10MatchSize } from './ofp10-match.ts'
import { encodeOfp11Match, ofp11MatchSize } from './ofp11-match.ts'
import type { Warn } from './port-text.ts'
import type { Version } from './protocol.ts'

export type MatchToolOptions = {
  /** `--strict` */
  strict?: boolean
  /** `-m` */
  more?: boolean
  warn?: Warn
  /** `--color` */
  paint?: Paint
}

/** What goes to standard output, or what ends the tool. */
export type ToolLine = { output: string } | { fatal: string }

/** What a line says; `passed` is what becomes of one that says nothing. */
export const testLine = (line: string): { text: string } | { passed: string } => {
  if (line.startsWith('#')) return { passed: line }
  const text = line.split('#')[0] as string
  return /[^ \t\n]/.test(text) ? { text } : { passed: '' }
}

const refusedLine = (error: string): ToolLine => ({ output: `nx_pull_match() returned error ${error}\n` })

/** A line of `parse-nxm`, or with a version of `parse-oxm`: the match read, and written again as Open vSwitch would. */
export const nxmLine = (text: string, version: Version | undefined, options: MatchToolOptions = {}): ToolLine => {
  const fields = parseNxMatch(text)
  if (typeof fields === 'string') return { fatal: fields }
  const loose = options.strict !== true
  const { warn = () => {} } = options
  const pulled = pullFields(new Reader(fields), { loose, warn, cookie: version === undefined })
  if (!pulled.ok) return refusedLine(pulled.error)
  const out = new Writer()
  let shown: string
  if (version === undefined) {
    const length = putNxMatch(out, pulled.value.match, pulled.value)
    shown = formatNxMatch(out.bytes.subarray(0, length))
  } else {
    encodeOxm(out, pulled.value.match, version)
    shown = formatNxMatch(out.bytes.subarray(4, new Reader(out.bytes, 2).u16()))
  }
  return { output: `${shown}\n${options.more === true ? plainHexDump(out.done()) : ''}` }
}

/** In OXM's form whatever the version, 1.1 too. */
const encodeOxm = (out: Writer, match: Match, version: Version): void =>
  encodeMatch(out, match, version < 3 ? 3 : version)

const hexLine = (text: string, size: number): Uint8Array | string => {
  const bytes = hexBytes(text)
  if (bytes === undefined) return 'Trailing garbage in hex data'
  return bytes.length === size ? bytes : `Input is ${bytes.length} bytes, expected ${size}`
}

/** `48: 00 -> ff` for each byte that is another. */
const differences = (prefix: string, a: Uint8Array, b: Uint8Array): string => {
  const two = (byte: number): string => byte.toString(16).padStart(2, '0')
  let text = ''
  for (let i = 0; i < a.length; i++)
    if (a[i] !== b[i]) text += `${prefix}${String(i).padStart(2)}: ${two(a[i]!)} -> ${two(b[i]!)}\n`
  return text
}

const shown = ({ paint }: MatchToolOptions): FormatOptions => (paint === undefined ? {} : { paint })

/** Any but 0 shows whether it matters. */
const anyDigit = 'f'

const written = (encode: (out: Writer, match: Match) => void, match: Match): Uint8Array => {
  const out = new Writer()
  encode(out, match)
  return out.done()
}

/**
 * A line of `parse-ofp10-match`: what the bytes mean, and which bytes are others when that is written again, or normalized.
 * An `x` is a digit that does not matter, and is written again as 0.
 */
export const ofp10Line = (text: string, options: MatchToolOptions = {}): ToolLine => {
  const bytes = hexLine(text.replaceAll('x', anyDigit), ofp10MatchSize)
  if (typeof bytes === 'string') return { fatal: bytes }
  const expected = hexLine(text.replaceAll('x', '0'), ofp10MatchSize) as Uint8Array
  const match = decodeOfp10Match(new Reader(bytes))
  const again = written(encodeOfp10Match, match)
  const { match: normal, notes } = normalize(match, options.paint)
  for (const note of notes) options.warn?.('ofp_match', note, 'INFO')
  const clean = written(encodeOfp10Match, normal)
  return {
    output: `${formatMatch(match, shown(options))}\n${differences('', expected, again)}${differences('normal: ', again, clean)}\n`,
  }
}

/** A line of `parse-ofp11-match`. */
export const ofp11Line = (text: string, options: MatchToolOptions = {}): ToolLine => {
  const bytes = hexLine(text, ofp11MatchSize)
  if (typeof bytes === 'string') return { fatal: bytes }
  const { warn = () => {} } = options
  const whole = Uint8Array.from(bytes)
  whole.set([0, 0, 0, ofp11MatchSize])
  const read: Decoded<Match> = decodeMatch(new Reader(whole), 2, { warn })
  if (!read.ok) return { output: `bad ofp11_match: ${read.error}\n\n` }
  return {
    output: `${formatMatch(read.value, shown(options))}\n${differences('', bytes, written(encodeOfp11Match, read.value))}\n`,
  }
}
