/** `check-vlan TCI MASK`: what becomes of a match on a VLAN tag in every way to say it. */
import { word } from '../../flow/layout.ts'
import { type Match, newMatch } from '../../flow/match.ts'
import { formatMatch } from '../../flow/match-text.ts'
import { Reader, Writer } from '../../openflow/bytes.ts'
import type { Decoded } from '../../openflow/error.ts'
import { parseFlow } from '../../openflow/flow-text.ts'
import { decodeMatch, encodeMatch, pullNxMatch, putNxMatch } from '../../openflow/match-wire.ts'
import { formatNxMatch } from '../../openflow/nx-match-text.ts'
import type { Version } from '../../openflow/protocol.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal, type OfctlCommands } from './command.ts'

const four = (value: number): string => value.toString(16).padStart(4, '0')
const two = (value: number): string => value.toString(16).padStart(2, '0')

const tciOf = ({ key, mask }: Match): { tci: number; mask: number } => ({
  tci: key[word.vlan]! & 0xffff,
  mask: mask[word.vlan]! & 0xffff,
})
const formatTci = (match: Match): string => {
  const { tci, mask } = tciOf(match)
  return `${four(tci)}/${four(mask)}`
}

/** A number in hexadecimal as C reads it from the front of a text. */
const hexNumber = (text: string): number => Number.parseInt(/^\s*(?:0[xX])?([0-9a-fA-F]+)/.exec(text)?.[1] ?? '0', 16)

function* checkVlan(call: Call): Task<number> {
  const [tciText = '', maskText = ''] = call.args
  const match = newMatch()
  match.key[word.vlan] = hexNumber(tciText) & 0xffff
  match.mask[word.vlan] = hexNumber(maskText) & 0xffff
  const text = formatMatch(match, { paint: call.paint })
  yield* call.stdio.print(`${text} -> `)
  // What is coloured cannot be read again.
  const read = parseFlow(text, 'delete')
  if (!read.ok) return yield* fatal(call, read.error)
  const lines = [
    formatTci(read.given),
    nxm(match, call),
    oxm(match, call),
    fixed('OF1.0', match, 1, call),
    fixed('OF1.1', match, 2, call),
  ]
  yield* call.stdio.print(`${lines.join('\n')}\n`)
  return 0
}

const nxm = (match: Match, { warn }: Call): string => {
  const out = new Writer()
  const length = putNxMatch(out, match)
  const bytes = out.done()
  const read = pullNxMatch(new Reader(bytes), length, { warn })
  return `NXM: ${formatNxMatch(bytes.subarray(0, length))} -> ${read.ok ? formatTci(read.value.match) : read.error}`
}

/** The version that OXM came with. */
const firstOxm: Version = 3

const oxm = (match: Match, { warn }: Call): string => {
  const bytes = written(match, firstOxm)
  const fields = bytes.subarray(4, (bytes[2]! << 8) | bytes[3]!)
  const read = decodeMatch(new Reader(bytes), firstOxm, { warn })
  return `OXM: ${formatNxMatch(fields)} -> ${read.ok ? formatParts(read.value) : read.error}`
}

/** The VLAN's number and its priority apart, as OXM has them. */
const formatParts = (match: Match): string => {
  const { tci, mask } = tciOf(match)
  const priority = (mask & 0xe000) === 0 ? '--' : two(tci >>> 13)
  return `${four(tci & 0x1fff)}/${four(mask & 0x1fff)},${priority}`
}

const written = (match: Match, version: Version): Uint8Array => {
  const out = new Writer()
  encodeMatch(out, match, version)
  return out.done()
}

/** Where the fixed matches of 1.0 and 1.1 have their wildcards, and which bits are the tag's. */
const layouts = {
  1: { wildcards: 0, vlan: 18, priority: 20, vlanBit: 1 << 1, priorityBit: 1 << 20 },
  2: { wildcards: 8, vlan: 36, priority: 38, vlanBit: 1 << 1, priorityBit: 1 << 2 },
} as const

const fixed = (label: string, match: Match, version: 1 | 2, { warn }: Call): string => {
  const bytes = written(match, version)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const layout = layouts[version]
  const wildcards = view.getUint32(layout.wildcards)
  const isWild = (bit: number): number => ((wildcards & bit) === 0 ? 0 : 1)
  const tag = `${four(view.getUint16(layout.vlan))}/${isWild(layout.vlanBit)}`
  const priority = `${two(bytes[layout.priority]!)}/${isWild(layout.priorityBit)}`
  const read: Decoded<Match> = decodeMatch(new Reader(bytes), version, { warn })
  return `${label}: ${tag},${priority} -> ${read.ok ? formatTci(read.value) : read.error}`
}

export const checkVlanCommands: OfctlCommands = { 'check-vlan': { min: 2, max: 2, readWrite: true, run: checkVlan } }
