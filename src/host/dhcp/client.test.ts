import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeded } from '../../runtime/index.ts'
import { formatIp4 } from '../../wire/address.ts'
import { DhcpMessage, DhcpOption, dhcpAddresses, dhcpMessage, dhcpType, dhcpValue } from '../../wire/dhcp.ts'
import { Backoff } from './backoff.ts'
import { dhcpWorld, ip } from './dhcp.testing.ts'

const mac = 0x02_00_00_00_00_0a
const types = (world: ReturnType<typeof dhcpWorld>): number[] => world.sent.map(({ message }) => dhcpType(message))

describe('the way to a lease', () => {
  test('asks, takes the offer, tries the address out, and has it', () => {
    const world = dhcpWorld()
    const { client, kinds, events } = world.client(mac)
    client.start()
    world.pass(1)
    expect(kinds()).toEqual(['asked', 'offered', 'asked', 'acknowledged', 'bound'])
    expect(client.state).toBe('BOUND')
    // The address that dnsmasq 2.90 gave to this MAC out of this range.
    expect(formatIp4(client.lease?.address ?? 0)).toBe('10.0.2.23')
    expect(types(world)).toEqual([DhcpMessage.discover, DhcpMessage.request])
    const [discover, request] = world.sent
    expect(request?.message.xid).toBe(discover?.message.xid)
    expect(dhcpAddresses(request!.message, DhcpOption.serverId)).toEqual([ip('10.0.2.2')])
    expect(dhcpAddresses(request!.message, DhcpOption.requestedAddress)).toEqual([ip('10.0.2.23')])
    expect(request?.message.ciaddr).toBe(0)
    expect(events.at(-1)).toMatchObject({ kind: 'bound', before: undefined })
  })

  test('renews with its server alone, by its own address, before half of the time is over', () => {
    const world = dhcpWorld()
    const { client } = world.client(mac)
    client.start()
    world.pass(1)
    const { renew, rebind, expire } = client.lease!
    expect(renew).toBeGreaterThanOrEqual(0.75 * 1800e9)
    expect(renew).toBeLessThanOrEqual(1801e9)
    expect([Math.round(rebind / 1e9), Math.round(expire / 1e9)]).toEqual([3150, 3600])
    world.pass(1900)
    const { message, to } = world.sent[2]!
    expect([dhcpType(message), to, message.ciaddr]).toEqual([DhcpMessage.request, '10.0.2.2', ip('10.0.2.23')])
    expect(message.options.has(DhcpOption.serverId)).toBe(false)
    expect(message.options.has(DhcpOption.requestedAddress)).toBe(false)
    expect(client.state).toBe('BOUND')
    expect(client.lease!.expire).toBeGreaterThan(expire)
  })

  test('asks everybody when its server is gone, loses the lease at its end, and begins again', () => {
    const world = dhcpWorld({
      ranges: [{ from: ip('10.0.2.15'), to: ip('10.0.2.30'), mask: undefined, seconds: 120, isStatic: false }],
    })
    const { client, kinds, events } = world.client(mac)
    client.start()
    world.pass(1)
    world.up = false
    world.pass(100)
    expect(client.state).toBe('RENEWING')
    world.pass(10)
    expect(client.state).toBe('REBINDING')
    expect(world.sent.at(-1)).toMatchObject({ to: 'all', message: { ciaddr: ip('10.0.2.23') } })
    expect(kinds()).not.toContain('expired')
    world.pass(10)
    expect(kinds()).toContain('expired')
    expect([client.state, client.lease]).toEqual(['SELECTING', undefined])
    // It would like to have it again.
    expect(events.at(-1)).toMatchObject({ kind: 'asked', type: 'discover', address: ip('10.0.2.23') })
    world.up = true
    world.pass(30)
    expect(formatIp4(client.lease?.address ?? 0)).toBe('10.0.2.23')
  })

  test('gives up for five minutes after one', () => {
    const world = dhcpWorld()
    world.up = false
    const { client, kinds } = world.client(mac)
    client.start()
    world.pass(61)
    expect(kinds().at(-1)).toBe('nobody')
    const before = world.sent.length
    world.pass(298)
    expect(world.sent).toHaveLength(before)
    world.pass(2)
    expect(world.sent).toHaveLength(before + 1)
  })

  test('declines an address that somebody has, waits ten seconds, and gets another', () => {
    const world = dhcpWorld()
    world.taken.add(ip('10.0.2.23'))
    const { client, kinds } = world.client(mac)
    client.start()
    world.pass(5)
    expect(kinds().at(-1)).toBe('conflict')
    expect(types(world).at(-1)).toBe(DhcpMessage.decline)
    expect(dhcpAddresses(world.sent.at(-1)!.message, DhcpOption.requestedAddress)).toEqual([ip('10.0.2.23')])
    world.pass(7)
    expect(formatIp4(client.lease?.address ?? 0)).toBe('10.0.2.24')
    expect(world.log).toContain('DHCPDECLINE(eth0) 10.0.2.23 02:00:00:00:00:0a ')
  })
})

describe('with an earlier lease', () => {
  test('asks for it at once', () => {
    const world = dhcpWorld()
    const first = world.client(mac)
    first.client.start()
    world.pass(1)
    const { lease } = first.client
    first.client.stop()
    const { client, kinds } = world.client(mac, {}, 7)
    client.start(lease)
    expect(client.state).toBe('REBOOTING')
    world.pass(1)
    expect(kinds()).toEqual(['asked', 'acknowledged', 'bound'])
    expect(world.sent.at(-1)?.message.options.has(DhcpOption.serverId)).toBe(false)
  })

  test('that is refused it begins anew', () => {
    const world = dhcpWorld()
    const { client, kinds } = world.client(mac)
    client.start({ address: ip('10.0.9.20') })
    world.pass(1)
    expect(kinds()).toEqual(['asked', 'refused', 'asked', 'offered', 'asked', 'acknowledged', 'bound'])
    expect(world.log[1]).toBe('DHCPNAK(eth0) 10.0.9.20 02:00:00:00:00:0a wrong network')
  })

  test('that nobody knows it begins anew after ten seconds', () => {
    const world = dhcpWorld()
    const { client, kinds } = world.client(mac)
    client.start({ address: ip('10.0.2.20') })
    world.pass(9)
    expect(client.state).toBe('REBOOTING')
    world.pass(2)
    expect(kinds().slice(-1)).toEqual(['bound'])
  })

  test('given back it is free', () => {
    const world = dhcpWorld()
    const { client } = world.client(mac)
    client.start()
    world.pass(1)
    client.release()
    world.pass(1)
    expect(world.sent.at(-1)).toMatchObject({ to: '10.0.2.2', message: { ciaddr: ip('10.0.2.23') } })
    expect(world.server.leases.all(world.clock.now())).toEqual([])
    expect(client.state).toBe('STOPPED')
  })
})

test('answers to others, from rejected servers, or without a lease are nothing', () => {
  const world = dhcpWorld()
  world.up = false
  const { client, kinds } = world.client(mac, { reject: [ip('10.0.2.66')] })
  client.start()
  const { xid } = world.sent[0]!.message
  const whole = new Map([
    [DhcpOption.serverId, dhcpValue.u32(ip('10.0.2.2'))],
    [DhcpOption.leaseTime, dhcpValue.u32(60)],
  ])
  const offer = { xid, chaddr: mac, yiaddr: ip('10.0.2.20'), options: whole }
  const tries: [Parameters<typeof dhcpMessage>[1], string][] = [
    [{ ...offer, xid: xid ^ 1 }, '10.0.2.2'],
    [{ ...offer, chaddr: mac + 1 }, '10.0.2.2'],
    [{ ...offer, yiaddr: 0 }, '10.0.2.2'],
    [{ ...offer, yiaddr: ip('224.0.0.5') }, '10.0.2.2'],
    [{ ...offer, options: new Map([...whole].slice(0, 1)) }, '10.0.2.2'],
    [{ ...offer, options: new Map([...whole].slice(1)) }, '10.0.2.2'],
    [offer, '10.0.2.66'],
  ]
  for (const [fields, from] of tries) client.received(dhcpMessage(DhcpMessage.offer, fields), ip(from))
  // An acknowledgement of what was not asked for, too.
  client.received(dhcpMessage(DhcpMessage.ack, offer), ip('10.0.2.2'))
  expect(kinds()).toEqual(['asked'])
  client.received(dhcpMessage(DhcpMessage.offer, offer), ip('10.0.2.2'))
  expect(kinds().slice(1)).toEqual(['offered', 'asked'])
})

test('it waits 3 to 8 seconds at first and never more than 21', () => {
  fc.assert(
    fc.property(fc.nat(), seed => {
      const backoff = new Backoff(seeded(seed))
      const waits = Array.from({ length: 20 }, () => backoff.next(Number.POSITIVE_INFINITY) / 1e9)
      expect(waits[0]).toBeGreaterThanOrEqual(3)
      expect(waits[0]).toBeLessThanOrEqual(8)
      for (const wait of waits) expect(Number.isInteger(wait) && wait >= 3 && wait <= 21).toBe(true)
      expect(backoff.next(2e9)).toBe(2e9)
    }),
  )
})
