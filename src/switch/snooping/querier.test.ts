import { describe, expect, test } from 'vitest'
import { second } from '../../runtime/clock.ts'
import { formatIp4, formatIp6, type Ip4, parseIp4, parseIp6 } from '../../wire/address.ts'
import { pushEthernet } from '../../wire/ethernet.ts'
import { Frame } from '../../wire/frame.ts'
import { type Igmp, igmpFrame, routerAlertOption } from '../../wire/igmp.ts'
import { pushIpv4 } from '../../wire/ipv4.ts'
import { pushIpv6 } from '../../wire/ipv6.ts'
import { dissect } from '../../wire/layers.ts'
import { type Mld, mldFrame } from '../../wire/mld.ts'
import type { VlanColumns } from '../bridge-options.ts'
import { Bed } from '../switch.testing.ts'
import type { QuerierOptions } from './querier.ts'
import { showGroups } from './show.ts'

const ip = (text: string): Ip4 => parseIp4(text) as Ip4
const ip6 = (text: string): bigint => parseIp6(text) as bigint

const igmp = (message: Igmp, to: string, from = '10.0.0.1'): Uint8Array => {
  const frame = igmpFrame(message)
  pushIpv4(frame, { src: ip(from), dst: ip(to), protocol: 2, ttl: 1, options: routerAlertOption })
  return pushEthernet(frame, { dst: 0x01005e000000 + (ip(to) & 0x7fffff), src: 0x11, type: 0x0800 }).content()
}
const mld = (message: Mld, to: string, from = 'fe80::1'): Uint8Array => {
  const ends = { src: ip6(from), dst: ip6(to) }
  const frame = pushIpv6(mldFrame(message, ends), { ...ends, nextHeader: 58, hopLimit: 1 })
  return pushEthernet(frame, {
    dst: 0x333300000000 + Number(ends.dst & 0xffffffffn),
    src: 0x11,
    type: 0x86dd,
  }).content()
}
const group = '239.1.1.1'
const join = igmp({ kind: 'report', version: 2, group: ip(group) }, group)
const leave = igmp({ kind: 'leave', group: ip(group) }, '224.0.0.2')
const query = (from: string): Uint8Array => igmp({ kind: 'query', group: 0, maxResponse: 100 }, '224.0.0.1', from)
const query6 = (from: string): Uint8Array => mld({ kind: 'query', group: 0n, maxResponse: 10_000 }, 'ff02::1', from)

/** A question in words: `igmp3 0.0.0.0 > 224.0.0.1 group 0.0.0.0 in 100`. */
const words = (hex: string): string | undefined => {
  const bytes = Frame.from(Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16)))
  let ends = ''
  for (const layer of dissect(bytes.bytes, bytes.start, bytes.end)) {
    if (layer.bad !== undefined) return `bad ${layer.protocol}: ${layer.bad}`
    const { value } = layer
    if (value === undefined) return undefined
    if (layer.protocol === 'vlan') ends += `vlan ${layer.value?.vid} `
    if (layer.protocol === 'ip' && layer.value) ends += `${formatIp4(layer.value.src)} > ${formatIp4(layer.value.dst)}`
    if (layer.protocol === 'ip6' && layer.value) ends += `${formatIp6(layer.value.src)} > ${formatIp6(layer.value.dst)}`
    if (layer.protocol === 'igmp' && layer.value?.kind === 'query')
      return `igmp${layer.value.v3 ? 3 : 2} ${ends} group ${formatIp4(layer.value.group)} in ${layer.value.maxResponse}`
    if (layer.protocol === 'mld' && layer.value?.kind === 'query')
      return `mld${layer.value.v2 ? 2 : 1} ${ends} group ${formatIp6(layer.value.group)} in ${layer.value.maxResponse}`
  }
  return undefined
}

const bench = (querier: QuerierOptions = {}, vlans: VlanColumns[] = [{}, {}]) => {
  const bed = new Bed()
  const options = { hwaddr: 0x020000000001, snooping: { querier } }
  const bridge = bed.bridge('br0', options)
  const ports = vlans.map((vlan, i) => bed.port(bridge, `p${i + 1}`, vlan, i + 1))
  /** What p1 was asked up to a time: `0 igmp3 …`. */
  const until = (seconds: number, name = 'p1'): string[] => {
    const asked: string[] = []
    const take = (): void => {
      for (const { port, bytes } of bed.sent.splice(0)) {
        const text = words(bytes)
        if (port === name && text !== undefined) asked.push(`${bed.clock.now() / second} ${text}`)
      }
    }
    take()
    for (let at = bed.clock.now(); at <= seconds * second; at += second / 4) {
      bed.clock.runUntil(at)
      take()
    }
    return asked
  }
  const groups = (): string[] =>
    showGroups(bridge.snooping!.table, bed.clock.now())
      .trim()
      .split('\n')
      .slice(1)
      .map(line => line.trim().split(/ +/).slice(0, 3).join(' '))
  return { bed, bridge, options, ports, until, groups }
}

const general4 = 'igmp3 0.0.0.0 > 224.0.0.1 group 0.0.0.0 in 100'
const general6 = 'mld2 fe80::ff:fe00:1 > ff02::1 group :: in 10000'

describe('a bridge that asks', () => {
  test('asks twice quickly, then every interval', () => {
    const { until } = bench()
    expect(until(300)).toEqual([0, 31.25, 156.25, 281.25].flatMap(at => [`${at} ${general4}`, `${at} ${general6}`]))
  })

  test('asks as it is told to, until it is told not to', () => {
    const { bed, bridge, options, until } = bench({
      interval: 8,
      address: ip('10.0.0.9'),
      igmpVersion: 2,
      mldVersion: 1,
    })
    expect(until(3)).toEqual(
      [0, 2].flatMap(at => [
        `${at} igmp2 10.0.0.9 > 224.0.0.1 group 0.0.0.0 in 40`,
        `${at} mld1 fe80::ff:fe00:1 > ff02::1 group :: in 4000`,
      ]),
    )
    bridge.configure({ ...options, snooping: {} })
    expect(until(100)).toEqual([])
    bridge.configure(options)
    expect(until(100)).toHaveLength(2)
    bridge.configure({ hwaddr: bridge.mac })
    expect(until(600)).toEqual([])
    bed.switch.close()
  })

  test('asks in every VLAN in use, as each port has it', () => {
    const { ports, bed, until } = bench({}, [{ trunks: [7, 8] }, { tag: 8 }, {}])
    const of = (asked: string[]): string[] => asked.filter(text => text.includes('igmp'))
    expect(of(until(0))).toEqual([
      '0 igmp3 vlan 7 0.0.0.0 > 224.0.0.1 group 0.0.0.0 in 100',
      '0 igmp3 vlan 8 0.0.0.0 > 224.0.0.1 group 0.0.0.0 in 100',
    ])
    bed.clock.runUntil(20 * second)
    const tagged = Uint8Array.from([...join.subarray(0, 12), 0x81, 0, 0, 9, ...join.subarray(12)])
    bed.send(ports[2]!, tagged)
    expect(of(until(40, 'p2'))).toEqual([`31.25 ${general4}`])
    expect(of(until(160, 'p3')).map(text => text.slice(0, 19))).toEqual([
      `156.25 igmp3 vlan 9`,
      `156.25 igmp3 0.0.0.`,
      `156.25 igmp3 vlan 7`,
      `156.25 igmp3 vlan 8`,
    ])
  })

  test('asks anew when a port comes, but not for each of many', () => {
    const { bed, bridge, until } = bench()
    until(60)
    for (let i = 10; i < 20; i++) bed.port(bridge, `p${i}`)
    expect(until(90)).toEqual([`60 ${general4}`, `60 ${general6}`])
    bridge.snooping?.flush()
    expect(until(91)).toHaveLength(2)
    bridge.snooping?.flush()
    bridge.snooping?.flush()
    expect(until(92)).toHaveLength(2)
  })

  test('keeps the groups of hosts that answer, without a router', () => {
    const { bed, ports, groups, until } = bench()
    for (let at = 0; at < 2000; at += 125) {
      bed.send(ports[1]!, join)
      until(at + 100)
    }
    expect(groups()).toEqual([`2 0 ${group}`])
    until(2300)
    expect(groups()).toEqual([])
  })
})

describe('somebody leaves', () => {
  const specific = 'igmp3 0.0.0.0 > 239.1.1.1 group 239.1.1.1 in 10'

  test('and nobody else answers: the group goes after two questions', () => {
    const { bed, ports, groups, until } = bench()
    until(40)
    bed.send(ports[1]!, join)
    bed.send(ports[1]!, leave)
    bed.send(ports[1]!, leave)
    expect(until(41.75)).toEqual([`40 ${specific}`, `41 ${specific}`])
    expect(groups()).toEqual([`2 0 ${group}`])
    until(42)
    expect(groups()).toEqual([])
    expect(until(150)).toEqual([])
  })

  test('and another behind the port stays', () => {
    const { bed, ports, groups, until } = bench()
    until(40)
    bed.send(ports[1]!, join)
    bed.send(ports[1]!, leave)
    until(40.5)
    bed.send(ports[1]!, join)
    expect(until(150)).toEqual([])
    expect(groups()).toEqual([`2 0 ${group}`])
  })

  test('of an IPv6 group', () => {
    const { bed, ports, groups, until } = bench({ mldVersion: 1 })
    until(40)
    bed.send(ports[1]!, mld({ kind: 'report', group: ip6('ff0e::5') }, 'ff0e::5'))
    bed.send(ports[1]!, mld({ kind: 'done', group: ip6('ff0e::5') }, 'ff02::2'))
    const asked = 'mld1 fe80::ff:fe00:1 > ff0e::5 group ff0e::5 in 1000'
    expect(until(50)).toEqual([`40 ${asked}`, `41 ${asked}`])
    expect(groups()).toEqual([])
  })

  test('where another asks, it goes at once, as in Open vSwitch', () => {
    const { bed, ports, groups } = bench()
    bed.send(ports[0]!, query('10.0.0.3'))
    bed.send(ports[1]!, join)
    bed.send(ports[1]!, leave)
    expect(groups()).toEqual(['1 0 querier'])
  })
})

describe('another asks (RFC 3376 §6.6.2)', () => {
  test.each<[string, QuerierOptions, Uint8Array, { isQuiet: boolean }]>([
    ['a bridge without an address leaves it to any router', {}, query('223.0.0.1'), { isQuiet: true }],
    ['but not to another without one', {}, query('0.0.0.0'), { isQuiet: false }],
    ['the lower address asks', { address: ip('10.0.0.9') }, query('10.0.0.8'), { isQuiet: true }],
    ['whoever has it', { address: ip('10.0.0.9') }, query('10.0.0.10'), { isQuiet: false }],
    ['and so in IPv6', {}, query6('fe80::1'), { isQuiet: true }],
    ['whoever has it', {}, query6('fe80::ffff:0:0:1'), { isQuiet: false }],
  ])('%s', (_, options, question, { isQuiet }) => {
    const { bed, ports, until } = bench({ interval: 100, ...options })
    until(50)
    bed.send(ports[1]!, question)
    bed.sent = []
    const is6 = question[12] === 0x86
    const asked = (): string[] => until(125).filter(text => text.includes(is6 ? 'mld' : 'igmp'))
    expect(asked().length).toBe(isQuiet ? 0 : 1)
  })

  test('until it has been silent for two intervals and half the time of an answer', () => {
    const { bed, ports, until } = bench({ interval: 100 })
    until(10)
    bed.send(ports[1]!, query('10.0.0.3'))
    bed.sent = []
    const asked = until(340).filter(text => text.includes('igmp'))
    expect(asked).toEqual([215, 225, 325].map(at => `${at} ${general4}`))
  })

  test('two bridges agree on one of them, which the other then knows as its router', () => {
    const bed = new Bed()
    const make = (i: number) =>
      bed.bridge(`br${i}`, { hwaddr: 0x020000000000 + i, snooping: { querier: { address: ip(`10.0.0.${i}`) } } })
    const [one, two] = [make(1), make(2)]
    bed.patch(one, 'to2', 'to1', 9)
    bed.patch(two, 'to1', 'to2', 9)
    bed.port(one, 'h1', {}, 1)
    const host = bed.port(two, 'h2', {}, 1)
    bed.clock.runUntil(200 * second)
    expect([one, two].map(bridge => [bridge.snooping?.asks(0, 0), bridge.snooping?.asks(0, 0n)])).toEqual([
      [true, true],
      [false, false],
    ])
    bed.send(host, join)
    const table = (bridge: typeof one): string => showGroups(bridge.snooping!.table, bed.clock.now())
    expect(table(one)).toContain(`    9     0  ${group} `)
    expect(table(two)).toContain('    9     0  querier ')
    expect(table(one)).not.toContain('querier')
    bed.switch.close()
  })
})
