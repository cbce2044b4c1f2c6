import { describe, expect, test } from 'vitest'
import type { Mac } from '../../wire/address.ts'
import { EthernetHeader } from '../../wire/ethernet.ts'
import { Frame } from '../../wire/frame.ts'
import type { Result } from '../errno.ts'
import { ip4, TestLab } from '../lab.testing.ts'
import type { Link } from '../link.ts'
import type { Namespace } from '../namespace.ts'
import { addBridge, type Bridge, bridgePortOf } from './bridge.ts'

const need = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.errno)
  return result.value
}

const frame = (src: Mac, dst: Mac, size = 60): Frame => {
  const made = Frame.of(size)
  EthernetHeader.write(made.bytes, made.start, { dst, src, type: 0x88b5 })
  return made
}

const broadcast = 0xffffffffffff
const [macA, macB] = [0x02aa00000001, 0x02aa00000002]

/** A bridge that is up, with as many NICs as ports; `sent` says at which port which frame left. */
class Bed {
  readonly lab = new TestLab()
  readonly host = this.lab.host('h')
  readonly bridge: Bridge
  readonly nics: Link[] = []
  sent: { port: string; src: Mac; dst: Mac; size: number }[] = []

  constructor(count = 3, mac?: Mac) {
    this.bridge = need(addBridge(this.host, 'br0', mac === undefined ? {} : { mac }))
    for (let i = 1; i <= count; i++) this.port(`p${i}`, 0x020000000000 + i)
    this.bridge.link.setUp(true)
  }

  port(name: string, mac: Mac): Link {
    const nic = need(this.host.links.add('eth', name, { mac }))
    nic.plug({
      send: ({ bytes, start, end }) => {
        const { at } = EthernetHeader
        this.sent.push({ port: name, src: at.src(bytes, start), dst: at.dst(bytes, start), size: end - start })
      },
    })
    nic.setUp(true)
    need(this.bridge.addPort(nic))
    this.nics.push(nic)
    return nic
  }

  /** Where a frame that came in at a port left. */
  through(port: number, src: Mac, dst: Mac, size?: number): string[] {
    this.sent = []
    this.nics[port - 1]?.deliver(frame(src, dst, size))
    return this.sent.map(each => each.port)
  }

  portOf(number: number) {
    const found = bridgePortOf(this.nics[number - 1] as Link)
    if (found === undefined) throw new Error('no port')
    return found.port
  }

  get macs(): string[] {
    const { fdb, holding } = this.bridge
    return fdb
      .list(this.lab.clock.now(), holding)
      .map(({ mac, port, isLocal }) => `${mac.toString(16)} ${port?.link.name ?? '-'}${isLocal ? ' local' : ''}`)
  }
}

describe('forwarding', () => {
  test('floods what it does not know, newest port first, and learns', () => {
    const bed = new Bed()
    expect(bed.through(1, macA, macB)).toEqual(['p3', 'p2'])
    expect(bed.through(2, macB, macA)).toEqual(['p1'])
    expect(bed.through(1, macA, macB)).toEqual(['p2'])
    expect(bed.through(3, macA, macB)).toEqual(['p2'])
    // It moved.
    expect(bed.through(2, macB, macA)).toEqual(['p3'])
    expect(bed.through(3, macB, macA)).toEqual([])
  })

  test('broadcast goes to all others and up', () => {
    const bed = new Bed()
    expect(bed.through(1, macA, broadcast)).toEqual(['p3', 'p2'])
    expect(bed.bridge.link.rx.packets).toBe(1)
    bed.through(1, macA, macB)
    expect(bed.bridge.link.rx.packets).toBe(1)
    bed.through(1, macA, bed.bridge.link.mac)
    expect(bed.bridge.link.rx.packets).toBe(2)
  })

  test('who captures at the bridge sees all that is forwarded', () => {
    const bed = new Bed()
    const seen: number[] = []
    bed.host.tap(bed.bridge.link, (_, each) => seen.push(each.size))
    expect(bed.through(1, macA, macB, 77)).toEqual(['p3', 'p2'])
    expect(seen).toEqual([77])
  })

  test.each<[string, Mac, Mac]>([
    ['a group as a source', 0x010000000001, broadcast],
    ['no source', 0, broadcast],
    ['a message to pause', macA, 0x0180c2000001],
    ['one to the LLDP neighbour', macA, 0x0180c200000e],
  ])('%s goes nowhere', (_, src, dst) => {
    expect(new Bed().through(1, src, dst)).toEqual([])
  })

  test("without a tree, others' tree messages pass; group_fwd_mask lets LLDP pass", () => {
    const bed = new Bed(2)
    expect(bed.through(1, macA, 0x0180c2000000)).toEqual(['p2'])
    need(bed.bridge.set('group_fwd_mask', 1 << 14))
    expect(bed.through(1, macA, 0x0180c200000e)).toEqual(['p2'])
    expect(bed.through(1, macA, 0x0180c200000d)).toEqual([])
  })

  test('a frame too long for the next link stays', () => {
    const bed = new Bed(2)
    bed.nics[1]?.setMtu(500)
    expect(bed.through(1, macA, broadcast, 518)).toEqual(['p2'])
    expect(bed.through(1, macA, broadcast, 519)).toEqual([])
  })

  test('what is switched at ports', () => {
    const bed = new Bed(2)
    bed.portOf(1).flags.hairpin = true
    expect(bed.through(1, macA, broadcast)).toEqual(['p2', 'p1'])
    bed.portOf(1).flags.hairpin = false
    bed.portOf(2).flags.flood = false
    expect(bed.through(1, macA, macB)).toEqual([])
    expect(bed.through(1, macA, broadcast)).toEqual(['p2'])
    bed.portOf(2).flags.bcast_flood = false
    expect(bed.through(1, macA, broadcast)).toEqual([])
    bed.portOf(1).flags.isolated = true
    bed.portOf(2).flags.isolated = true
    expect(bed.through(2, macB, macA)).toEqual([])
    bed.portOf(2).flags.isolated = false
    expect(bed.through(2, macB, macA)).toEqual(['p1'])
    bed.portOf(2).flags.locked = true
    expect(bed.through(2, 0x02aa00000009, macA)).toEqual([])
    bed.portOf(2).flags.locked = false
    bed.portOf(2).flags.learning = false
    bed.through(2, 0x02aa00000009, macA)
    expect(bed.macs.join()).not.toContain('2aa00000009')
  })
})

describe('the forwarding database', () => {
  test('ages', () => {
    const bed = new Bed(2)
    bed.through(1, macA, broadcast)
    bed.lab.pass(299)
    expect(bed.macs[0]).toBe('2aa00000001 p1')
    bed.lab.pass(1)
    expect(bed.macs.join()).not.toContain('2aa')
    need(bed.bridge.set('ageing_time', 0))
    bed.through(1, macA, broadcast)
    expect(bed.through(2, macB, macA)).toEqual(['p1'])
    expect(bed.macs.join()).not.toContain('2aa')
  })

  test("has the machine's own, which nobody takes away", () => {
    const bed = new Bed(2)
    expect(bed.macs).toEqual(['20000000002 p2 local', '20000000001 p1 local'])
    bed.through(2, 0x020000000001, broadcast)
    expect(bed.macs).toEqual(['20000000002 p2 local', '20000000001 p1 local'])
    bed.nics[0]?.setMac(0x02bb00000001)
    expect(bed.macs).toEqual(['2bb00000001 p1 local', '20000000002 p2 local'])
  })

  test('forgets a port that goes down', () => {
    const bed = new Bed(2)
    bed.through(1, macA, broadcast)
    bed.through(2, macB, broadcast)
    bed.nics[0]?.setCarrier(false)
    expect(bed.macs).toEqual(['2aa00000002 p2', '20000000002 p2 local', '20000000001 p1 local'])
  })

  test('does not grow without end', () => {
    const bed = new Bed(2)
    for (let i = 0; i < 70_000; i++) bed.through(1, 0x0a0000000000 + i, broadcast)
    expect(bed.macs).toHaveLength(65536)
  })
})

describe('the bridge as a link', () => {
  test('takes the lowest MAC and the smallest MTU of its ports, until somebody chooses', () => {
    const bed = new Bed(2)
    const { link } = bed.bridge
    expect(link.mac).toBe(0x020000000001)
    bed.nics[1]?.setMtu(1400)
    expect(link.mtu).toBe(1400)
    for (const nic of [...bed.nics]) bed.host.links.remove(nic)
    expect([link.mac, link.mtu, bed.bridge.ports.length]).toEqual([0, 1500, 0])
    link.setMac(0x02cc00000001)
    link.setMtu(1300)
    bed.port('p9', 0x020000000009)
    expect([link.mac, link.mtu]).toEqual([0x02cc00000001, 1300])
    expect(bed.macs).toEqual(['20000000009 p9 local', '2cc00000001 - local'])
  })

  test('has a carrier while a port forwards', () => {
    const bed = new Bed(0)
    const { link } = bed.bridge
    expect(link.operState).toBe('UNKNOWN')
    const nic = bed.port('p1', 1)
    expect(link.operState).toBe('UP')
    nic.setUp(false)
    expect([link.operState, link.carrier]).toEqual(['DOWN', false])
    nic.setUp(true)
    expect(link.operState).toBe('UP')
    link.setUp(false)
    expect(bed.portOf(1).state).toBe('disabled')
  })

  test('gives its ports back when it goes', () => {
    const bed = new Bed(1)
    const nic = bed.nics[0] as Link
    expect(nic.master).toBe('br0')
    bed.host.links.rename(bed.bridge.link, 'br1')
    expect(nic.master).toBe('br1')
    expect(bed.host.links.move(bed.bridge.link, bed.lab.host('x').links)).toMatchObject({ errno: 'EINVAL' })
    bed.host.links.remove(bed.bridge.link)
    expect([nic.master, nic.handler, nic.promiscuity, bridgePortOf(nic)]).toEqual([undefined, undefined, 0, undefined])
  })

  test('a port that moves to another namespace leaves it', () => {
    const bed = new Bed(2)
    need(bed.host.links.move(bed.nics[0] as Link, bed.lab.host('x').links))
    expect(bed.bridge.ports.map(({ number }) => number)).toEqual([2])
    bed.port('p3', 0x020000000003)
    expect(bed.bridge.ports.map(({ number }) => number)).toEqual([1, 2])
  })

  test('refuses what cannot be a port', () => {
    const bed = new Bed(1)
    const other = need(addBridge(bed.host, 'br1'))
    expect(bed.bridge.addPort(bed.host.lo)).toMatchObject({ errno: 'EINVAL' })
    expect(bed.bridge.addPort(other.link)).toMatchObject({ errno: 'ELOOP' })
    expect(other.addPort(bed.nics[0] as Link)).toMatchObject({ errno: 'EBUSY' })
    expect(addBridge(bed.host, 'br1')).toMatchObject({ errno: 'EEXIST' })
    expect(bed.bridge.set('vlan_filtering', 1)).toMatchObject({ errno: 'EOPNOTSUPP' })
    expect(bed.bridge.set('hello_time', 1)).toMatchObject({ errno: 'ERANGE' })
    expect(bed.bridge.configurePort(bed.portOf(1), { cost: 0 })).toMatchObject({ errno: 'ERANGE' })
    expect(bed.bridge.configurePort(bed.portOf(1), { priority: 64 })).toMatchObject({ errno: 'ERANGE' })
    expect(bed.portOf(1).id).toBe(0x8001)
  })

  test('hosts reach each other and the machine through it', () => {
    const lab = new TestLab()
    const sw = lab.host('s')
    const bridge = need(addBridge(sw, 'br0'))
    lab.address(sw, bridge.link, '10.0.0.254/24')
    const hosts = [1, 2, 3].map(i => {
      const host = lab.host(`h${i}`)
      const port = lab.nic(sw, `p${i}`)
      lab.cable(lab.nic(host, 'eth0', `10.0.0.${i}/24`), port)
      need(bridge.addPort(port))
      return host
    })
    bridge.link.setUp(true)
    const answers = (from: Namespace, to: string): boolean => {
      const socket = from.pingSocket()
      socket.echo(1, new Uint8Array(8), ip4(to))
      lab.pass(1)
      return socket.recv() !== undefined
    }
    expect(answers(hosts[0] as Namespace, '10.0.0.2')).toBe(true)
    expect(answers(hosts[2] as Namespace, '10.0.0.254')).toBe(true)
    expect(answers(sw, '10.0.0.3')).toBe(true)
    expect(answers(sw, '10.0.0.4')).toBe(false)
  })
})

/** Bridges in a ring, each with a NIC for its host. */
const ring = (count: number) => {
  const lab = new TestLab()
  const bridges = Array.from({ length: count }, (_, i) => {
    const host = lab.host(`s${i}`)
    const bridge = need(addBridge(host, 'br0', { mac: 0x020000000100 + i }))
    need(bridge.set('stp_state', 1))
    const links = ['left', 'right', 'host'].map((name, at) => {
      const nic = lab.nic(host, name)
      nic.mac = 0x020000001000 + i * 16 + at
      need(bridge.addPort(nic))
      return nic
    })
    bridge.link.setUp(true)
    return { bridge, left: links[0] as Link, right: links[1] as Link, host: links[2] as Link }
  })
  for (const [i, { right }] of bridges.entries()) lab.cable(right, bridges[(i + 1) % count]?.left as Link)
  const hosts = bridges.map(({ host }, i) => {
    const machine = lab.host(`h${i}`)
    lab.cable(lab.nic(machine, 'eth0', `10.0.0.${i + 1}/24`), host)
    return machine
  })
  const states = (): string => bridges.map(({ bridge }) => bridge.ports.map(({ state }) => state[0]).join('')).join(' ')
  return { lab, bridges, hosts, states }
}

describe('spanning tree', () => {
  test('opens a ring in twice the forward delay', () => {
    const { lab, bridges, states } = ring(3)
    lab.pass(10)
    // Ports as the kernel lists them: host, right, left.
    expect(states()).toBe('lll lll llb')
    lab.pass(25)
    expect(states()).toBe('fff fff ffb')
    expect(bridges.map(({ bridge }) => bridge.tree?.stp.rootPathCost)).toEqual([0, 100, 100])
    expect(bridges[1]?.bridge.tree?.stp.designatedRoot).toBe(0x8000020000000100n)
  })

  test('no frame goes round, and a cable that is cut is replaced', () => {
    const { lab, bridges, hosts, states } = ring(3)
    lab.pass(35)
    const reaches = (): boolean => {
      const socket = hosts[1]?.pingSocket()
      socket?.echo(1, new Uint8Array(8), ip4('10.0.0.3'))
      lab.pass(3)
      return socket?.recv() !== undefined
    }
    lab.seen.length = 0
    expect(reaches()).toBe(true)
    expect(lab.seen.length).toBeLessThan(60)
    const [first, second] = bridges
    first?.left.setCarrier(false)
    bridges[2]?.right.setCarrier(false)
    lab.pass(32)
    expect(states()).toBe('ffd fff fdf')
    expect(second?.bridge.holding).toBe(30 * 1e9)
    expect(reaches()).toBe(true)
    lab.pass(40)
    expect(second?.bridge.holding).toBe(300 * 1e9)
  })

  test('ports that forwarded go on when it begins, and all forward when it ends', () => {
    const bed = new Bed(2)
    need(bed.bridge.set('stp_state', 1))
    expect(bed.bridge.ports.map(({ state }) => state)).toEqual(['forwarding', 'forwarding'])
    bed.port('p3', 0x020000000003)
    expect(bed.bridge.ports.map(({ state }) => state)).toEqual(['listening', 'forwarding', 'forwarding'])
    expect(bed.bridge.setState(bed.portOf(1), 0)).toMatchObject({ errno: 'EBUSY' })
    need(bed.bridge.set('stp_state', 0))
    expect(bed.bridge.ports.map(({ state }) => state)).toEqual(['forwarding', 'forwarding', 'forwarding'])
    need(bed.bridge.setState(bed.portOf(1), 4))
    expect(bed.through(1, macA, broadcast)).toEqual([])
    expect(bed.bridge.setState(bed.portOf(1), 5)).toMatchObject({ errno: 'EINVAL' })
  })

  test('a guarded port that hears of a tree is shut', () => {
    const { lab, bridges, states } = ring(2)
    const port = bridgePortOf(bridges[0]?.left as Link)?.port
    if (port !== undefined) port.flags.guard = true
    lab.pass(60)
    expect(states()).toBe('ffd fff')
  })

  test('says hello while it is up, and nothing without a tree', () => {
    const bed = new Bed(2)
    const hellos = (seconds: number) => {
      bed.sent = []
      bed.lab.pass(seconds)
      return bed.sent.filter(({ port, dst }) => port === 'p1' && dst === 0x0180c2000000)
    }
    expect(hellos(600)).toEqual([])
    need(bed.bridge.set('stp_state', 1))
    expect(hellos(20).map(({ src }) => src)).toEqual(new Array(10).fill(0x020000000001))
    bed.bridge.link.setUp(false)
    expect(hellos(20)).toEqual([])
  })
})
