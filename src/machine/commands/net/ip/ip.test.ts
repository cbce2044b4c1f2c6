import { describe, expect, test } from 'vitest'
import { netMachine, twoHosts } from '../net.testing.ts'
import { jsonList } from './json.ts'
import { formatPrefix, maskLength, parsePrefix } from './prefix.ts'
import { abbreviated, wholeNumber } from './words.ts'

// What the real ip prints is held against it in test/interop/net-commands.test.ts.

test('a namespace, a pair and an address are what the links show', () => {
  expect(twoHosts().text('ip addr show e0')).toBe(
    '3: e0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netns far\n    inet 10.0.0.1/24 scope global e0\n       valid_lft forever preferred_lft forever\n    inet6 fe80::ff:fe00:1/64 scope link \n       valid_lft forever preferred_lft forever\n'.replace(
      '3: e0@if2',
      '2: e0@if2',
    ),
  )
})

test('a mistake changes nothing', () => {
  const { text, status } = twoHosts()
  const before = text('ip -d addr; ip route; ip neigh')
  for (const line of [
    'ip link set e0 mtu 1400 name x/y',
    'ip link set e0 down foo bar',
    'ip addr add 10.0.0.300/24 dev e0',
    'ip route add default via 99.0.0.1',
    'ip neigh add 10.0.0.9 lladdr zz dev e0',
    'ip link add e0 type veth peer name e9',
    'ip netns add far',
    'ip tuntap add e0 mode tap',
  ])
    expect(status(line), line).not.toBe(0)
  expect(text('ip -d addr; ip route; ip neigh')).toBe(before)
})

test('a dummy link, which has no neighbours', () => {
  const { text } = netMachine('ip link add d0 address 02:00:00:00:00:0d type dummy', 'ip link set d0 up')
  expect(text('ip link show d0')).toContain('d0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc noqueue state UNKNOWN')
  expect(text('ip -d link show type dummy')).toContain('\n    dummy addrgenmode eui64')
  expect(text('ip link add n0 type nosuch')).toBe('Error: Unknown device type.\n')
})

test('a script runs in a namespace too, in the process of ip', () => {
  const { text } = twoHosts()
  text('echo "ip netns identify" > s; chmod +x s')
  expect(text('ip netns exec far ./s')).toBe('far\n')
  expect(text('ip netns exec far sleep 100 & ip netns pids far; kill $!')).toMatch(/^\d+\n$/)
})

test('addresses with a lifetime', () => {
  const { text } = twoHosts()
  text('ip addr add 10.1.0.1/24 dev e0 valid_lft 100 preferred_lft 50')
  expect(text('ip -o -4 addr show to 10.1.0.0/16')).toMatch(
    /scope global dynamic e0\\ {7}valid_lft 100sec preferred_lft 50sec\n$/,
  )
  expect(text('sleep 101; ip -o -4 addr show to 10.1.0.0/16')).toBe('')
})

describe('the parts', () => {
  test('prefixes', () => {
    expect(parsePrefix('10.1/16')).toEqual({ ip: 0x0a010000, length: 16, explicit: true })
    expect(parsePrefix('10.0.0.1/255.255.0.0')?.length).toBe(16)
    expect(parsePrefix('2001:db8::/32')?.length).toBe(32)
    for (const wrong of ['10.0.0.1/33', '10.0.0.300', 'x', '1.2.3.4.5', '::/129', '10.0.0.1/'])
      expect(parsePrefix(wrong)).toBeUndefined()
    expect([maskLength('255.255.255.0'), maskLength('0.0.0.0'), maskLength('255.0.255.0')]).toEqual([24, 0, undefined])
    expect([formatPrefix(0, 0), formatPrefix(0x0a000001, 32), formatPrefix(0n, 64)]).toEqual([
      'default',
      '10.0.0.1',
      '::/64',
    ])
  })

  test('words', () => {
    expect([abbreviated('sh', ['set', 'show']), abbreviated('s', ['set', 'show']), abbreviated('x', ['set'])]).toEqual([
      'show',
      'set',
      undefined,
    ])
    expect(['10', '0x10', '010', '-1', 'x', '4294967296'].map(wholeNumber)).toEqual([
      10,
      16,
      8,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('JSON, plain and pretty as ip -p prints it', () => {
    expect(jsonList([{ a: 1, b: ['x'], c: undefined }], false)).toBe('[{"a":1,"b":["x"]}]\n')
    expect(jsonList([{ a: 1, b: ['x', 'y'], c: [], d: [{ e: true }] }], true)).toBe(
      '[ {\n        "a": 1,\n        "b": [ "x","y" ],\n        "c": [ ],\n        "d": [ {\n                "e": true\n            } ]\n    } ]\n',
    )
  })
})
