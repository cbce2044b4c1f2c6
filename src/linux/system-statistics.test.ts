import { describe, expect, test } from 'vitest'
import { type Computer, systemStatistics } from './system-statistics.ts'

/** What is behind the name in /proc/PID/stat, with what is looked at where proc_pid_stat(5) has it. */
const stat = (parent: number, work: readonly [number, number], began: number, processor: number): string => {
  const fields = Array.from({ length: 50 }, () => '0')
  fields[0] = 'S'
  Object.assign(fields, { 1: parent, 11: work[0], 12: work[1], 19: began, 36: processor })
  return fields.join(' ')
}
const memory = 'Name:\tx\nVmSize:\t  15480 kB\nVmRSS:\t    6448 kB\n'

/** A computer that was booted 1000 s after 1970, of which 500 s have passed. */
const usual: Readonly<Record<string, string>> = {
  '/proc/self/status': 'Name:\tnode\nCpus_allowed:\tff,0000000f\n',
  '/proc/loadavg': '11.87 0.70 7.4 11/326 11773\n',
  '/proc/meminfo':
    'MemTotal:       24684084 kB\nMemFree:        22170356 kB\nBuffers:           12032 kB\nCached:           424860 kB\nSwapCached:            5 kB\nSwapTotal:          1000 kB\nSwapFree:            300 kB\n',
  '/proc/stat': 'cpu  1 2 3\nbtime 1000\nprocesses 9\n',
  '/etc/mtab': 'proc /proc proc rw 0 0\n/dev/vda / ext4 rw,relatime 0 0\n',
  '/run/ovsdb-server.pid': '70\n',
  '/proc/70/stat': `70 (ovsdb-server) ${stat(1, [3, 4], 20_000, 5)}\n`,
  '/proc/70/status': memory,
}
const computer = (files: Readonly<Record<string, string>> = {}, more: Partial<Computer> = {}): Computer => {
  const all: Record<string, string | undefined> = { ...usual, ...files }
  return {
    cores: 16,
    read: path => all[path],
    files: directory =>
      Object.keys(all)
        .filter(path => path.startsWith(`${directory}/`))
        .map(path => path.slice(directory.length + 1)),
    same: (one, other) => one === other,
    fileSystem: path => (path === '/gone' ? undefined : { size: 4096, blocks: 1000, free: 250 }),
    lockHolder: path => Number(all[path]),
    now: () => 1_500_000,
    ...more,
  }
}
const of = (files: Readonly<Record<string, string>> = {}, more: Partial<Computer> = {}) =>
  systemStatistics('/run', { self: 42, pidFile: undefined }, computer(files, more))

describe('what a computer does', () => {
  test('all of it', () => {
    expect(of()).toEqual({
      cpu: '12',
      load_average: '11.87,0.70,7.40',
      memory: '24684084,2513728,436892,1000,700',
      file_systems: '/,4000,3000',
      'process_ovsdb-server': '15480,6448,70,0,300000,300000,5',
    })
  })
  test('what cannot be read is left out', () => {
    expect(systemStatistics('/run', { self: 1, pidFile: undefined }, computer({}, { read: () => undefined }))).toEqual({
      cpu: '16',
    })
  })
  test('processors that are there and may be used', () => {
    expect(of({}, { cores: 2 }).cpu).toBe('2')
    expect(of({ '/proc/self/status': 'Cpus_allowed:\t1\n' }).cpu).toBe('1')
    expect(of({ '/proc/self/status': '' }, { cores: 0 }).cpu).toBeUndefined()
  })
  test('file systems on disks that can be written to', () => {
    const lines = [
      '/dev/a /with\\040a\\054b ext4 rw 0 0',
      '/dev/b /read ext4 ro,relatime 0 0',
      'server:/x /net nfs rw 0 0',
      '/dev/c /gone ext4 rw 0 0',
      '/dev/d /d xfs noatime,rw 0 0',
      'broken',
    ]
    expect(of({ '/etc/mtab': lines.join('\n') }).file_systems).toBe('/with_a_b,4000,3000 /d,4000,3000')
    expect(of({ '/etc/mtab': '' })).not.toHaveProperty('file_systems')
  })
})

describe('daemons', () => {
  const names = (files: Readonly<Record<string, string>>, more: Partial<Computer> = {}): string[] =>
    Object.keys(of(files, more)).filter(key => key.startsWith('process_'))

  test('only those that have their pid file locked', () => {
    const files = { '/run/left.pid': '71\n', '/run/words.pid': 'abc\n', '/run/conf.db': '70\n' }
    const lockHolder = (path: string): number | 'none' => (path === '/run/left.pid' ? 'none' : 70)
    expect(names(files, { lockHolder })).toEqual(['process_ovsdb-server'])
    expect(names({}, { lockHolder: () => 71 })).toEqual([])
  })
  test('without locks, those that run', () => {
    expect(names({ '/run/left.pid': '71\n' }, { lockHolder: () => 'unknown' })).toEqual(['process_ovsdb-server'])
  })
  test('one that ends just now has nothing to tell', () => {
    expect(of({ '/run/a.pid': '72' }).process_a).toBe('')
  })
  test('its own pid file is not opened', () => {
    const opened: string[] = []
    const files = { '/run/own.pid': '42', '/proc/42/stat': `42 (node) ${stat(0, [0, 1], 49_900, 1)}` }
    const from = computer(files)
    const watched: Computer = {
      ...from,
      read(path) {
        opened.push(path)
        return from.read(path)
      },
      lockHolder: () => 'none',
    }
    expect(systemStatistics('/run', { self: 42, pidFile: '/run/own.pid' }, watched).process_own).toBe(
      '0,0,10,0,1000,1000,1',
    )
    expect(opened).not.toContain('/run/own.pid')
    expect(opened).toContain('/run/ovsdb-server.pid')
  })
  test('a monitor of the same name tells the crashes, and when it began', () => {
    const child = (name: string) => `70 (${name}) ${stat(69, [3, 4], 20_000, 5)}`
    const files = {
      '/proc/69/stat': `69 (ovs (a) b) ${stat(1, [0, 0], 10_000, 0)}`,
      '/proc/69/cmdline': 'ovsdb-server: monitoring pid 70 (2 crashes: pid 68 died, killed (Aborted))\0',
    }
    const told = (more: Readonly<Record<string, string>>) => of({ ...files, ...more })['process_ovsdb-server']
    expect(told({ '/proc/70/stat': child('ovs (a) b') })).toBe('15480,6448,70,2,400000,300000,5')
    expect(told({ '/proc/70/stat': child('ovs') })).toBe('15480,6448,70,0,300000,300000,5')
    const healthy = { '/proc/69/cmdline': 'ovsdb-server: monitoring pid 70 (healthy)\0' }
    expect(told({ ...healthy, '/proc/70/stat': child('ovs (a) b') })).toBe('15480,6448,70,0,400000,300000,5')
  })
})
