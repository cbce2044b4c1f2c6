/** What `Open_vSwitch.statistics` says of this computer: the real daemon's words against ours. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemStatistics } from '../../src/linux/index.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { until } from './waiting.testing.ts'
import { buildWeft, runIn, type WeftCli } from './weft-cli.testing.ts'

const enable = 'ovs-vsctl set Open_vSwitch . other_config:enable-statistics=true'
const ask = 'ovs-vsctl --format=json --columns=statistics list Open_vSwitch'

/** The map that `ask` printed. */
const mapIn = (stdout: string): Record<string, string> => {
  const { data } = JSON.parse(stdout) as { data: [[[string, [string, string][]]]] }
  return Object.fromEntries(data[0][0][1])
}
const numbers = (text: string | undefined): number[] => (text ?? '').split(',').map(Number)

describe.skipIf(!hasOpenVswitch())('statistics of the computer', () => {
  let real: RealSwitch
  beforeAll(() => {
    real = startRealSwitch()
  })
  afterAll(() => real?.close())

  test('the same as the real daemon tells', async () => {
    writeFileSync(join(real.directory, 'left.pid'), '1\n')
    writeFileSync(join(real.directory, 'words.pid'), 'abc\n')
    real.run(enable)
    let from: Record<string, string> = {}
    await until(() => {
      from = mapIn(real.run(ask).stdout)
      return Object.keys(from).length > 0
    }, 'statistics')
    const ours = systemStatistics(real.directory, { self: process.pid, pidFile: undefined })
    expect(Object.keys(ours).sort()).toEqual(Object.keys(from).sort())
    expect(Object.keys(ours)).toContain('process_ovs-vswitchd')
    expect(ours.cpu).toBe(from.cpu)
    expect(numbers(ours.load_average).length).toBe(3)
    // All there is of memory and swap.
    const fixed = (text: string | undefined): number[] => numbers(text).filter((_, i) => i === 0 || i === 3)
    expect(fixed(ours.memory)).toEqual(fixed(from.memory))
    expect(numbers(ours.memory).length).toBe(numbers(from.memory).length)
    const sizes = (text = ''): string[] => text.split(' ').map(each => each.replace(/,\d+$/, ''))
    expect(sizes(ours.file_systems)).toEqual(sizes(from.file_systems))
    const [size = 0, resident = 0, work = 0, crashes, booted = 0, age = 0] = numbers(ours['process_ovsdb-server'])
    const [size2 = 0, resident2 = 0, work2 = 0, crashes2, booted2 = 0, age2 = 0] = numbers(from['process_ovsdb-server'])
    expect([size, crashes, booted, booted2]).toEqual([size2, crashes2, age, age2])
    // It was asked later, and goes on.
    expect([resident >= resident2 * 0.9, work >= work2, age >= age2]).toEqual([true, true, true])
    expect(Math.abs(age - age2)).toBeLessThan(60_000)
  })
})

describe.skipIf(!hasOpenVswitch())('our daemon', () => {
  let weft: WeftCli
  let directory: string
  let server: ChildProcess | undefined
  beforeAll(async () => {
    weft = await buildWeft()
    directory = mkdtempSync(join(tmpdir(), 'weft-statistics-'))
    const command =
      'ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema && exec ovsdb-server conf.db --remote=punix:db.sock --unixctl=none --pidfile=ovsdb-server.pid'
    const env = { ...process.env, OVS_RUNDIR: directory, OVS_LOGDIR: directory, OVS_DBDIR: directory }
    server = spawn('sh', ['-c', command], { cwd: directory, env, stdio: 'ignore' })
  })
  afterAll(() => {
    server?.kill()
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
    weft?.close()
  })

  test('tells of itself and the database, and keeps its pid file locked', async () => {
    const run = (line: string) => runIn(directory, line)
    expect((await run('ovs-vsctl -t 30 --retry --no-wait init')).status).toBe(0)
    const daemon = await run(`${weft.tool('vswitchd')} --pidfile --detach --disable-system --enable-dummy`)
    expect([daemon.status, daemon.stdout]).toEqual([0, ''])
    try {
      await run(enable)
      const seen = mapIn((await run(ask)).stdout)
      expect(Object.keys(seen).sort()).toEqual([
        'cpu',
        'file_systems',
        'load_average',
        'memory',
        'process_ovs-vswitchd',
        'process_ovsdb-server',
      ])
      expect(numbers(seen['process_ovs-vswitchd']).length).toBe(7)
      expect(numbers(seen['process_ovs-vswitchd'])[1]).toBeGreaterThan(1000)
      // The real tool believes a pid file only while it is locked.
      expect((await run('ovs-appctl version')).stdout).toContain('Open vSwitch')
      await run('ovs-vsctl remove Open_vSwitch . other_config enable-statistics')
      expect(mapIn((await run(ask)).stdout)).toEqual({})
    } finally {
      await run('ovs-appctl exit')
    }
  })
})
