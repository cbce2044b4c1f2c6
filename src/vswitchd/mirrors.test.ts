import { describe, expect, test } from 'vitest'
import { bench } from '../tools/bench.testing.ts'
import { programs } from '../tools/index.ts'

const macs = 'dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02'

/** Bridge br0 with dummies p1 to p5, ports 1 to 5, and what a trace says that is done with a frame. */
const world = () => {
  const { run, daemon, clock } = bench(programs)
  const ok = (line: string): void => {
    expect({ line, ...run(line) }).toMatchObject({ line, stderr: '', status: 0 })
  }
  ok('ovs-vsctl add-br br0')
  for (let i = 1; i <= 5; i++) ok(`ovs-vsctl add-port br0 p${i} -- set interface p${i} type=dummy ofport_request=${i}`)
  const trace = (flow: string): string[] => run(`ovs-appctl ofproto/trace br0 ${flow},${macs}`).stdout.split('\n')
  /** Datapath actions, with ports by their OpenFlow numbers as the dummies of Open vSwitch have them, its local port 100. */
  const actions = (flow: string): string => {
    const numbers = new Map<number | undefined, string>()
    for (const bridge of daemon.switch.bridges.values())
      for (const port of bridge.ports.values())
        numbers.set(
          port.datapathPort,
          port.name === 'br0' ? '100' : port.name === bridge.name ? '101' : `${port.ofport}`,
        )
    const line = trace(flow).find(each => each.startsWith('Datapath actions: '))!
    return line
      .slice('Datapath actions: '.length)
      .split(/,(?![^(]*\))/)
      .map(action => (/^[0-9]+$/.test(action) ? numbers.get(Number(action)) : action))
      .join()
  }
  const mirror = (columns: string, ports: readonly string[]): void =>
    ok(
      `ovs-vsctl ${ports.map(port => `-- --id=@${port} get port ${port} `).join('')}-- --id=@m create mirror name=m ${columns} -- add bridge br0 mirrors @m`.replace(
        'ovs-vsctl -- ',
        'ovs-vsctl ',
      ),
    )
  return { run, ok, daemon, clock, trace, actions, mirror }
}

// What Open vSwitch 3.1 says, with `--enable-dummy`.
describe('a mirror', () => {
  test('of frames from and to ports, each once', () => {
    const { actions, trace, mirror, ok } = world()
    mirror('select_src_port=@p1 select_dst_port=@p2 output_port=@p3', ['p1', 'p2', 'p3'])
    expect(['1', '2', '4'].map(port => actions(`in_port=${port}`))).toEqual(['3,100,2,4,5', '100,1,4,5', '100,1,2,3,5'])
    expect(trace('in_port=3').slice(-7)).toEqual([
      ' 0. priority 0',
      '     >>>> dropping packet received on port p3, which is reserved exclusively for mirroring <<<<',
      '',
      'Final flow: unchanged',
      'Megaflow: recirc_id=0,eth,in_port=3,dl_type=0x0000',
      'Datapath actions: drop',
      '',
    ])
    ok('ovs-ofctl add-flow br0 in_port=4,actions=mod_dl_dst:aa:aa:aa:aa:aa:aa,output:2,output:5,output:3')
    expect(actions('in_port=4')).toBe('set(eth(dst=aa:aa:aa:aa:aa:aa)),2,3,5,3')
    ok('ovs-ofctl add-flow br0 in_port=1,actions=mod_vlan_vid:7,output:2,output:3')
    expect(actions('in_port=1')).toBe('3,push_vlan(vid=7,pcp=0),2,3')
    ok('ovs-ofctl add-flow br0 in_port=1,actions=drop')
    expect(actions('in_port=1')).toBe('3')
  })

  test('of all, of a VLAN, and into one', () => {
    const { actions, trace, mirror, ok } = world()
    mirror('select_all=true output_port=@p3', ['p3'])
    expect([actions('in_port=1'), actions('in_port=1,dl_vlan=5')]).toEqual(['3,100,2,4,5', '3,100,2,4,5'])
    ok('ovs-vsctl set mirror m select_vlan=5')
    expect([actions('in_port=1'), actions('in_port=1,dl_vlan=5')]).toEqual(['100,2,4,5', '3,100,2,4,5'])
    expect(trace('in_port=1,dl_vlan=5').at(-3)).toBe(
      'Megaflow: recirc_id=0,eth,in_port=1,dl_vlan=5,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,dl_type=0x0000',
    )
    ok('ovs-ofctl add-flow br0 in_port=2,actions=mod_vlan_vid:5,output:4')
    expect(actions('in_port=2')).toBe('push_vlan(vid=5,pcp=0),4,3')
    ok('ovs-vsctl clear mirror m select_vlan output_port -- set mirror m output_vlan=9')
    expect(actions('in_port=1')).toBe('push_vlan(vid=9,pcp=0),100,1,2,3,4,5,pop_vlan,100,2,3,4,5')
    expect(actions('in_port=1,dl_vlan=9')).toBe('100,2,3,4,5')
    ok('ovs-vsctl set port p4 tag=9')
    const whole = 'push_vlan(vid=9,pcp=0),100,1,2,3,pop_vlan,4,push_vlan(vid=9,pcp=0),5,pop_vlan,100,2,3,5'
    expect(actions('in_port=1')).toBe(whole)
    ok('ovs-vsctl set mirror m snaplen=100')
    expect(actions('in_port=1')).toBe(
      'push_vlan(vid=9,pcp=0),trunc(100),100,trunc(100),1,trunc(100),2,trunc(100),3,pop_vlan,trunc(100),4,push_vlan(vid=9,pcp=0),trunc(100),5,pop_vlan,100,2,3,5',
    )
  })

  test('does not see what goes through a patch port, and what comes by one only where it leaves', () => {
    const { actions, mirror, ok } = world()
    ok(
      'ovs-vsctl add-br br1 -- add-port br0 pa -- set interface pa type=patch options:peer=pb -- add-port br1 pb -- set interface pb type=patch options:peer=pa',
    )
    for (const i of [7, 8, 9]) ok(`ovs-vsctl add-port br1 p${i} -- set interface p${i} type=dummy ofport_request=${i}`)
    mirror('select_dst_port=@pa output_port=@p3', ['pa', 'p3'])
    ok(
      'ovs-vsctl --id=@p get port p9 -- --id=@n create mirror name=n select_all=true output_port=@p -- add bridge br1 mirrors @n',
    )
    expect(actions('in_port=1')).toBe('100,2,4,5,101,9,7,8')
  })

  test('counts its copies, across changes of its columns', () => {
    const { mirror, ok, run, daemon } = world()
    mirror('select_all=true output_port=@p3', ['p3'])
    ok('ovs-vsctl --columns=statistics list mirror m')
    const [counted] = daemon.switch.bridges.get('br0')!.mirrors
    Object.assign(counted!.traffic, { packets: 2, bytes: 120 })
    ok('ovs-vsctl set mirror m select_vlan=5')
    expect(run('ovs-vsctl get mirror m statistics').stdout).toBe('{tx_bytes=120, tx_packets=2}\n')
  })
})

test('nothing goes from one protected port to another, whatever sends it', () => {
  const { actions, trace, ok } = world()
  ok('ovs-vsctl set port p1 protected=true -- set port p2 protected=true')
  expect(actions('in_port=1')).toBe('100,3,4,5')
  ok('ovs-ofctl add-flow br0 in_port=1,actions=output:2,output:3,in_port')
  expect(trace('in_port=1').slice(-10, -4)).toEqual([
    '    output:2',
    '     >> Flow is between protected ports, skipping output.',
    '    output:3',
    '    IN_PORT',
    '     >> Flow is between protected ports, skipping output.',
    '',
  ])
  expect(actions('in_port=1')).toBe('3')
  ok('ovs-vsctl set port p2 protected=false')
  expect(actions('in_port=1')).toBe('2,3')
})
