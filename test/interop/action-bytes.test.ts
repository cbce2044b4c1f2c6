/** The bytes of flows that people type: those of the original's flow-mods and ours are the same, in every version. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { flowText } from '../../src/openflow/action-lists.testing.ts'
import { parseFlow } from '../../src/openflow/flow-text.ts'
import { noBuffer } from '../../src/openflow/message.ts'
import { encodeMessage } from '../../src/openflow/message-wire.ts'
import { chosenProtocol, protocolsOf } from '../../src/openflow/protocol.ts'
import { captureFlowMods } from './capture.testing.ts'
import { flowLines } from './flow-lines.ts'
import { hasOpenVswitch } from './real-switch.ts'

/** Values with bits that their masks leave out, and forms that have older ones. */
const unusual: readonly string[] = [
  'actions=set_field:7/1->reg0',
  'actions=set_field:0xf0/0x0f->reg0',
  'actions=set_field:0xff/0->reg0',
  'ip,actions=set_field:1.2.3.4/255.0.0.0->ip_dst',
  'ipv6,actions=set_field:fe80::1/64->ipv6_dst',
  'actions=set_field:01:02:03:04:05:06/ff:00:00:00:00:00->eth_src',
  'actions=set_field:0x1234/0xff->metadata',
  'actions=resubmit:1',
  'actions=resubmit(1,)',
  'actions=resubmit(,3),resubmit(1,3),resubmit:in_port',
  'actions=learn(table=1,resubmit:2)',
]

describe.skipIf(!hasOpenVswitch())('bytes of flow-mods', () => {
  test.each([1, 2, 3, 4, 5, 6] as const)('version %i', async version => {
    const random = fc.sample(flowText, { numRuns: 1500, seed: 17 * version })
    const flows = [...unusual, ...flowLines, ...random].flatMap(line => {
      const read = parseFlow(line, 'add')
      const spoken = read.ok ? chosenProtocol(read.protocols & protocolsOf(version)) : undefined
      // The original stops at the first line that another form than those before it must say.
      if (!read.ok || spoken === undefined || (version === 1 && (spoken.nxm || read.flow.table !== undefined)))
        return []
      const bytes = encodeMessage(
        { type: 'flow_mod', bufferId: noBuffer, ...read.flow, match: read.given },
        { version, xid: 0 },
      )
      return bytes === undefined ? [] : [{ line, bytes }]
    })
    expect(flows.length).toBeGreaterThan(200)
    const lines = flows.map(({ line }) => line)
    const mods = await captureFlowMods(version, lines)
    const hexOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes?.subarray(8) ?? []).toString('hex')
    const wrong = flows.flatMap(({ line, bytes }, i) =>
      hexOf(bytes) === hexOf(mods[i]) ? [] : [{ line, ours: hexOf(bytes), theirs: hexOf(mods[i]) }],
    )
    expect(wrong.slice(0, 5)).toEqual([])
  })
})
