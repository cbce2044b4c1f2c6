import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bench, type Result } from '../../src/tools/bench.testing.ts'
import { programs } from '../../src/tools/index.ts'
import { appctlScripts } from './appctl-scripts.ts'
import { ofctlScripts } from './ofctl-scripts.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { vsctlScripts } from './vsctl-scripts.ts'

/** What differs between any two runs: names of rows, times, made-up MACs, numbers of messages. */
const masked = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|\d+\|/gm, 'TIME|')
    .replace(/(mac_in_use +: ).*/g, '$1MAC')
    .replace(/(statistics +: ).*/g, '$1COUNTS')
    .replace(/(ifindex|mtu +): .*/g, '$1: N')
    .replace(/(iface_types|datapath_types|cur_cfg|next_cfg) +: .*/g, '$1: N')
    .replace(/"0000[0-9a-f]{12}"/g, 'DPID')
    .replace(/dpid:0000[0-9a-f]{12}/g, 'dpid:DPID')
    .replace(/addr:[0-9a-f:]{17}/g, 'addr:MAC')
    .replace(/^ovs-appctl: \S+: server/gm, 'ovs-appctl: SOCKET: server')
    .replace(/drop=\d+/g, 'drop=?')
    .replace(/duration=[0-9.]+s/g, 'duration=0s')
    .replace(/(idle|hard)_age=\d+/g, '$1_age=0')
    .replace(/\(xid=0x[0-9a-f]+\)/g, '(xid)')

/** Rows come in no certain order: lines of lists and overviews are compared as a set. */
const unordered = /\b(list|find|ovs-vsctl show|dump-flows|diff-flows)\b/

const comparable = (line: string, { stdout, stderr, status }: Result): Result => {
  const sorted = (text: string): string => (unordered.test(line) ? text.split('\n').sort().join('\n') : text)
  return { stdout: sorted(masked(stdout)), stderr: masked(stderr), status }
}

describe.skipIf(!hasOpenVswitch())('the tools against the originals', () => {
  let real: RealSwitch
  beforeAll(() => {
    real = startRealSwitch()
  })
  afterAll(() => real?.close())

  const compare = (script: readonly string[]): void => {
    real.run('ovs-vsctl set open_vswitch . bridges=[] manager_options=[]')
    const ours = bench(programs)
    for (const line of script) {
      const file = /^FILE (\S+): (.*)$/s.exec(line)
      if (file !== null) {
        writeFileSync(join(real.directory, file[1] as string), file[2] as string)
        ours.files.set(file[1] as string, file[2] as string)
        continue
      }
      const theirs = comparable(line, real.run(line))
      expect({ line, ...comparable(line, ours.run(line)) }, script.join('\n')).toEqual({ line, ...theirs })
    }
  }

  test.each(vsctlScripts.map((script, i) => [i, script] as const))('ovs-vsctl session %i', (_, script) => {
    compare(script)
  })

  const bridge = 'ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2'
  test.each(ofctlScripts.map((script, i) => [i, script] as const))('ovs-ofctl session %i', (_, script) => {
    compare([bridge, ...script])
  })

  test.each(appctlScripts.map((script, i) => [i, script] as const))('ovs-appctl session %i', (_, script) => {
    compare([bridge, ...script])
  })
})
