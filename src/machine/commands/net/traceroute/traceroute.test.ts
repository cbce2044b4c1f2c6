import { expect, test } from 'vitest'
import { netMachine } from '../net.testing.ts'

const routed = () =>
  netMachine(
    'ip netns add router; ip netns add far',
    'ip link add e0 type veth peer name r0 netns router; ip -n far link add e0 type veth peer name r1 netns router',
    'ip link set lo up; ip link set e0 up; ip -n far link set e0 up; ip -n far link set lo up',
    'ip -n router link set r0 up; ip -n router link set r1 up; ip -n router link set lo up',
    'ip addr add 10.0.0.1/24 dev e0; ip -n router addr add 10.0.0.254/24 dev r0',
    'ip -n far addr add 10.0.1.1/24 dev e0; ip -n router addr add 10.0.1.254/24 dev r1',
    'ip route add default via 10.0.0.254; ip -n far route add default via 10.0.1.254',
    'ip netns exec router sysctl -q -w net.ipv4.ip_forward=1',
    'sleep 3',
  )

test('each hop answers', () => {
  expect(
    routed()
      .text('traceroute -n -q 1 10.0.1.1')
      .replaceAll(/[0-9.]+ ms/g, 'T'),
  ).toBe('traceroute to 10.0.1.1 (10.0.1.1), 30 hops max, 60 byte packets\n 1  10.0.0.254  T\n 2  10.0.1.1  T\n')
})

test('what keeps silent is given up after five seconds, all hops at once', () => {
  const { text, clock } = routed()
  text('ip -n router route add blackhole 10.9.0.0/16; ip netns exec router sysctl -q -w net.ipv4.icmp_ratelimit=1000')
  const before = clock.now()
  expect(text('traceroute -n -m 3 -q 1 -f 2 10.9.0.1')).toBe(
    'traceroute to 10.9.0.1 (10.9.0.1), 3 hops max, 60 byte packets\n 2  *\n 3  *\n',
  )
  expect((clock.now() - before) / 1e9).toBe(5)
})

test('tracepath finds the smaller MTU on the way', () => {
  const { text } = routed()
  text('ip -n router link set r1 mtu 1400')
  expect(text('tracepath -n 10.0.1.1').replaceAll(/ +\d+\.\d+ms/g, ' T')).toBe(
    ' 1?: [LOCALHOST]                      pmtu 1500\n 1:  10.0.0.254 T \n 1:  10.0.0.254 T \n 2:  10.0.0.254 T pmtu 1400\n 2:  10.0.1.1 T reached\n     Resume: pmtu 1400 hops 2 back 2 \n',
  )
})

test('arping', () => {
  const { text, status } = routed()
  expect(text('arping -c 2 -I e0 10.0.0.254')).toMatch(
    /^ARPING 10\.0\.0\.254 from 10\.0\.0\.1 e0\n(Unicast reply from 10\.0\.0\.254 \[([0-9A-F]{2}:?){6}\] {2}0\.000ms\n){2}Sent 2 probes \(1 broadcast\(s\)\)\nReceived 2 response\(s\)\n$/,
  )
  expect([status('arping -c 1 -q -I e0 10.0.0.66'), status('arping -D -q -c 1 -I e0 10.0.0.254')]).toEqual([1, 1])
  expect(status('arping -D -q -c 1 -I e0 10.0.0.66')).toBe(0)
})
