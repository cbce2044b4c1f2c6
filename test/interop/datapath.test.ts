import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseFlow } from '../../src/openflow/flow-text.ts'
import { parseGroup } from '../../src/openflow/group-parse.ts'
import { below, seeded } from '../../src/runtime/random.ts'
import type { Bridge } from '../../src/switch/bridge.ts'
import type { BridgePort } from '../../src/switch/port.ts'
import { Bed, hex } from '../../src/switch/switch.testing.ts'
import { randomFrame } from './datapath/frames.ts'
import { randomFlows, randomGroups } from './datapath/tables.ts'
import { type DummyOvs, hasOvs, startOvs } from './ovs.testing.ts'

/**
 * Frames into the ports of Open vSwitch's userspace datapath and of ours, under the same random flows: what comes out of
 * each port must be the same bytes in the same order.
 */

const portNumbers = [1, 2, 3, 4] as const
const frameCount = 60

let ovs: DummyOvs
let captures: string

const startReal = (): void => {
  captures = mkdtempSync(join(tmpdir(), 'weft-datapath-'))
  ovs = startOvs('--enable-dummy')
  ovs.vsctl(
    'add-br',
    'br0',
    '--',
    'set',
    'bridge',
    'br0',
    'datapath_type=dummy',
    'fail_mode=secure',
    'protocols=OpenFlow15',
    '--',
    'set',
    'Open_vSwitch',
    '.',
    'other_config:vlan-limit=2',
  )
  for (const i of portNumbers)
    ovs.vsctl(
      'add-port',
      'br0',
      `p${i}`,
      '--',
      'set',
      'interface',
      `p${i}`,
      'type=dummy',
      `ofport_request=${i}`,
      `options:tx_pcap=${captures}/p${i}.pcap`,
    )
}

/** How much of each capture has been read. */
const offsets = new Map<number, number>()

/** The frames that left by a port since the last time, from a file in the format of pcap(5). */
const newFrames = (port: number): string[] => {
  const bytes = readFileSync(`${captures}/p${port}.pcap`)
  let at = offsets.get(port) ?? 24
  const frames: string[] = []
  while (at + 16 <= bytes.length) {
    const size = bytes.readUInt32LE(at + 8)
    frames.push(bytes.subarray(at + 16, at + 16 + size).toString('hex'))
    at += 16 + size
  }
  offsets.set(port, at)
  return frames
}

/** What left by each port: so many frames, unless they do not come, and those that come besides. */
const framesOut = async (count: number): Promise<string[][]> => {
  const frames: string[][] = portNumbers.map(() => [])
  for (let tries = 0; tries < 30; tries++) {
    const isEnough = frames.flat().length >= count
    await ovs.appctl('version')
    for (const [i, port] of portNumbers.entries()) frames[i]?.push(...newFrames(port))
    if (isEnough) break
  }
  return frames
}

/** A switch of ours with the same tables. */
const startOurs = (
  groups: readonly string[],
  flows: readonly string[],
): { bed: Bed; bridge: Bridge; ports: BridgePort[] } => {
  const bed = new Bed()
  bed.switch.limitVlans(2)
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const ports = portNumbers.map(i => bed.port(bridge, `p${i}`, {}, i))
  for (const line of groups) {
    const read = parseGroup(line, 'add')
    if (!read.ok) throw new Error(`${line}: ${read.error}`)
    expect(bridge.groups.apply(read.mod), line).toBeUndefined()
  }
  for (const line of flows) {
    const read = parseFlow(line, 'add')
    if (!read.ok) throw new Error(`${line}: ${read.error}`)
    expect(bridge.flows.apply(read.flow), line).toBeUndefined()
  }
  return { bed, bridge, ports }
}

describe.runIf(hasOvs())('frames out of ports', () => {
  beforeAll(startReal, 20000)
  afterAll(() => {
    ovs.stop()
    rmSync(captures, { recursive: true, force: true })
  })

  test.each(Array.from({ length: Number(process.env.ROUNDS ?? 12) }, (_, i) => Number(process.env.SEED ?? 1) + i))(
    'under random flows, seed %i',
    async seed => {
      const random = seeded(seed)
      const groups = randomGroups(random)
      const flows = randomFlows(random, seed % 4 === 0)
      ovs.ofctl(['-O', 'OpenFlow15', 'del-flows', 'br0'])
      ovs.ofctl(['-O', 'OpenFlow15', 'del-groups', 'br0'])
      ovs.ofctl(['-O', 'OpenFlow15', 'add-groups', 'br0', '-'], groups.join('\n'))
      ovs.ofctl(['-O', 'OpenFlow15', 'add-flows', 'br0', '-'], flows.join('\n'))
      await ovs.appctl('revalidator/purge')
      for (const port of portNumbers) newFrames(port)
      const { bed, ports } = startOurs(groups, flows)
      for (let i = 0; i < frameCount; i++) {
        const frame = randomFrame(random, seed % 3 === 0 ? 2 : 1)
        const inPort = 1 + below(random, 4)
        // Twice: the first goes up, the second may be decided by the cache.
        await ovs.appctl('netdev-dummy/receive', `p${inPort}`, hex(frame), hex(frame))
        const sent = [0, 1].flatMap(() => bed.send(ports[inPort - 1]!, frame))
        const theirs = await framesOut(sent.length)
        const ours = portNumbers.map(port => sent.filter(each => each.port === `p${port}`).map(each => each.bytes))
        if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
          const trace = await ovs.appctl('ofproto/trace', 'br0', `in_port=${inPort}`, hex(frame))
          const cached = await ovs.appctl('dpctl/dump-flows', '-m')
          expect(
            ours,
            `seed ${seed}, port ${inPort}, frame ${i}: ${hex(frame)}\n${trace}\n${cached}\n${bed.datapath.counters()}`,
          ).toEqual(theirs)
        }
      }
    },
    20000,
  )
})
