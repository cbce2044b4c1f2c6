import { expect, test } from 'vitest'
import { recording } from '../runtime/log.ts'
import { bench } from '../tools/bench.testing.ts'
import { programs } from '../tools/index.ts'
import { wantedBridges } from './wanted.ts'

const world = () => {
  const { run, daemon } = bench(programs)
  const ok = (line: string): void => {
    expect({ line, ...run(line) }).toMatchObject({ line, stderr: '', status: 0 })
  }
  const looked = () => {
    const { log, lines } = recording()
    return { bridges: wantedBridges(daemon.client, log), lines }
  }
  return { ok, looked }
}

test('bridges, and ports without a number, go by the hashes of their names; those with one come first', () => {
  const { ok, looked } = world()
  for (const name of ['b', 'a']) ok(`ovs-vsctl add-br ${name}`)
  for (const name of ['p1', 'pa', 'p3']) ok(`ovs-vsctl add-port a ${name}`)
  ok('ovs-vsctl set interface p3 ofport_request=9')
  const named = looked().bridges.map(({ name, ports }) => [name, ...ports.map(port => port.name)].join(' '))
  expect(named.sort()).toEqual(['a p3 a pa p1', 'b b'])
})

test('what is wrong with mirrors is told, and leaves them without what is wrong', () => {
  const { ok, looked } = world()
  ok('ovs-vsctl add-br a -- add-port a p1 -- add-br b -- add-port b q1')
  ok('ovs-vsctl -- --id=@m create mirror name=m -- set bridge a mirrors=@m')
  expect(looked().lines).toEqual([expect.stringContaining('bridge a: mirror m does not specify output; ignoring')])
  ok('ovs-vsctl -- --id=@p get port p1 -- --id=@q get port q1 -- set mirror m output_port=@p output_vlan=5')
  expect(looked().lines[0]).toContain('mirror m specifies both output port and output vlan; ignoring output vlan')
  ok('ovs-vsctl -- --id=@p get port p1 -- --id=@q get port q1 -- set mirror m output_port=@q select_src_port=@p,@q')
  const { bridges, lines } = looked()
  expect(lines.map(line => line.replace(/^.*mirror m /, ''))).toEqual([
    'outputs to port not on bridge',
    'cannot match on nonexistent port q1',
  ])
  const [mirror] = bridges.find(({ name }) => name === 'a')?.options.mirrors ?? []
  expect(mirror).toMatchObject({ sources: ['p1'], outputPort: undefined, outputVlan: undefined })
  ok('ovs-vsctl set mirror m select_all=true output_port=[]')
  expect(looked().lines).toEqual([])
})
