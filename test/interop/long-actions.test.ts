import { spawn, spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { preconditionOf } from '../../src/openflow/action-check.ts'
import { formatActions } from '../../src/openflow/action-text.ts'
import { decodeActions, decodeInstructions, encodeInstructions } from '../../src/openflow/action-wire.ts'
import { Reader, Writer } from '../../src/openflow/bytes.ts'
import { type FlowRead, parseFlow } from '../../src/openflow/flow-text.ts'
import { formatProtocols, protocolsOf, type Version } from '../../src/openflow/protocol.ts'
import { captureFlowMods } from './capture.testing.ts'
import { longActionLine } from './long-action-lines.ts'
import { hasOpenVswitch } from './real-switch.ts'

const nameOf = (version: Version): string => `OpenFlow1${version - 1}`
const linesOf = (seed: number, count: number): string[] => [
  ...new Set(fc.sample(longActionLine, { seed, numRuns: count })),
]

/** What a tool makes of a line: what it says of it, with the bytes that it dumps left out. */
type Outcome = { line: string; says: string[] }

const withoutDumps = (text: string): string[] =>
  text
    .split('\n')
    .map(row => row.replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|\d+\|/, '').replace(/^ovs-ofctl: /, ''))
    .filter(row => row !== '' && !/^[0-9a-f]{8} {2}/.test(row) && !row.startsWith('chosen protocol'))

const printed = (row: string): string => row.replace(/^(OFPT|NXT)_FLOW_MOD.*?(actions=|\*\*\*)/, '$2')

const real = (line: string, version: Version): Promise<Outcome> =>
  new Promise(resolve => {
    const child = spawn('ovs-ofctl', ['-O', nameOf(version), 'parse-flow', line])
    let [out, errors] = ['', '']
    child.stdout.on('data', chunk => {
      out += chunk
    })
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    child.on('close', () => resolve({ line, says: [...withoutDumps(out).map(printed), ...withoutDumps(errors)] }))
  })

/** Reads a flow, writes it for the version, and reads that: parse-flow prints what came over the wire. */
const ours = (line: string, version: Version): Outcome => {
  const out: string[] = []
  const log: string[] = []
  const warn = (module: string, text: string, level = 'WARN'): void => {
    log.push(...withoutDumps(`${module}|${level}|${text}`))
  }
  const read = parseFlow(line, 'add', { warn })
  if (!read.ok) return { line, says: [...log, ...withoutDumps(read.error)] }
  out.push(`usable protocols: ${formatProtocols(read.protocols)}`)
  if ((read.protocols & protocolsOf(version)) === 0) return { line, says: [...out, ...log, 'no usable protocol'] }
  const decoded = decodeInstructions(new Reader(bytesOf(read, version)), version, { warn })
  out.push(decoded.ok ? `actions=${formatActions(decoded.value)}` : `***decode error: ${decoded.error}***`)
  return { line, says: [...out, ...log] }
}

const bytesOf = (read: FlowRead & { ok: true }, version: Version): Uint8Array => {
  const out = new Writer()
  encodeInstructions(out, read.flow.actions, version, preconditionOf(read.flow.match))
  return out.done()
}

/** Some at a time, as there are but few cores. */
const forAll = async (lines: readonly string[], version: Version): Promise<Outcome[]> => {
  const outcomes: Outcome[] = []
  for (let i = 0; i < lines.length; i += 8)
    outcomes.push(...(await Promise.all(lines.slice(i, i + 8).map(line => real(line, version)))))
  return outcomes
}

/** What follows the match. */
const actionsOf = (flowMod: Uint8Array, version: Version): Uint8Array => {
  if (version === 1) return flowMod.subarray(72)
  if (version === 2) return flowMod.subarray(136)
  const match = (flowMod[50]! << 8) | flowMod[51]!
  return flowMod.subarray(48 + Math.ceil(match / 8) * 8)
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** `ovs-ofctl parse-actions` of many lists at once: of each its text, or the name of its error. */
const parsedByOvs = (lists: readonly string[], version: Version): string[] => {
  const { stdout } = spawnSync('ovs-ofctl', ['-vconsole:off', 'parse-actions', nameOf(version)], {
    input: `${lists.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return stdout
    .split('\n')
    .filter(row => row.startsWith('actions=') || row.startsWith('bad '))
    .map(row => row.replace(/^actions=|^bad \w+ actions: /, ''))
}

/**
 * Whether there is a `bundle_load` with a hash over no known fields, or by no known algorithm: Open vSwitch takes it, and
 * stops when it is used.
 */
const hasUnknownHash = (hex: string): boolean =>
  [...hex.matchAll(/00002320000d(.{4})(.{4})/g)].some(
    ([, algorithm, fields]) => Number(`0x${algorithm}`) > 1 || Number(`0x${fields}`) > 6,
  )

const parsedByUs = (bytes: Uint8Array, version: Version): string => {
  const decoded = decodeActions(new Reader(bytes), version)
  return decoded.ok ? formatActions(decoded.value) : decoded.error
}

describe.skipIf(!hasOpenVswitch())('learn, ct, bundle and their kin against ovs-ofctl', () => {
  test.each([
    [1, 101, 200],
    [4, 102, 400],
    [6, 103, 200],
  ] as const)('texts in version %i', async (version, seed, count) => {
    const lines = linesOf(seed, count)
    // The original itself fails at some mistakes inside a `clone`.
    const theirs = (await forAll(lines, version)).filter(({ says }) => !says.some(row => row.includes('assertion')))
    expect(theirs.map(({ line }) => ours(line, version))).toEqual(theirs)
    // The lines are worth something only if many are right and many are not.
    const right = theirs.filter(({ says }) => says.some(row => row.startsWith('actions='))).length
    expect(right).toBeGreaterThan(lines.length / 5)
    expect(right).toBeLessThan((lines.length * 4) / 5)
  })

  test.each([1, 2, 3, 4, 5, 6] as const)('bytes in version %i', async version => {
    const flows = linesOf(200 + version, 2000).flatMap(line => {
      const read = parseFlow(line, 'add')
      // 1.0's own flow-mods only: an extension has the rest.
      const carriers = version === 1 ? 0b11 : protocolsOf(version)
      return read.ok && (read.protocols & carriers) !== 0 && !/udp6|ipv6|icmp6/.test(line) ? [{ line, read }] : []
    })
    expect(flows.length).toBeGreaterThan(200)
    const mods = await captureFlowMods(
      version,
      flows.map(({ line }) => line),
    )
    expect(flows.map(({ line, read }) => ({ line, bytes: hexOf(bytesOf(read, version)) }))).toEqual(
      mods.map((mod, i) => ({ line: flows[i]?.line, bytes: hexOf(actionsOf(mod, version)) })),
    )
  })

  test.each([1, 4, 6] as const)('bytes with mistakes in version %i', version => {
    const lists = linesOf(300 + version, 3000).flatMap(line => {
      const read = parseFlow(line, 'add')
      if (!read.ok) return []
      const bytes = bytesOf(read, version)
      return [version === 1 ? bytes : bytes.subarray(8)]
    })
    const mutated = lists.flatMap((bytes, i) =>
      [1, 7, 31].map(step => {
        const copy = bytes.slice()
        const at = (i * 13 + step * 5) % Math.max(copy.length, 1)
        if (copy.length > 0) copy[at] = (copy[at]! ^ [1, 0x80, 0xff, 0x10][(i + step) % 4]!) & 0xff
        return copy
      }),
    )
    const cases = [...lists, ...mutated].filter(bytes => bytes.length > 0)
    const theirs = parsedByOvs(cases.map(hexOf), version)
    expect(theirs.length).toBe(cases.length)
    const disagreements = cases.flatMap((bytes, i) => {
      const [said, wanted] = [parsedByUs(bytes, version), theirs[i] as string]
      // Which of the two it says of a field that it does not know depends on its hash table.
      const unknownField = said === 'OFPBAC_BAD_SET_TYPE' && wanted === 'OFPBAC_BAD_SET_LEN'
      return said === wanted || unknownField || hasUnknownHash(hexOf(bytes))
        ? []
        : [{ bytes: hexOf(bytes), said, wanted }]
    })
    expect(disagreements).toEqual([])
  })
})
