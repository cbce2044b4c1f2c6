import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Kernel } from '../../src/host/index.ts'
import { iptablesScript } from '../../src/machine/commands/net/iptables.testing.ts'
import { commands, Machine } from '../../src/machine/index.ts'
import { seeded, start, VirtualClock } from '../../src/runtime/index.ts'

const namespace = 'weft-iptables'
const real = (program: string, ...args: string[]) => {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8' })
  return { stdout, stderr, status }
}

const hasIptables = (): boolean =>
  real('ip', 'netns', 'add', `${namespace}-try`).status === 0 &&
  real('ip', 'netns', 'del', `${namespace}-try`).status === 0 &&
  real('iptables', '-V').stdout?.includes('v1.8.9 (nf_tables)') === true

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
  return line => run(`iptables ${line}`)
}

describe.skipIf(!hasIptables())('iptables', () => {
  beforeAll(() => {
    real('ip', 'netns', 'del', namespace)
    real('ip', 'netns', 'add', namespace)
  })
  afterAll(() => {
    real('ip', 'netns', 'del', namespace)
  })

  test('says and does what the real one does', () => {
    const run = ours()
    for (const line of iptablesScript) {
      const theirs = real('ip', 'netns', 'exec', namespace, 'iptables', ...line.split(' '))
      const mine = run(line)
      expect.soft({ line, ...mine }).toEqual({ line, ...theirs })
    }
  })
})
