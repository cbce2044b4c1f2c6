/**
 * The real ovs-ofctl, in every version, against a real ovs-vswitchd and against our sockets: the same words, apart from
 * times, numbers of messages and MACs.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Result } from '../../src/tools/words.testing.ts'
import { agentScripts } from './agent-scripts.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { startWeftSwitch, type WeftSwitch } from './weft-switch.testing.ts'

const versions = [10, 11, 12, 13, 14, 15] as const

const masked = (text: string): string =>
  text
    .replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|\d+\|/gm, 'TIME|')
    .replace(/\/tmp\/weft-[a-z]+-\w+/g, 'DIRECTORY')
    .replace(/addr:[0-9a-f:]{17}/g, 'addr:MAC')
    .replace(/drop=[\d?]+/g, 'drop=?')
    .replace(/duration[=:][0-9.]+s/g, 'duration=0s')
    .replace(/(idle|hard)_age=\d+/g, '$1_age=0')
    .replace(/time=[0-9.]+ ms/g, 'time=0 ms')
    .replace(/\(xid=0x[0-9a-f]+\)/g, '(xid)')
    // Counters that only a dummy device of Open vSwitch has.
    .replace(/^ +CUSTOM Statistics\n(^ +[rt]x_.*\n)*/gm, '')

/** Flows of one table come in no certain order. */
const unordered = /\bdump-flows\b/

const comparable = (line: string, { stdout, stderr, status }: Result): Result => {
  const sorted = (text: string): string => (unordered.test(line) ? text.split('\n').sort().join('\n') : text)
  return { stdout: sorted(masked(stdout)), stderr: masked(stderr), status }
}

describe.skipIf(!hasOpenVswitch())('ovs-ofctl against our sockets', () => {
  let real: RealSwitch
  let weft: WeftSwitch
  beforeAll(async () => {
    real = startRealSwitch()
    const ports = [1, 2].map(n => `-- add-port br0 p${n} -- set interface p${n} type=dummy ofport_request=${n}`)
    real.run(`ovs-vsctl add-br br0 -- set bridge br0 other_config:hwaddr=aa:55:aa:55:00:00 ${ports.join(' ')}`)
    weft = await startWeftSwitch()
  })
  afterAll(async () => {
    real?.close()
    await weft?.close()
  })

  describe.each(agentScripts.map(script => [script.name, script] as const))('%s', (_, script) => {
    test.each(script.versions ?? versions)('OpenFlow%i', async version => {
      for (const words of script.lines) {
        const line = `ovs-ofctl -O OpenFlow${version} ${words}`
        const theirs = comparable(line, real.run(line))
        expect({ line, ...comparable(line, await weft.run(line)) }).toEqual({ line, ...theirs })
      }
    })
  })
})
