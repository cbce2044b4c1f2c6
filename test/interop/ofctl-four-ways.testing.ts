/**
 * Sessions of ovs-ofctl, each four ways: the original and ours, against a real ovs-vswitchd and against a switch of ours.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Result } from '../../src/tools/words.testing.ts'
import { runOurs } from './ofctl-run.testing.ts'
import { type RealSwitch, startRealSwitch } from './real-switch.ts'
import { startWeftSwitch, type WeftSwitch } from './weft-switch.testing.ts'

/** What differs between any two runs: times, made-up MACs, where the sockets are, numbers of the switch's hellos. */
const masked = (text: string, directory: string): string =>
  text
    .replaceAll(directory, 'DIR')
    .replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|/gm, 'TIME|')
    .replace(/^(Finished in).*/gm, '$1')
    .replace(/time=[0-9.]+ ms/g, 'time')
    .replace(/dpid:[0-9a-f]{16}/g, 'dpid:DPID')
    .replace(/addr:[0-9a-f:]{17}/g, 'addr:MAC')
    .replace(/drop=[0-9?]+/g, 'drop')
    .replace(/duration=[0-9.]+s/g, 'duration=0s')
    .replace(/(idle|hard)_age=\d+, /g, '')
    .replace(/(received: OFPT_HELLO .*)\(xid=0x[0-9a-f]+\)/g, '$1(xid)')

/** Flows of several masks come in no certain order, and so do groups. */
const unordered = /dump-flows|diff-flows|replace-flows|dump-group|dump-meter/

const comparable = (line: string, { stdout, stderr, status }: Result, directory: string): Result => {
  const settled = (text: string): string => {
    const same = masked(text, directory)
    return unordered.test(line) ? same.split('\n').sort().join('\n') : same
  }
  return { stdout: settled(stdout), stderr: settled(stderr), status }
}

type Way = { directory: string; run(line: string): Promise<Result> }

/** Runs a session; `FILE name: text` makes a file. */
const session = async (script: readonly string[], { directory, run }: Way): Promise<(Result & { line: string })[]> => {
  const results: (Result & { line: string })[] = []
  for (const line of script) {
    const file = /^FILE (\S+): (.*)$/s.exec(line)
    if (file === null) results.push({ line, ...comparable(line, await run(line), directory) })
    else writeFileSync(join(directory, file[1] as string), file[2] as string)
  }
  return results
}

/** For the tests of a `describe`: a real switch for all of them, and what runs a session each way and compares. */
export const fourWaysOf = (): ((script: readonly string[]) => Promise<void>) => {
  let real: RealSwitch
  beforeAll(() => {
    real = startRealSwitch()
  })
  afterAll(() => real?.close())

  /** A bridge without flows, as both begin here. */
  const freshReal = (): void => {
    const port = (name: string, number: number): string =>
      `-- add-port br0 ${name} -- set interface ${name} ofport_request=${number}`
    // One change after the other: ports of a bridge that comes back at once stay as they were.
    real.run('ovs-vsctl --if-exists del-br br0')
    real.run(`ovs-vsctl add-br br0 ${port('p1', 1)} ${port('p2', 2)}`)
    for (const state of ['del-flows', 'del-groups', '-OOpenFlow13 del-meters', 'del-tlv-map'])
      real.run(`ovs-ofctl ${state} br0`)
  }

  return async script => {
    freshReal()
    const expected = await session(script, { directory: real.directory, run: async line => real.run(line) })
    freshReal()
    const ours = await session(script, {
      directory: real.directory,
      run: line => runOurs(line, real.directory),
    })
    expect(ours, 'our tool, their switch').toEqual(expected)
    for (const tool of ['theirs', 'ours'] as const) {
      const weft: WeftSwitch = await startWeftSwitch()
      try {
        const { directory } = weft
        await weft.run('ovs-ofctl del-flows br0')
        const run = tool === 'ours' ? (line: string) => runOurs(line, directory) : weft.run
        expect(await session(script, { directory, run }), `${tool}, our switch`).toEqual(expected)
      } finally {
        await weft.close()
      }
    }
  }
}
