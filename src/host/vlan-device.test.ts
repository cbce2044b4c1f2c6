import { describe, expect, test } from 'vitest'
import { Frame } from '../wire/frame.ts'
import { toHex } from '../wire/hex.testing.ts'
import type { Result } from './errno.ts'
import { ip, TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'
import { addVlan } from './vlan-device.ts'

const need = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.errno)
  return result.value
}

/** A host with a NIC whose frames are kept as hex, and a VLAN of it. */
const bed = () => {
  const lab = new TestLab()
  const host = lab.host('h')
  const nic = lab.nic(host, 'eth0')
  nic.setMac(0x020000000001)
  const sent: string[] = []
  nic.plug({ send: frame => sent.push(toHex(frame.content())) })
  const vlan = need(addVlan(host.links, nic, 'eth0.10', 10))
  return { lab, host, nic, vlan, sent }
}

const hexFrame = (hex: string): Frame => Frame.from(Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')))

describe('a VLAN device', () => {
  test('puts the tag on and takes it off', () => {
    const { host, nic, vlan, sent } = bed()
    vlan.setUp(true)
    sent.length = 0
    vlan.transmit(hexFrame('ffffffffffff 020000000001 88b5 0102'))
    // IEEE 802.1Q: type 8100, priority 0 and VLAN 10, then the type that was there.
    expect(sent).toEqual(['ffffffffffff0200000000018100000a88b50102'])
    const seen: string[] = []
    host.tap(vlan, (direction, frame) => seen.push(`${direction} ${toHex(frame.content())}`))
    nic.deliver(hexFrame('020000000001 020000000002 8100 600a 88b5 0304'))
    nic.deliver(hexFrame('020000000001 020000000002 8100 000b 88b5 0304'))
    nic.deliver(hexFrame('020000000001 020000000002 88b5 0304'))
    expect(seen).toEqual(['in 02000000000102000000000288b50304'])
    expect([nic.rx.packets, vlan.rx.packets]).toEqual([3, 1])
  })

  test('hosts in one VLAN reach each other, others do not', () => {
    const lab = new TestLab()
    const { a, b, la, lb } = lab.pair()
    const answers = (idA: number, idB: number): boolean => {
      for (const [host, lower, id, address] of [
        [a, la, idA, '10.9.0.1/24'],
        [b, lb, idB, '10.9.0.2/24'],
      ] as const) {
        const old = host.links.get('v')
        if (old !== undefined) host.links.remove(old)
        const vlan = need(addVlan(host.links, lower, 'v', id))
        vlan.setUp(true)
        lab.address(host, vlan, address)
      }
      const socket = a.pingSocket()
      socket.echo(1, new Uint8Array(8), ip('10.9.0.2'))
      lab.pass(5)
      return socket.recv() !== undefined
    }
    expect(answers(7, 7)).toBe(true)
    expect(answers(7, 8)).toBe(false)
    expect(answers(8, 8)).toBe(true)
  })

  test('goes up and down, loses its carrier, shrinks and goes with the other link', () => {
    const { host, nic, vlan } = bed()
    nic.setUp(false)
    expect(vlan.setUp(true)).toMatchObject({ errno: 'ENETDOWN' })
    nic.setUp(true)
    expect([vlan.up, vlan.operState]).toEqual([true, 'UP'])
    nic.setCarrier(false)
    expect([vlan.carrier, vlan.operState]).toEqual([false, 'LOWERLAYERDOWN'])
    nic.setCarrier(true)
    expect(vlan.running).toBe(true)
    nic.setMtu(1000)
    expect(vlan.mtu).toBe(1000)
    expect(vlan.setMtu(1001)).toMatchObject({ errno: 'ERANGE' })
    nic.setMac(0x020000000009)
    expect(vlan.mac).toBe(0x020000000009)
    vlan.setMac(0x02000000000a)
    nic.setMac(0x02000000000b)
    expect(vlan.mac).toBe(0x02000000000a)
    nic.setUp(false)
    expect([vlan.up, vlan.flags.at(-1)]).toEqual([false, 'M-DOWN'])
    host.links.remove(nic)
    expect(host.links.get('eth0.10')).toBeUndefined()
  })

  test('works in another namespace too, and gives its number back', () => {
    const { lab, host, nic, vlan, sent } = bed()
    const other = lab.host('x')
    need(host.links.move(vlan, other.links))
    vlan.setUp(true)
    sent.length = 0
    vlan.transmit(hexFrame('ffffffffffff 020000000001 88b5 0102'))
    expect(sent).toHaveLength(1)
    expect(addVlan(host.links, nic, 'again', 10)).toMatchObject({ errno: 'EEXIST' })
    other.links.remove(vlan)
    expect(need(addVlan(host.links, nic, 'again', 10)).linked).toBe(nic as Link)
  })

  test('is refused where it cannot be', () => {
    const { host, nic } = bed()
    expect(addVlan(host.links, host.lo, 'x', 1)).toMatchObject({ errno: 'EOPNOTSUPP' })
    expect(addVlan(host.links, nic, 'x', 4095)).toMatchObject({ errno: 'ERANGE' })
    expect(addVlan(host.links, nic, 'x', 1, { mtu: 1501 })).toMatchObject({ errno: 'ERANGE' })
    expect(addVlan(host.links, nic, 'eth0.10', 1)).toMatchObject({ errno: 'EEXIST' })
    expect(nic.vlans?.size).toBe(1)
  })
})
