import { describe, expect, test } from 'vitest'
import { Frame } from '../wire/frame.ts'
import { dumpedByOvs } from './dpctl.testing.ts'
import { extract } from './extract.ts'
import { type FlowKey, newKey, tunnelFlag, word } from './layout.ts'
import { matchOf } from './match.ts'
import { normalize, parseMatch } from './match-text.ts'
import { parseOdpKey } from './odp-parse.ts'
import { formatOdpKey } from './odp-text.ts'

const parsedOdp = (text: string, portNumber: (name: string) => number | undefined): FlowKey | undefined => {
  const read = parseOdpKey(text, portNumber)
  return read.ok ? read.key : undefined
}

const hexBytes = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16))

describe('as dpctl/dump-flows', () => {
  test.each(dumpedByOvs)('%s', (rule, packet, plain, all) => {
    const parsed = parseMatch(rule.replace(/^priority=1$/, ''))
    if ('wrong' in parsed) throw new Error(parsed.wrong)
    const { mask } = normalize(parsed.match).match
    const key = newKey()
    // The default of `vlan-limit`.
    extract(Frame.from(hexBytes(packet)), key, 1)
    key[word.inPort] = 1
    const type = key[word.ethType]! >>> 16
    // Open vSwitch always looks at the fragment bits of IP.
    if (type === 0x0800 || type === 0x86dd) mask[word.ip]! |= 0x03000000
    expect(formatOdpKey({ key, mask })).toBe(plain)
    expect(formatOdpKey({ key, mask }, { all: true, portName: port => `p${port}` })).toBe(all)
    // What was told can be read back. TCP flags are told as far as the mask goes.
    const read = parsedOdp(all, name => Number(name.slice(1)))
    key[word.ndOptionsType] = 0
    key[word.tcpFlags] = key[word.tcpFlags]! & mask[word.tcpFlags]!
    expect(read).toEqual(key)
  })
})

test('a tunnel and what connection tracking knows', () => {
  const match = matchOf({
    tun_id: 100n,
    tun_src: 0x01010101n,
    tun_dst: 0x02020202n,
    tun_ttl: 64n,
    ct_state: [0x22n, 0x23n],
    in_port: 4n,
  })
  match.mask[word.tunFlags]! |= (tunnelFlag.dontFragment | tunnelFlag.csum | tunnelFlag.key) << 16
  match.key[word.tunFlags]! |= tunnelFlag.key << 16
  expect(formatOdpKey(match)).toBe(
    'tunnel(tun_id=0x64,src=1.1.1.1,dst=2.2.2.2,ttl=64,flags(-df-csum+key)),ct_state(-new+est+trk),' +
      'recirc_id(0),in_port(4),packet_type(ns=0,id=0),eth_type(0x0000)',
  )
})

test('two tags are two encapsulations', () => {
  const key = newKey()
  extract(Frame.from(hexBytes('0203040506070102030405aa88a8a0058100400608060001')), key)
  const mask = matchOf({ vlan_tci: 0xffffn }).mask
  expect(formatOdpKey({ key, mask })).toBe(
    'recirc_id(0),in_port(0),packet_type(ns=0,id=0),eth_type(0x88a8),vlan(vid=5,pcp=5),' +
      'encap(eth_type(0x8100),vlan(vid=6/0x0,pcp=2/0x0),encap(eth_type(0x0806)))',
  )
})

describe('a key in text', () => {
  const read = (text: string) => parsedOdp(text, name => (name === 'p1' ? 7 : undefined))
  test('ports by number and name', () => {
    expect(read('in_port(3)')?.[word.inPort]).toBe(3)
    expect(read('in_port(p1)')?.[word.inPort]).toBe(7)
    expect(read('in_port(p2)')).toBeUndefined()
    expect(read('eth()')?.[word.inPort]).toBe(0xffffffff)
  })
  test('two tags, the outer first', () => {
    const key = read('in_port(1),eth_type(0x88a8),vlan(vid=5,pcp=1),encap(eth_type(0x8100),vlan(vid=6),encap())')
    expect([key?.[word.vlan], key?.[word.vlan1], key?.[word.ethType]]).toEqual([0x88a83005, 0x81001006, 0x05ff0000])
  })
  test('a tunnel', () => {
    const text =
      'tunnel(tun_id=0x3,src=1.2.3.4,dst=2.2.2.2,tos=0x3,ttl=64,tp_src=5,tp_dst=4789,flags(df|key)),in_port(1)'
    const wanted = newKey()
    wanted.set([0, 3, 0x01020304, 0x02020202], word.tunIdHigh)
    wanted[word.tunFlags] = ((tunnelFlag.dontFragment | tunnelFlag.key) << 16) | 0x0340
    wanted[word.tunTransport] = (5 << 16) | 4789
    wanted[word.inPort] = 1
    wanted[word.ethType] = 0x05ff0000
    expect(read(text)).toEqual(wanted)
  })
  test('without Ethernet, a type is that of the packet', () => {
    expect(read('in_port(1),eth_type(0x0800)')?.[word.packetType]).toBe(0x10800)
    expect(read('in_port(1),eth(),eth_type(0x0800)')?.[word.packetType]).toBe(0)
    expect(read('packet_type(ns=1,id=0x894f),in_port(1)')?.[word.packetType]).toBe(0x1894f)
  })
  test('a connection', () => {
    const key = read(
      'ct_state(+trk+new),ct_zone(5),ct_mark(7/0xff),ct_label(0x9),ct_tuple4(src=1.1.1.1,tp_dst=3),eth()',
    )
    expect([key?.[word.ctState], key?.[word.ctZone], key?.[word.ctMark], key?.[word.ctLabel + 3]]).toEqual([
      0x21, 5, 7, 9,
    ])
    expect([key?.[word.ctIpv4Src], key?.[word.ctTransport]]).toEqual([0x01010101, 3])
  })
  test('nothing at all, and any white space and commas between', () => {
    for (const text of ['', ',', ' , ']) expect(read(text)?.[word.inPort]).toBe(0xffffffff)
    expect(read('in_port(1)eth(), eth_type(0x1234)')?.[word.ethType]).toBe(0x12340000)
  })
  test('what a value has no room for is lost, as in Open vSwitch', () => {
    expect(read('eth_type(0x10800)')?.[word.ethType]).toBe(0x08000000)
    expect(read('ipv4(proto=300,src=1.2.3.400)')?.[word.ip]).toBe(44)
    expect(read('in_port(-1)')?.[word.inPort]).toBe(0xffffffff)
    expect(read('in_port(010)')?.[word.inPort]).toBe(8)
  })
  test('what cannot be read is told from there on', () => {
    expect(parseOdpKey('in_port(1),eth(),foo(3),eth_type(5)')).toEqual({ ok: false, wrong: 'foo(3),eth_type(5)' })
  })
  test.each([
    'in_port',
    'in_port(1',
    'in_port=1',
    'foo(3)',
    'eth(src=zz)',
    'eth(foo=1)',
    'eth_type(08)',
    'eth(src=00:00:00:00:00:01,,)',
    'in_port(1 )',
    'ipv4(tos=x)',
    'vlan(vid=4096)',
    'tunnel(flags(foo))',
    'encap(bar(1))',
  ])('not %j', text => {
    expect(read(text)).toBeUndefined()
  })
})
