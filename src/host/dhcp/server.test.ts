import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatIp4 } from '../../wire/address.ts'
import {
  type Dhcp,
  DhcpMessage,
  DhcpOption,
  dhcpAddresses,
  dhcpMessage,
  dhcpNumber,
  dhcpText,
  dhcpType,
  dhcpValue,
} from '../../wire/dhcp.ts'
import { dhcpWorld, ip } from './dhcp.testing.ts'
import { classlessRoutes, classlessValue, leaseOf, lengthOf } from './lease.ts'
import { placeOf } from './server-config.ts'

const mac = 0x02_00_00_00_00_0a
const ask = (type: number, fields: Partial<Dhcp> = {}, options: [number, Uint8Array][] = []): Dhcp =>
  dhcpMessage(type, { xid: 5, chaddr: mac, ...fields, options: new Map(options) })
const answerTo = (world: ReturnType<typeof dhcpWorld>, message: Dhcp): Dhcp | undefined => {
  let answer = world.server.answer(message, world.place)
  if (answer?.tested === false) {
    world.server.tried(answer.reply.yiaddr, false)
    world.log.length = 0
    answer = world.server.answer(message, world.place)
  }
  return answer?.reply
}

describe('what is offered', () => {
  test('in the order in which dnsmasq 2.90 says it', () => {
    const world = dhcpWorld({ domain: 'lab' })
    const offer = answerTo(world, ask(DhcpMessage.discover))!
    expect([...offer.options.keys()]).toEqual([53, 54, 51, 58, 59, 1, 28, 3, 6, 15])
    expect(
      [DhcpOption.leaseTime, DhcpOption.renewalTime, DhcpOption.rebindingTime].map(code => dhcpNumber(offer, code)),
    ).toEqual([3600, 1800, 3150])
    expect(world.log).toEqual(['DHCPDISCOVER(eth0) 02:00:00:00:00:0a ', 'DHCPOFFER(eth0) 10.0.2.23 02:00:00:00:00:0a '])
  })

  test('only what the client asks for, and what is forced', () => {
    const options = new Map([
      [DhcpOption.router, { value: new Uint8Array(0), forced: false }],
      [DhcpOption.ntpServer, { value: dhcpValue.u32(1), forced: false }],
      [DhcpOption.mtu, { value: dhcpValue.u16(1400), forced: true }],
    ])
    const world = dhcpWorld({ options })
    const offer = answerTo(world, ask(DhcpMessage.discover, {}, [[DhcpOption.parameterList, Uint8Array.of(1, 3, 6)]]))!
    expect([...offer.options.keys()].filter(code => code < 50)).toEqual([1, 6, 26])
  })

  test('the address set for a MAC, with its name and time', () => {
    const hosts = [{ macs: [mac], name: 'fixy', address: ip('10.0.2.50'), seconds: 7200, ignored: false }]
    const world = dhcpWorld({ hosts })
    expect(formatIp4(answerTo(world, ask(DhcpMessage.discover))!.yiaddr)).toBe('10.0.2.50')
    const request = ask(DhcpMessage.request, {}, [
      [DhcpOption.serverId, dhcpValue.u32(ip('10.0.2.2'))],
      [DhcpOption.requestedAddress, dhcpValue.u32(ip('10.0.2.50'))],
    ])
    const ack = answerTo(world, request)!
    expect([dhcpType(ack), dhcpText(ack, DhcpOption.hostName), dhcpNumber(ack, DhcpOption.leaseTime)]).toEqual([
      5,
      'fixy',
      7200,
    ])
    // Nobody else gets it.
    const other = answerTo(world, { ...request, chaddr: mac + 1 })
    expect(dhcpText(other!, DhcpOption.message)).toBe('address reserved')
  })

  test('the next one where somebody answers, none where all are taken, and ignored hosts nothing', () => {
    const ranges = [{ from: ip('10.0.2.15'), to: ip('10.0.2.16'), mask: undefined, seconds: 120, isStatic: false }]
    const world = dhcpWorld({ ranges, sequential: true, hosts: [{ macs: [9], ignored: true }] })
    const first = world.server.answer(ask(DhcpMessage.discover), world.place)!
    expect(formatIp4(first.reply.yiaddr)).toBe('10.0.2.15')
    world.server.tried(first.reply.yiaddr, true)
    expect(formatIp4(answerTo(world, ask(DhcpMessage.discover))!.yiaddr)).toBe('10.0.2.16')
    world.log.length = 0
    expect(answerTo(world, ask(DhcpMessage.discover, { chaddr: 7 }))).toBeUndefined()
    expect(world.log).toEqual(['DHCPDISCOVER(eth0) 00:00:00:00:00:07 no address available'])
    expect(answerTo(world, ask(DhcpMessage.discover, { chaddr: 9 }))).toBeUndefined()
    expect(world.log.at(-1)).toBe('DHCPDISCOVER(eth0) 00:00:00:00:00:09 ignored')
  })
})

describe('what is refused', () => {
  const wish = (address: string, own = true): [number, Uint8Array][] => [
    ...(own ? [[DhcpOption.serverId, dhcpValue.u32(ip('10.0.2.2'))] as [number, Uint8Array]] : []),
    [DhcpOption.requestedAddress, dhcpValue.u32(ip(address))],
  ]
  const refusal = (reply: Dhcp | undefined): string | undefined =>
    reply === undefined ? undefined : dhcpText(reply, DhcpOption.message)

  test('another network, another range, what somebody has', () => {
    const world = dhcpWorld()
    expect(refusal(answerTo(world, ask(DhcpMessage.request, {}, wish('10.0.9.1'))))).toBe('wrong network')
    expect(refusal(answerTo(world, ask(DhcpMessage.request, {}, wish('10.0.2.99'))))).toBe('address not available')
    expect(dhcpType(answerTo(world, ask(DhcpMessage.request, {}, wish('10.0.2.20')))!)).toBe(DhcpMessage.ack)
    expect(refusal(answerTo(world, ask(DhcpMessage.request, { chaddr: 3 }, wish('10.0.2.20'))))).toBe('address in use')
  })

  test('a lease that it does not know is another server’s, unless it is the only one', () => {
    const renewal = ask(DhcpMessage.request, { ciaddr: ip('10.0.2.20') })
    const reboot = ask(DhcpMessage.request, {}, wish('10.0.2.20', false))
    expect(answerTo(dhcpWorld(), reboot)).toBeUndefined()
    expect(refusal(answerTo(dhcpWorld(), renewal))).toBe('lease not found')
    for (const message of [renewal, reboot])
      expect(dhcpType(answerTo(dhcpWorld({ authoritative: true }), message)!)).toBe(DhcpMessage.ack)
  })

  test('requests to other servers are left alone', () => {
    const other: [number, Uint8Array][] = [
      [DhcpOption.serverId, dhcpValue.u32(1)],
      [DhcpOption.requestedAddress, dhcpValue.u32(ip('10.0.2.20'))],
    ]
    const world = dhcpWorld()
    expect(answerTo(world, ask(DhcpMessage.request, {}, other))).toBeUndefined()
    expect(world.log).toEqual([])
  })

  test('answers, other networks and unknown types', () => {
    const world = dhcpWorld()
    expect(answerTo(world, ask(DhcpMessage.offer))).toBeUndefined()
    expect(answerTo(world, ask(99))).toBeUndefined()
    expect(
      world.server.answer(ask(DhcpMessage.discover), { ...world.place, address: ip('192.168.0.1') }),
    ).toBeUndefined()
  })
})

test('who has an address and only asks for the rest gets no lease', () => {
  const world = dhcpWorld()
  const ack = answerTo(world, ask(DhcpMessage.inform, { ciaddr: ip('10.0.2.9') }))!
  expect([dhcpType(ack), ack.yiaddr, dhcpNumber(ack, DhcpOption.leaseTime)]).toEqual([DhcpMessage.ack, 0, undefined])
  expect(dhcpAddresses(ack, DhcpOption.router)).toEqual([ip('10.0.2.2')])
  expect(world.server.leases.all(0)).toEqual([])
})

test('a lease is over at its end, and no two clients have the same address', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 40 }), { maxLength: 20 }), macs => {
      const world = dhcpWorld()
      const all = macs.map(each => world.client(each).client)
      for (const each of all) each.start()
      world.pass(100)
      const leases = all.flatMap(({ lease }) => (lease === undefined ? [] : [lease.address]))
      expect(new Set(leases).size).toBe(leases.length)
      expect(leases).toHaveLength(Math.min(16, macs.length))
      for (const each of all) each.stop()
      world.pass(3700)
      expect(world.server.leases.all(world.clock.now())).toEqual([])
    }),
    { numRuns: 30 },
  )
})

test('the place of a MAC is the one that dnsmasq 2.90 chose', () => {
  expect(placeOf(0x02000000000a, 16)).toBe(8)
  expect(placeOf(0x324c36f69aa5, 16)).toBe(5)
})

describe('what a lease says', () => {
  const lease = (fields: Partial<Dhcp>, options: [number, Uint8Array][]) =>
    leaseOf(
      ask(DhcpMessage.ack, { yiaddr: ip('10.0.0.1'), ...fields }, [
        [DhcpOption.serverId, dhcpValue.u32(1)],
        ...options,
      ]),
      1e9,
      0,
    )

  test('for ever is for ever; T1 and T2 that make no sense are the usual ones', () => {
    expect(lease({}, [[51, dhcpValue.u32(0xffffffff)]])).toMatchObject({ renew: Infinity, expire: Infinity })
    const odd = lease({}, [
      [51, dhcpValue.u32(800)],
      [58, dhcpValue.u32(5000)],
      [59, dhcpValue.u32(9000)],
    ])
    expect(odd).toMatchObject({ renew: 401e9, rebind: 701e9, expire: 801e9 })
  })

  test('the network is the mask’s, or the class’s', () => {
    const length = (address: string, mask?: Uint8Array): number =>
      lengthOf({ address: ip(address), options: new Map(mask === undefined ? [] : [[1, mask]]) })
    expect(length('10.0.0.1', dhcpValue.u32(ip('255.255.254.0')))).toBe(23)
    expect(['10.0.0.1', '172.16.0.1', '192.168.0.1'].map(each => length(each))).toEqual([8, 16, 24])
    expect(length('10.0.0.1', dhcpValue.u32(ip('255.0.255.0')))).toBe(8)
  })

  test('classless routes come back as they were', () => {
    // As dnsmasq writes 10.9.0.0/16 by 10.0.2.9.
    expect([...classlessValue([{ dst: ip('10.9.0.0'), length: 16, via: ip('10.0.2.9') }])]).toEqual([
      16, 10, 9, 10, 0, 2, 9,
    ])
    const route = fc.record({ dst: fc.nat(0xffffffff), length: fc.nat(32), via: fc.nat(0xffffffff) })
    fc.assert(
      fc.property(fc.array(route), routes => {
        const masked = routes.map(each => ({
          ...each,
          dst: each.length === 0 ? 0 : (each.dst & (~0 << (32 - each.length))) >>> 0,
        }))
        expect(classlessRoutes(classlessValue(masked))).toEqual(masked)
      }),
    )
    expect(classlessRoutes(Uint8Array.of(33, 1, 2))).toBeUndefined()
    expect(classlessRoutes(Uint8Array.of(16, 10, 9, 1))).toBeUndefined()
  })
})
