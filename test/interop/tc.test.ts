import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Kernel } from '../../src/host/index.ts'
import { tcScript } from '../../src/machine/commands/net/tc/tc.testing.ts'
import { commands, Machine } from '../../src/machine/index.ts'
import { seeded, start, VirtualClock } from '../../src/runtime/index.ts'

const namespace = 'weft-tc'
const real = (program: string, ...args: string[]) => {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8' })
  return { stdout, stderr, status }
}

const hasTc = (): boolean =>
  real('ip', 'netns', 'add', `${namespace}-try`).status === 0 &&
  real('ip', 'netns', 'del', `${namespace}-try`).status === 0 &&
  real('tc', '-V').stdout.includes('iproute2-6.1')

const ours = (): ((line: string) => { stdout: string; stderr: string; status: number }) => {
  const clock = new VirtualClock()
  const random = seeded(1)
  const kernel = new Kernel({ clock, random, name: 'box' })
  const machine = new Machine({ kernel, clock, random, hostname: 'box', commands })
  const run = (line: string) => {
    const result: { value?: { stdout: string; stderr: string; status: number } } = {}
    start(machine.exec(line), { done: value => Object.assign(result, { value }) })
    clock.runWhile(() => result.value === undefined)
    return result.value ?? { stdout: '', stderr: 'it never ended', status: -1 }
  }
  run('ip link add d0 type veth peer name d1; ip link set d0 up; ip link set d1 up')
  return line => run(`tc ${line}`)
}

/**
 * The kernel counts a reference for each queue of a device, of which a veth has one for each processor. Which frames of
 * its own a host sends, and when, is by chance.
 */
const plain = (text: string): string =>
  text.replace(/refcnt [0-9]+/g, 'refcnt N').replace(/direct_packets_stat [0-9]+/, 'direct_packets_stat N')

describe.skipIf(!hasTc())('tc', () => {
  beforeAll(() => {
    real('ip', 'netns', 'del', namespace)
    real('ip', 'netns', 'add', namespace)
    real('ip', '-n', namespace, 'link', 'add', 'd0', 'type', 'veth', 'peer', 'name', 'd1')
    for (const name of ['d0', 'd1']) real('ip', '-n', namespace, 'link', 'set', name, 'up')
  })
  afterAll(() => {
    real('ip', 'netns', 'del', namespace)
  })

  test('says and does what the real one does', () => {
    const run = ours()
    for (const line of tcScript) {
      const theirs = real('ip', 'netns', 'exec', namespace, 'tc', ...line.split(' '))
      const mine = run(line)
      expect
        .soft({ line, ...mine, stdout: plain(mine.stdout) })
        .toEqual({ line, ...theirs, stdout: plain(theirs.stdout) })
    }
  })
})
