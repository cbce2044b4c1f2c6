/** Actions as text, right and wrong ones, through `ovs-ofctl parse-flow` of each version and through ours. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkReceived, preconditionOf } from '../../src/openflow/action-check.ts'
import { flowText } from '../../src/openflow/action-lists.testing.ts'
import { decodeInstructions, encodeInstructions } from '../../src/openflow/action-wire.ts'
import { Reader, Writer } from '../../src/openflow/bytes.ts'
import { formatFlowMod } from '../../src/openflow/flow-format.ts'
import { parseFlow } from '../../src/openflow/flow-text.ts'
import { chosenProtocol, formatProtocols, protocolsOf, type Version } from '../../src/openflow/protocol.ts'
import { hasOpenVswitch } from './real-switch.ts'

const run = promisify(execFile)

/** The error, or usable protocols and the flow as a peer reads it from the bytes. */
type Told = { error: string } | { protocols: string; flow: string }

const real = async (line: string, version: Version): Promise<Told> => {
  const args = ['-O', `OpenFlow1${version - 1}`, 'parse-flow', line]
  const { stdout, stderr } = await run('ovs-ofctl', args).catch((error: { stdout: string; stderr: string }) => error)
  const error = /^ovs-ofctl: (.*)$/m.exec(stderr)?.[1]
  if (error !== undefined) return { error }
  const [protocols = '', , message = ''] = stdout.split('\n')
  const refused = /decode error: (\w+)/.exec(message)?.[1]
  const flow = refused ?? message.replace(/^\S+ (\(OF1\.\d\) )?\(xid=0x1\): /, '')
  return { protocols: protocols.replace('usable protocols: ', ''), flow }
}

const ours = (line: string, version: Version): Told => {
  const read = parseFlow(line, 'add')
  if (!read.ok) return { error: read.error }
  const spoken = chosenProtocol(read.protocols & protocolsOf(version))
  if (spoken === undefined) return { error: 'no usable protocol' }
  return { protocols: formatProtocols(read.protocols), flow: sent(read, version) }
}

const sent = ({ flow }: Extract<ReturnType<typeof parseFlow>, { ok: true }>, version: Version): string => {
  const out = new Writer()
  encodeInstructions(out, flow.actions, version, preconditionOf(flow.match))
  const actions = decodeInstructions(new Reader(out.done()), version)
  if (!actions.ok) return actions.error
  // 1.0 without the extension that names tables says none.
  const table = flow.table ?? (version === 1 ? undefined : 0)
  const error = checkReceived(actions.value, flow.match, table, protocolsOf(version))
  return error ?? formatFlowMod({ ...flow, actions: actions.value })
}

/** As the error is written where it stands at the end of a line. */
const trimmed = (told: Told): Told => ('error' in told ? { error: told.error.trimEnd() } : told)

describe.skipIf(!hasOpenVswitch())('texts of actions against ovs-ofctl', () => {
  test.each([1, 2, 3, 4, 5, 6] as const)('version %i', async version => {
    const lines = fc.sample(flowText, { numRuns: 150, seed: 31 * version })
    const different: unknown[] = []
    for (let at = 0; at < lines.length; at += 8) {
      const batch = lines.slice(at, at + 8)
      const told = await Promise.all(batch.map(line => real(line, version)))
      for (const [i, line] of batch.entries()) {
        const [their, our] = [trimmed(told[i]!), trimmed(ours(line, version))]
        if (JSON.stringify(their) !== JSON.stringify(our)) different.push({ line, their, our })
      }
    }
    expect(different).toEqual([])
  })
})
