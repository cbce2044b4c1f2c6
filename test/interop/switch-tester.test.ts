/** os-ken's switch tester, which knows nothing of ours, drives a pair of our switches through cases of every version. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasOsKen } from './controllers/controller.testing.ts'
import { type Line, startPair } from './controllers/line.testing.ts'
import { removeCases, runTester, type TesterVersion, writeCases } from './controllers/tester.testing.ts'
import { in10, since13 } from './controllers/tester-results.ts'

/** All 1,388 cases take seven minutes; without, those that wait for something are left out, and most of 1.4. */
const all = process.env.WEFT_SWITCH_TESTER === 'all'

describe.skipIf(!hasOsKen())("os-ken's switch tester", () => {
  let line: Line
  beforeAll(() => {
    line = startPair()
  })
  afterAll(() => line?.close())

  test.each<[TesterVersion, string, least: number]>([
    ['openflow10', 'OpenFlow10', 50],
    ['openflow13', 'OpenFlow13', 300],
    ['openflow14', 'OpenFlow14', 80],
  ])('%s', { timeout: 900_000 }, async (version, protocol, least) => {
    const directory = writeCases(version, !all)
    try {
      const found = await runTester(
        version,
        directory,
        async port => {
          for (const name of ['s1', 's2']) {
            const say = async (command: string): Promise<void> => {
              const { status, stderr } = await line.run(name, command)
              expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' })
            }
            await say(`ovs-vsctl del-controller br0 -- set bridge br0 protocols=${protocol}`)
            await say(`ovs-ofctl -O ${protocol} del-flows br0`)
            await say(`ovs-vsctl set-controller br0 tcp:127.0.0.1:${port}`)
            await say('ovs-vsctl set controller br0 max_backoff=1000')
          }
        },
        { patience: 850_000 },
      )
      const wanted = new Map(version === 'openflow10' ? in10 : since13)
      const wrong = [...found].filter(([name, why]) => !why.startsWith(wanted.get(name) ?? 'OK'))
      expect(wrong).toEqual([])
      expect(found.size).toBeGreaterThan(least)
    } finally {
      removeCases(directory)
    }
  })
})
