import { describe, expect, test } from 'vitest'
import { readField } from '../flow/fields.ts'
import { newKey } from '../flow/layout.ts'
import { matchOf } from '../flow/match.ts'
import { setOf } from '../ovsdb/datum.ts'
import { seeded, VirtualClock } from '../runtime/index.ts'
import { Switch } from '../switch/switch.ts'
import { anyDevices, bench, idleDatapath } from '../tools/bench.testing.ts'
import { programs } from '../tools/index.ts'
import { formatIp4 } from '../wire/address.ts'
import { unixctl } from './appctl.ts'
import type { Device, Devices } from './devices.ts'
import { LocalDatabase } from './local-database.ts'
import { Vswitchd } from './vswitchd.ts'

/** Devices that remember who opened and closed them. */
const watched = (): { devices: Devices; open: Map<string, Device> } => {
  const open = new Map<string, Device>()
  const from = anyDevices()
  return {
    open,
    devices: {
      open(name, type, mac) {
        const device = from.open(name, type, mac)
        if (typeof device === 'string') return device
        open.set(name, device)
        device.close = () => void open.delete(name)
        return device
      },
    },
  }
}

const start = () => {
  const { devices, open } = watched()
  return { ...bench(programs, devices), open }
}

describe('from rows to the switch', () => {
  test('a bridge comes with its device, a port with its own, and both go', () => {
    const { run, daemon, open } = start()
    run('ovs-vsctl add-br br0 -- add-port br0 p1')
    expect([...open.keys()]).toEqual(['br0', 'p1'])
    expect([...daemon.switch.bridges.get('br0')!.ports.keys()]).toEqual([0xfffe, 1])
    expect(open.get('p1')?.receiver).toBeTypeOf('function')
    run('ovs-vsctl del-port p1')
    expect([...open.keys()]).toEqual(['br0'])
    run('ovs-vsctl del-br br0')
    expect(open.size).toBe(0)
    expect(daemon.switch.bridges.size).toBe(0)
  })
  test('rows of Flow_Table name and limit tables', () => {
    const { run, daemon } = start()
    run('ovs-vsctl add-br br0')
    run(
      'ovs-vsctl -- --id=@t create Flow_Table name=acl flow_limit=5 overflow_policy=evict groups=\'"NXM_OF_IN_PORT[]"\' -- set Bridge br0 flow_tables:3=@t',
    )
    const settings = () => daemon.switch.bridges.get('br0')!.table(3)?.settings
    expect([settings()?.name, settings()?.limit, settings()?.eviction === undefined]).toEqual(['acl', 5, false])
    run('ovs-vsctl clear Bridge br0 flow_tables')
    expect([settings()?.name, settings()?.limit, settings()?.eviction]).toEqual([undefined, Infinity, undefined])
  })
  /** What Open vSwitch 3.1 says it looks up, in `Prefix lookup with: …`, for these values. */
  test.each([
    ['nw_dst', '128.0.0.0'],
    ['nw_dst,none', '255.255.255.255'],
    ['none', '255.255.255.255'],
    ['nw_src', '255.255.255.255'],
    ['nw_dst,foo', '128.0.0.0'],
    ['foo', '128.0.0.0'],
    ['eth_src', '128.0.0.0'],
  ])('prefixes=%s of Flow_Table: how much of an address is looked at', (prefixes, looked) => {
    const { run, daemon } = start()
    run('ovs-vsctl add-br br0')
    const bridge = daemon.switch.bridges.get('br0')!
    bridge.flows.add({ table: 3, match: matchOf({ eth_type: 0x800n, ip_dst: 0x01020304n }), actions: [] })
    run(`ovs-vsctl -- --id=@t create Flow_Table prefixes=${prefixes} -- set Bridge br0 flow_tables:3=@t`)
    const look = (): string => {
      const mask = newKey()
      bridge.table(3)?.lookup(matchOf({ eth_type: 0x800n, ip_dst: 0xc0a80001n }).key, mask)
      return formatIp4(Number(readField(mask, 'ip_dst')))
    }
    expect(look()).toBe(looked)
    run('ovs-vsctl clear Bridge br0 flow_tables')
    expect(look()).toBe('128.0.0.0')
  })
  test('a missing device is an error in its row, and found later', () => {
    const { devices, open } = watched()
    let there = false
    const late: Devices = {
      open: (name, type, mac) => (name === 'eth9' && !there ? 'No such device' : devices.open(name, type, mac)),
    }
    const { run, daemon } = bench(programs, late)
    run('ovs-vsctl add-br br0 -- add-port br0 eth9')
    expect(run('ovs-vsctl get interface eth9 error ofport').stdout).toBe(
      '"could not open network device eth9 (No such device)"\n-1\n',
    )
    there = true
    daemon.reconcile()
    expect(run('ovs-vsctl get interface eth9 error ofport').stdout).toBe('[]\n1\n')
    expect(open.has('eth9')).toBe(true)
  })
  test('a device that goes leaves an error', () => {
    const { devices, open } = watched()
    const gone = new Set<string>()
    const { run, daemon } = bench(programs, {
      open: (name, type, mac) => (gone.has(name) ? 'No such device' : devices.open(name, type, mac)),
    })
    run('ovs-vsctl add-br br0 -- add-port br0 p1')
    Object.assign(open.get('p1')!, { gone: true })
    gone.add('p1')
    daemon.reconcile()
    expect(run('ovs-vsctl get interface p1 error ofport').stdout).toBe(
      '"could not open network device p1 (No such device)"\n-1\n',
    )
    expect(daemon.switch.bridges.get('br0')!.portByName('p1')).toBeUndefined()
    gone.clear()
    daemon.reconcile()
    expect(run('ovs-vsctl get interface p1 error').stdout).toBe('[]\n')
  })
  test('the bridge takes the lowest MAC of a real card', () => {
    const { run, open, daemon } = start()
    run('ovs-vsctl add-br br0')
    const own = daemon.switch.bridges.get('br0')!.mac
    run('ovs-vsctl add-port br0 p1')
    expect(daemon.switch.bridges.get('br0')!.mac).toBe(own)
    const card = open.get('p1') as { mac: number } & Device
    card.mac = 0x001122334455
    card.onChange?.()
    expect(daemon.switch.bridges.get('br0')!.mac).toBe(0x001122334455)
    expect(open.get('br0')?.mac).toBe(0x001122334455)
    expect(run('ovs-vsctl get interface br0 mac_in_use').stdout).toBe('"00:11:22:33:44:55"\n')
    expect(run('ovs-vsctl get bridge br0 datapath_id').stdout).toBe('"0000001122334455"\n')
    run('ovs-vsctl set bridge br0 other_config:hwaddr=aa:bb:cc:dd:ee:01')
    expect(daemon.switch.bridges.get('br0')!.mac).toBe(0xaabbccddee01)
  })
  // As Open vSwitch 3.1 does it.
  test('an internal port has the MAC that its row says, but for one of a group', () => {
    const { run, open } = start()
    run('ovs-vsctl add-br br0 -- add-port br0 in1 -- set interface in1 type=internal mac=\'"02:11:22:33:44:57"\'')
    const used = (): string => run('ovs-vsctl get interface in1 mac_in_use').stdout
    expect(used()).toBe('"02:11:22:33:44:57"\n')
    const device = open.get('in1')
    run('ovs-vsctl set interface in1 mac=\'"03:11:22:33:44:57"\'')
    expect(used()).toBe('"02:11:22:33:44:57"\n')
    run('ovs-vsctl set interface in1 mac=\'"02:11:22:33:44:58"\' -- set interface br0 mac=\'"02:11:22:33:44:59"\'')
    expect(used()).toBe('"02:11:22:33:44:58"\n')
    expect([open.get('in1'), device!.mac]).toEqual([device, 0x021122334458])
    expect(run('ovs-vsctl get interface br0 mac_in_use').stdout).not.toContain('44:59')
  })
  test('columns of a port reach the switch', () => {
    const { run, daemon } = start()
    run('ovs-vsctl add-br br0 -- add-port br0 p1 tag=5')
    const bridge = daemon.switch.bridges.get('br0')!
    expect(bridge.portByName('p1')?.vlan).toMatchObject({ mode: 'access' })
    run('ovs-vsctl set port p1 vlan_mode=trunk trunks=1,2')
    expect(bridge.portByName('p1')?.vlan).toMatchObject({ mode: 'trunk' })
    run('ovs-vsctl set interface p1 mtu_request=1400')
    expect(run('ovs-vsctl get interface p1 mtu').stdout).toBe('1400\n')
  })
  test('fail_mode=secure leaves the tables empty', () => {
    const { run } = start()
    run('ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure')
    expect(run('ovs-ofctl --no-stats dump-flows br0').stdout).toBe('')
    run('ovs-vsctl add-br br1')
    expect(run('ovs-ofctl --no-stats dump-flows br1').stdout).toBe(' priority=0 actions=NORMAL\n')
  })
  test('patch ports find each other', () => {
    const { run } = start()
    run('ovs-vsctl add-br a -- add-port a pa -- set interface pa type=patch options:peer=pb')
    expect(run('ovs-vsctl get interface pa error').stdout).toBe(`"No usable peer 'pb' exists in 'system' datapath."\n`)
    run('ovs-vsctl add-br b -- add-port b pb -- set interface pb type=patch options:peer=pa')
    expect(run('ovs-vsctl get interface pa error').stdout).toBe('[]\n')
  })
  test('patch ports that cannot be say why, and have their number again when they can', () => {
    const { run } = start()
    run('ovs-vsctl add-br a -- add-port a p1')
    run('ovs-vsctl add-port a pa -- set interface pa type=patch options:peer=pb')
    run('ovs-vsctl add-port a p3')
    const state = (name: string): string => run(`ovs-vsctl get interface ${name} ofport error`).stdout
    run('ovs-vsctl set interface pa options:peer=pc')
    expect(state('pa')).toBe(`2\n"No usable peer 'pc' exists in 'system' datapath."\n`)
    run('ovs-vsctl set interface pa type=internal')
    expect(state('pa')).toBe('2\n[]\n')
    expect(run('ovs-vsctl set interface pa type=patch options:peer=pa').status).toBe(0)
    expect(state('pa')).toBe('-1\n"pa: patch peer must not be self"\n')
    expect(run('ovs-vsctl add-port a pd -- set interface pd type=patch').stderr).toContain(
      "Error detected while setting up 'pd': pd: patch type requires valid 'peer' argument.  See",
    )
    run('ovs-vsctl set interface pd options={peer=pa,x=y}')
    expect(state('pd')).toBe(`-1\n"pd: patch type takes only a 'peer' argument"\n`)
  })
  test('flows go with the last bridge', () => {
    let flushed = 0
    const { run, daemon } = start()
    daemon.switch.flush = () => void flushed++
    run('ovs-vsctl add-br a -- add-br b')
    run('ovs-vsctl del-br a')
    expect(flushed).toBe(0)
    run('ovs-vsctl del-br b')
    expect(flushed).toBe(1)
  })
  test('a bridge whose name is no file name is left out', () => {
    const { run, daemon } = start()
    expect(run('ovs-vsctl add-br a/b').stderr).toContain("Error detected while setting up 'a/b'.  See")
    expect(daemon.switch.bridges.size).toBe(0)
  })
  test('ports without a device have MACs of their own, fake bridges that of their parent', () => {
    const { run, daemon } = start()
    run('ovs-vsctl add-br a -- add-port a pa -- set interface pa type=patch options:peer=pb -- add-br a5 a 5')
    const bridge = daemon.switch.bridges.get('a')!
    const mac = bridge.portByName('pa')!.mac
    expect(Math.floor(mac / 2 ** 40) % 4).toBe(2)
    expect(bridge.portByName('a5')!.mac).toBe(bridge.mac)
    run(`ovs-vsctl set interface a5 mac='"00:11:22:33:44:55"'`)
    expect(bridge.portByName('a5')!.mac).toBe(0x001122334455)
    run('ovs-vsctl set bridge a other_config:hwaddr=00:11:22:33:44:66')
    expect(bridge.portByName('a5')!.mac).toBe(0x001122334455)
  })
  test('numbers of ports of one transaction, by the hashes of their names, as ovs-vswitchd 3.1 gives them', () => {
    const { run } = start()
    const names = ['t1', 'g1', 'v9', 'gre1', 'l', 'tap', 'eth']
    run(`ovs-vsctl add-br br0 ${names.map(name => `-- add-port br0 ${name}`).join(' ')}`)
    const ofports = run(`ovs-vsctl ${names.map(name => `-- get interface ${name} ofport`).join(' ')}`).stdout
    const order = names.map((name, i) => [Number(ofports.split('\n')[i]), name] as const).sort(([a], [b]) => a - b)
    // t1 and v9 have the same place: the one first whose row's name is greater.
    expect(order.map(([, name]) => name).slice(0, 5)).toEqual(['eth', 'l', 'g1', 'tap', 'gre1'])
    run('ovs-vsctl add-port br0 a1')
    expect(run('ovs-vsctl get interface a1 ofport').stdout).toBe('8\n')
  })
  test('the speed of a device that knows its own', () => {
    const { devices } = watched()
    const fast: Devices = {
      open(name, type, mac) {
        const device = devices.open(name, type, mac)
        return typeof device === 'string' || name !== 'v1' ? device : Object.assign(device, { linkSpeed: 10e9 })
      },
    }
    const { run } = bench(programs, fast)
    run('ovs-vsctl add-br br0 -- add-port br0 v1')
    run('ovs-vsctl add-port br0 p2')
    expect(run('ovs-ofctl show br0').stdout).toContain(
      '     state:      0\n     current:    10GB-FD COPPER\n     speed: 10000 Mbps now, 0 Mbps max\n 2(p2)',
    )
    expect(run('ovs-vsctl get interface v1 link_speed duplex').stdout).toBe('10000000000\nfull\n')
    expect(run('ovs-vsctl get interface p2 link_speed duplex').stdout).toBe('[]\n[]\n')
  })
  test('types that are not there', () => {
    const { run } = start()
    run(
      'ovs-vsctl add-br br0 -- add-port br0 g -- set interface g type=geneve -- add-port br0 x -- set interface x type=foo',
    )
    expect(run('ovs-vsctl get interface g error').stdout).toBe(
      '"could not open network device g (geneve is not supported yet)"\n',
    )
    expect(run('ovs-vsctl get interface x error').stdout).toBe(
      '"could not open network device x (Address family not supported by protocol)"\n',
    )
  })
  test('who reads sees the state of now', () => {
    const { run, open, daemon } = start()
    run('ovs-vsctl add-br br0 -- add-port br0 p1')
    let commits = 0
    daemon.client.watch(() => commits++)
    Object.assign(open.get('p1')!, { statistics: () => ({ rx_errors: 7 }) })
    expect(run('ovs-vsctl get interface p1 statistics:rx_errors').stdout).toBe('7\n')
    expect(commits).toBe(1)
    run('ovs-vsctl list interface')
    expect(commits).toBe(1)
  })
  test('the wish is counted, and done at once', () => {
    const { run } = start()
    run('ovs-vsctl add-br br0')
    run('ovs-vsctl list-br')
    expect(run('ovs-vsctl get open_vswitch . next_cfg cur_cfg').stdout).toBe('1\n1\n')
  })
  test('how many VLAN tags are matched', () => {
    const { run, daemon } = start()
    const limits: number[] = []
    daemon.switch.limitVlans = limit => void limits.push(limit)
    for (const value of ['2', '0', 'abc']) run(`ovs-vsctl set open_vswitch . other_config:vlan-limit=${value}`)
    run('ovs-vsctl clear open_vswitch . other_config')
    expect(limits).toEqual([2, 0, 1, 1])
  })
  test('how many megaflows are kept', () => {
    const { run, daemon } = start()
    const shown = (): string => /limit (\d+)/.exec(run('ovs-appctl upcall/show').stdout)?.[1] ?? ''
    run('ovs-vsctl add-br br0')
    expect(shown()).toBe('10000')
    run('ovs-vsctl set open_vswitch . other_config:flow-limit=500')
    expect(shown()).toBe('500')
    run('ovs-vsctl clear open_vswitch . other_config')
    expect(shown()).toBe('1000')
    expect(run('ovs-appctl upcall/set-flow-limit 3').stdout).toBe('set flow_limit to 3\n')
    expect(daemon.switch.datapath.flowLimit).toBe(3)
    expect(shown()).toBe('3')
  })
  test('what a start script writes', () => {
    const random = seeded(1)
    const clock = new VirtualClock()
    const sw = new Switch({ datapath: idleDatapath(), clock, random })
    const database = new LocalDatabase({ clock, random, ovsVersion: '3.1.0' })
    const daemon = new Vswitchd({ switch: sw, devices: anyDevices(), random, database })
    expect(daemon.client.rows('Open_vSwitch')[0]?.columns.ovs_version).toEqual(setOf('3.1.0'))
  })
})

describe('the control socket', () => {
  test('refuses in the words of the original', () => {
    const { daemon } = start()
    expect(unixctl(daemon, 'foo', [])).toEqual({
      ok: false,
      error: '"foo" is not a valid command (use "list-commands" to see a list of valid commands)',
    })
    expect(unixctl(daemon, 'fdb/show', [])).toEqual({
      ok: false,
      error: '"fdb/show" command requires at least 1 arguments',
    })
    expect(unixctl(daemon, 'version', ['x'])).toEqual({
      ok: false,
      error: '"version" command takes at most 0 arguments',
    })
    expect(unixctl(daemon, 'toString', [])).toMatchObject({ ok: false })
  })
  test('the MAC table', () => {
    const { daemon, run } = start()
    run('ovs-vsctl add-br br0 -- add-port br0 p1')
    daemon.switch.bridges.get('br0')!.macs.learn(7, 0x505400000005, 1, 0)
    expect(run('ovs-appctl fdb/add br0 p1 0 50:54:00:00:00:09').status).toBe(0)
    expect(run('ovs-appctl fdb/show br0').stdout).toBe(
      ' port  VLAN  MAC                Age\n    1     7  50:54:00:00:00:05    0\n    1     0  50:54:00:00:00:09  static\n',
    )
    expect(run('ovs-appctl fdb/stats-show br0').stdout).toBe(
      [
        'Statistics for bridge "br0":',
        '  Current/maximum MAC entries in the table: 2/8192',
        '  Current static MAC entries in the table : 1',
        '  Total number of learned MAC entries     : 1',
        '  Total number of expired MAC entries     : 0',
        '  Total number of evicted MAC entries     : 0',
        '  Total number of port moved MAC entries  : 0',
        '',
      ].join('\n'),
    )
    expect(run('ovs-appctl fdb/flush br0').stdout).toBe('table successfully flushed\n')
    expect(run('ovs-appctl fdb/del br0 0 50:54:00:00:00:09').status).toBe(0)
    expect(run('ovs-appctl fdb/show br0').stdout).toBe(' port  VLAN  MAC                Age\n')
    expect(run('ovs-appctl fdb/show nobr')).toEqual({
      stdout: '',
      stderr: 'no such bridge\novs-appctl: ovs-vswitchd: server returned an error\n',
      status: 2,
    })
  })
  test('the datapath', () => {
    const { run } = start()
    run('ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 pa -- set interface pa type=patch options:peer=pb')
    expect(run('ovs-appctl dpif/show').stdout).toBe(
      'netdev@ovs-netdev: hit:0 missed:0\n  br0:\n    br0 65534/1: (internal)\n    p1 2/2: (system)\n    pa 1/none: (patch: peer=pb)\n',
    )
    expect(run('ovs-appctl dpctl/show').stdout).toBe(
      'netdev@ovs-netdev:\n  lookups: hit:0 missed:0 lost:0\n  flows: 0\n  port 1: br0 (internal)\n  port 2: p1\n',
    )
    expect(run('ovs-appctl dpctl/dump-flows').stdout).toBe('')
    expect(run('ovs-appctl dpif/dump-flows br0').stdout).toBe('')
    expect(run('ovs-appctl ofproto/list').stdout).toBe('br0\n')
  })
  test('a trace that learns, and one that does not', () => {
    const { run } = start()
    run('ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2')
    const flow = 'in_port=1,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02'
    expect(run(`ovs-appctl ofproto/trace br0 ${flow}`).stdout).toContain('no learned MAC for destination, flooding')
    expect(run('ovs-appctl fdb/show br0').stdout).not.toContain('02:00:00:00:00:01')
    expect(run(`ovs-appctl ofproto/trace br0 ${flow} -generate`).status).toBe(0)
    expect(run('ovs-appctl fdb/show br0').stdout).toContain('02:00:00:00:00:01')
    const packet = `ffffffffffff020000000003${'0806'}${'00'.repeat(46)}`
    expect(run(`ovs-appctl ofproto/trace br0 in_port=2 ${packet}`).stdout).toContain('dl_src=02:00:00:00:00:03')
  })
  test('what a generated packet says of groups is heard', () => {
    const { run } = start()
    run('ovs-vsctl add-br br0 -- add-port br0 p1 -- set bridge br0 mcast_snooping_enable=true')
    const query = 'in_port=1,icmp6,icmpv6_type=130,ipv6_src=fe80::1,dl_dst=33:33:00:00:00:01'
    expect(run(`ovs-appctl ofproto/trace br0 ${query}`).stdout).not.toContain('multicast snooping')
    const told = run(`ovs-appctl ofproto/trace br0 ${query} -generate`).stdout
    expect(told).toContain('multicast snooping query on port p1 in VLAN 0')
    expect(run('ovs-appctl mdb/show br0').stdout).toContain('querier')
    expect(run(`ovs-appctl ofproto/trace br0 ${query} -generate`).stdout).not.toContain('multicast snooping')
  })
})
