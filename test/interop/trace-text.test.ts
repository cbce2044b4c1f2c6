import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseFlow } from '../../src/openflow/flow-text.ts'
import { Bed } from '../../src/switch/switch.testing.ts'
import { trace, tracePacketOut } from '../../src/vswitchd/appctl/trace.ts'
import { Unixctl } from '../differential/unixctl.ts'
import { type DummyOvs, hasOvs, startOvs } from './ovs.testing.ts'
import { traceLines } from './trace-lines.ts'

/** What may be said to `ofproto/trace`, and what it says of what may not, beside the real one. */

const bed = new Bed()
let ovs: DummyOvs
let control: Unixctl
const theirDatapath = 'ovs-dummy'
const ourDatapath = bed.datapath.name.split('@')[1] ?? ''
const theirNumbers = new Map<string, string>()
const theirNumber = (port: number): string | undefined => theirNumbers.get(bed.datapath.ports().get(port)?.name ?? '')
const flows = ['table=0,priority=0,actions=resubmit(,1)', 'table=1,priority=0,actions=output:2']

beforeAll(async () => {
  if (!hasOvs()) return
  ovs = startOvs('--enable-dummy')
  for (const name of ['br0', 'br1']) {
    ovs.vsctl('add-br', name, '--', 'set', 'bridge', name, 'datapath_type=dummy', 'fail_mode=secure')
    bed.bridge(name, { failMode: 'secure' })
  }
  const bridge = bed.switch.bridges.get('br0')
  if (bridge === undefined) throw new Error('no bridge')
  for (const number of [1, 2, 3]) {
    const name = `p${number}`
    ovs.vsctl('add-port', 'br0', name, '--', 'set', 'interface', name, 'type=dummy', `ofport_request=${number}`)
    bed.port(bridge, name, {}, number)
  }
  for (const line of flows) {
    ovs.ofctl(['add-flow', 'br0', line])
    const read = parseFlow(line, 'add')
    if (!read.ok) throw new Error(read.error)
    bridge.flows.apply(read.flow)
  }
  control = new Unixctl(join(ovs.directory, 'vswitchd.ctl'))
  for (const [, name = '', number = ''] of (await control.call('dpif/show', [])).matchAll(/^ {4}(\S+) \d+\/(\d+):/gm))
    theirNumbers.set(name, number)
})
afterAll(() => {
  control?.close()
  ovs?.stop()
})

/** Recirculations count from the daemon's start. */
const plain = (text: string): string =>
  text
    .replace(/recirc(_id=|\()(0x)?[0-9a-f]+/g, 'recirc$1N')
    .replaceAll(theirDatapath, ourDatapath)
    .trimEnd()

const ours = ([command, ...words]: readonly string[]): string => {
  const args = words.map(word => (word === 'DP' ? ourDatapath : word))
  const vportName = args.some(word => /^-+names$/.test(word)) ? undefined : theirNumber
  const answer = command === 'ofproto/trace' ? trace(bed, args, vportName) : tracePacketOut(bed, args, vportName)
  return answer.ok ? answer.text : `error: ${answer.error}`
}

const theirs = (words: readonly string[]): Promise<string> => {
  const [command = '', ...args] = words.map(word => (word === 'DP' ? theirDatapath : word))
  return control.call(command, args)
}

describe.skipIf(!hasOvs())('as ovs-appctl', () => {
  test.each(traceLines.map(words => ({ title: words.join(' '), words })))('$title', async ({ words }) => {
    expect(plain(ours(words))).toBe(plain(await theirs(words)))
  })
})
