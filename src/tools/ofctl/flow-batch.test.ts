import { describe, expect, test } from 'vitest'
import { bench } from '../bench.testing.ts'
import { programs } from '../index.ts'

const withBridge = () => {
  const made = bench(programs)
  made.run('ovs-vsctl add-br br0')
  made.run('ovs-ofctl del-flows br0')
  return made
}
const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('')
const count = (text: string): number => Number(/flow_count=(\d+)/.exec(text)?.[1])

describe('a file of flows', () => {
  test.each([3, 256, 257, 5000])('of %i lines', size => {
    const { run, files } = withBridge()
    files.set(
      'f',
      lines(size, i => `priority=${i},in_port=1,actions=2`),
    )
    expect(run('ovs-ofctl add-flows br0 f')).toEqual({ stdout: '', stderr: '', status: 0 })
    expect(count(run('ovs-ofctl dump-aggregate br0').stdout)).toBe(size)
  })

  test('that turns out to need another way of saying flows', () => {
    const { run, files } = withBridge()
    files.set(
      'f',
      lines(600, i => `priority=${i},actions=2${i === 500 ? '\ntable=3,reg1=5,actions=drop' : ''}`),
    )
    expect(run('ovs-ofctl add-flows br0 f').status).toBe(0)
    expect(count(run('ovs-ofctl dump-aggregate br0').stdout)).toBe(601)
    expect(run('ovs-ofctl --no-stats dump-flows br0 table=3').stdout).toBe(' table=3, reg1=0x5 actions=drop\n')
  })

  test.each([10, 1000])('of %i lines, one of which the switch refuses', size => {
    const { run, files } = withBridge()
    files.set(
      'f',
      lines(size, i => (i === 5 ? 'table=254,actions=2' : `priority=${i},actions=2`)),
    )
    const { stderr, status } = run('ovs-ofctl -O OpenFlow13 add-flows br0 f')
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /^OFPT_ERROR \(OF1\.3\) \(xid=0x(\w+)\): OFPBRC_EPERM\nOFPT_FLOW_MOD \(OF1\.3\) \(xid=0x\1\): ADD table:254 actions=output:2\n$/,
    )
    // The flows before it are there; of those behind it only what was on its way.
    const there = count(run('ovs-ofctl dump-aggregate br0').stdout)
    if (size === 10) expect(there).toBe(5)
    expect(there).toBeGreaterThanOrEqual(5)
    expect(there).toBeLessThan(size)
  })

  test('with a bad line changes nothing', () => {
    const { run, files } = withBridge()
    files.set(
      'f',
      lines(400, i => (i === 399 ? 'foo' : `priority=${i},actions=2`)),
    )
    expect(run('ovs-ofctl add-flows br0 f').stderr).toBe('ovs-ofctl: f:400: must specify an action\n')
    expect(count(run('ovs-ofctl dump-aggregate br0').stdout)).toBe(0)
  })
})
