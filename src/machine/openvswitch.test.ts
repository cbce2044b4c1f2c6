import { describe, expect, test } from 'vitest'
import { Kernel } from '../host/index.ts'
import { seeded, start, UnixSockets, VirtualClock } from '../runtime/index.ts'
import { Frame } from '../wire/frame.ts'
import { commands } from './commands/net/index.ts'
import { openVSwitchCommands } from './commands/openvswitch.ts'
import { Machine } from './machine.ts'
import { openVSwitch } from './openvswitch.ts'
import { tcpListen } from './tcp-network.ts'

/** A machine with Open vSwitch, and a way to run a line and see all that it printed. */
const hypervisor = () => {
  const clock = new VirtualClock()
  const random = seeded(3)
  const kernel = new Kernel({ clock, random, name: 'hv1' })
  const sockets = new UnixSockets()
  const vswitchd = openVSwitch({ kernel, clock, random, sockets })
  const tools = openVSwitchCommands(vswitchd, sockets)
  const machine = new Machine({ kernel, clock, random, hostname: 'hv1', commands: { ...commands, ...tools } })
  const type = (line: string): string => {
    let text: string | undefined
    start(machine.exec(line), { done: ran => (text = `${ran.stdout}${ran.stderr}`) })
    clock.runWhile(() => text === undefined)
    return text ?? 'it never ended'
  }
  return { clock, kernel, vswitchd, type }
}

const frameTo = (dst: number, size = 60): Frame => {
  const frame = Frame.of(size)
  frame.bytes[frame.start + 5] = dst
  frame.bytes[frame.start + 11] = 9
  return frame
}

describe('Open vSwitch on a simulated kernel', () => {
  test('a bridge is a link, and ip can use it', () => {
    const { type } = hypervisor()
    type('ovs-vsctl add-br br0')
    type('ip addr add 10.0.0.1/24 dev br0 && ip link set br0 up')
    expect(type('ip -br addr show br0')).toMatch(/^br0 +UNKNOWN +10\.0\.0\.1\/24/)
    type('ovs-vsctl del-br br0')
    expect(type('ip link show br0')).toBe('Device "br0" does not exist.\n')
  })

  test('a link that becomes a port gives its frames to the switch and not to IP, until it is taken back', () => {
    const { kernel, type } = hypervisor()
    const got: string[] = []
    for (const name of ['tap1', 'tap2']) {
      type(`ip tuntap add mode tap ${name} && ip link set ${name} up`)
      kernel.root.links.get(name)?.plug({ send: () => got.push(name) })
    }
    type('ovs-vsctl add-br br0 -- add-port br0 tap1 -- add-port br0 tap2')
    expect(type('ip -o link show tap1')).toContain('master ovs-system')
    kernel.root.links.get('tap1')?.deliver(frameTo(8))
    expect(got).toEqual(['tap2'])
    expect(type('ovs-appctl fdb/show br0')).toBe(
      ' port  VLAN  MAC                Age\n    1     0  00:00:00:00:00:09    0\n',
    )
    type('ovs-vsctl del-port tap1')
    expect(type('ip -o link show tap1')).not.toContain('master')
    kernel.root.links.get('tap1')?.deliver(frameTo(8))
    expect(got).toEqual(['tap2'])
  })

  test('a port whose link is not there says so, works when the link comes, and says so again when it goes', () => {
    const { type } = hypervisor()
    type('ovs-vsctl add-br br0')
    expect(type('ovs-vsctl add-port br0 veth0')).toContain('could not open network device veth0 (No such device)')
    expect(type('ovs-vsctl get interface veth0 ofport')).toBe('-1\n')
    type('ip link add veth0 type veth peer name veth1')
    expect(type('ovs-vsctl get interface veth0 ofport error')).toBe('1\n[]\n')
    type('ip link del veth0')
    expect(type('ovs-vsctl get interface veth0 ofport')).toBe('-1\n')
  })

  test('a tunnel takes the UDP port of the machine, and gives it back', () => {
    const { kernel, type } = hypervisor()
    type('ovs-vsctl add-br br0 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=192.168.0.2')
    expect(kernel.root.encap(4789, () => {})).toMatchObject({ ok: false, errno: 'EADDRINUSE' })
    type('ovs-vsctl del-port v1')
    const free = kernel.root.encap(4789, () => {})
    expect(free.ok).toBe(true)
    type('ovs-vsctl add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=192.168.0.2')
    expect(type('ovs-vsctl get interface v1 error')).toContain('Address already in use')
  })

  test('the second switch cannot have a link that the first one has', () => {
    const { kernel, clock, type } = hypervisor()
    const sockets = new UnixSockets()
    const other = openVSwitch({ kernel, clock, random: seeded(4), sockets })
    type('ip link add d0 type dummy')
    type('ovs-vsctl add-br br0 -- add-port br0 d0')
    const tools = openVSwitchCommands(other, sockets)
    expect(Object.keys(tools).sort()).toEqual([
      'ovs-appctl',
      'ovs-ofctl',
      'ovs-testcontroller',
      'ovs-vsctl',
      'ovsdb-client',
    ])
    expect(kernel.root.links.get('d0')?.master).toBe('ovs-system')
  })

  test('a frame that is too long for the underlay is counted where its user looks', () => {
    const { kernel, type } = hypervisor()
    type('ip tuntap add mode tap eth9 && ip link set eth9 up')
    kernel.root.links.get('eth9')?.plug({ send: () => {} })
    type('ip addr add 192.168.0.1/24 dev eth9 && ip neigh add 192.168.0.2 lladdr 02:00:00:00:00:02 dev eth9')
    type('ip tuntap add mode tap tap1 && ip link set tap1 up')
    kernel.root.links.get('tap1')?.plug({ send: () => {} })
    type('ovs-vsctl add-br br0 -- add-port br0 tap1')
    type('ovs-vsctl add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=192.168.0.2')
    kernel.root.links.get('tap1')?.deliver(frameTo(8, 1514))
    expect(type('ovs-appctl coverage/show')).toMatch(/^vxlan_send_EMSGSIZE .* total: 1$/m)
  })

  test('whoever waits for controllers and managers is reached by the TCP of the machine, from its namespaces too', () => {
    const { clock, kernel, type } = hypervisor()
    kernel.root.lo.setUp(true)
    type('ip netns add h1 && ip link add veth0 type veth peer name eth0 netns h1')
    type('ip addr add 10.0.0.254/24 dev veth0 && ip link set veth0 up')
    type('ip netns exec h1 ip addr add 10.0.0.1/24 dev eth0 && ip netns exec h1 ip link set eth0 up')
    clock.runUntil(clock.now() + 3e9)
    type('ovs-vsctl add-br br0 -- set-controller br0 ptcp:6654 -- set-manager ptcp:6640:127.0.0.1')
    const flow = ' priority=0 actions=NORMAL\n'
    expect(type('ovs-ofctl dump-flows --no-stats tcp:127.0.0.1:6654')).toBe(flow)
    expect(type('ip netns exec h1 ovs-ofctl dump-flows --no-stats tcp:10.0.0.254:6654')).toBe(flow)
    expect(type('ip netns exec h1 ovs-ofctl dump-flows tcp:10.9.9.9:6654')).toContain('(Network is unreachable)')
    expect(type('ovs-vsctl --db=tcp:127.0.0.1:6640 list-br')).toBe('br0\n')
    expect(type('ovs-vsctl --columns=target,status list manager')).toContain('bound_port="6640"')
    type('ovs-vsctl del-manager && ovs-vsctl del-controller br0; sleep 1')
    expect(type('ovsdb-client list-dbs tcp:127.0.0.1:6640')).toContain('(Connection refused)')
    expect(type('ovs-ofctl show tcp:127.0.0.1:6654')).toContain('(Connection refused)')
  })

  test('bridges call controllers, and the database its manager, by the TCP of the machine', () => {
    const { clock, kernel, type } = hypervisor()
    kernel.root.lo.setUp(true)
    const calls: string[] = []
    const listen = (name: string, port: number) =>
      tcpListen(kernel.root, `ptcp:${port}`, ({ input }) => calls.push(`${name} ${input.size > 0}`))
    const controller = listen('controller', 6653)
    listen('manager', 6640)
    type('ovs-vsctl add-br br0 -- set-controller br0 tcp:127.0.0.1:6653 -- set-manager tcp:127.0.0.1:6640')
    clock.runUntil(clock.now() + 1e8)
    expect(calls.sort()).toEqual(['controller false', 'manager false'])
    expect(type('ovs-vsctl get manager tcp:127.0.0.1:6640 is_connected')).toBe('true\n')
    expect(type("ip netns add x; ovs-vsctl get controller br0 'status:state'")).toContain('CONNECTING')
    if (typeof controller !== 'string') controller.close()
    type('ovs-vsctl set-controller br0 tcp:127.0.0.1:6654')
    clock.runUntil(clock.now() + 2e8)
    expect(type('ovs-vsctl get controller br0 status:last_error')).toBe('"Connection refused"\n')
  })
})
