/** What a person waits for who types `weft mn`: the whole process, in processor time of it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawGrowth, lawOf } from './growth.ts'
import type { Bench } from './harness.ts'

/** Pings between the first half of the hosts and the second, pair by pair. */
const pairs = `export const tests = {
  pairs: async net => {
    const half = net.hosts.length / 2
    for (let i = 0; i < half; i++)
      if ((await net.ping([net.hosts[i], net.hosts[i + half]])) > 0) throw new Error('a ping was lost')
  },
}`

/** Seconds of processor time that `/bin/sh` says its children took. */
const processorTime = (words: readonly string[]): number => {
  const command = [process.execPath, 'dist/cli/weft.js', 'mn', '-v', 'output', ...words].join(' ')
  const script = `${command} >/dev/null 2>&1; status=$?; times; exit $status`
  const { status, stdout } = spawnSync('/bin/sh', ['-c', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`${command} ended with ${status}`)
  const [, children = ''] = stdout.trim().split('\n')
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  )
  return parts.reduce((sum, part) => sum + part, 0)
}

const figure = (name: string, words: string, rounds = 3): Bench => ({
  name: `mininet/${name}`,
  unit: 's',
  rounds,
  setUp: () => () => {
    const folder = mkdtempSync(join(tmpdir(), 'weft-bench-'))
    try {
      writeFileSync(join(folder, 'pairs.js'), pairs)
      return processorTime(words.replace('PAIRS', join(folder, 'pairs.js')).split(' '))
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
})

/** Switches below the root, and hosts below each of them: 16 to 16,384 hosts. */
const fanouts = [4, 8, 16, 32, 64, 128]

/** The exponent with which the processor time of start and stop grows with the hosts; drawn in `.cache/growth.svg`. */
const growth: Bench = {
  name: 'mininet/growth',
  unit: 'slope',
  rounds: 1,
  setUp: () => {
    const points = fanouts.map(fanout => ({
      hosts: fanout * fanout,
      seconds: processorTime(`--topo tree,2,${fanout} --switch ovsbr --test none`.split(' ')),
    }))
    mkdirSync('.cache', { recursive: true })
    writeFileSync('.cache/growth.svg', drawGrowth(points, 'weft mn: start and stop of tree,2,n, processor time'))
    const { slope } = lawOf(points)
    return () => slope
  },
}

export const mininetBenches: Bench[] = [
  figure('none', '--test none'),
  figure('tree,2,8', '--topo tree,2,8 --switch ovsbr --test pingall'),
  figure('tree,2,8/controller', '--topo tree,2,8 --test pingall'),
  figure('linear,64', '--topo linear,64 --switch ovsbr --test pingall', 1),
  figure('tree,10,2', '--topo tree,10,2 --switch ovsbr --custom PAIRS --test pairs', 1),
  growth,
]
