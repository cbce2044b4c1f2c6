import { expect, test } from 'vitest'
import { terminal } from '../../../machine.testing.ts'
import { netCommands } from '../index.ts'
import { twoHosts } from '../net.testing.ts'

test('two answers', () => {
  expect(twoHosts().text('ping -c 2 10.0.0.2')).toBe(
    'PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.\n64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.000 ms\n64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=0.000 ms\n\n--- 10.0.0.2 ping statistics ---\n2 packets transmitted, 2 received, 0% packet loss, time 1000ms\nrtt min/avg/max/mdev = 0.000/0.000/0.000/0.000 ms\n',
  )
})

test('nobody there: status 1, and the neighbour that failed tells so', () => {
  const { run } = twoHosts()
  const ran = run('ping -c 1 10.0.0.9')
  expect(ran.status).toBe(1)
  expect(ran.stdout).toContain('From 10.0.0.1 icmp_seq=1 Destination Host Unreachable\n')
})

test('a first answer is waited for ten seconds, or as long as -W says', () => {
  const { run, clock, text } = twoHosts()
  text('ip neigh add 10.0.0.9 lladdr 2:0:0:0:0:9 dev e0')
  for (const [line, seconds] of [
    ['ping -c 1 10.0.0.9', 10],
    ['ping -c 1 -W 3 10.0.0.9', 3],
    ['ping -w 2 10.0.0.9', 2],
  ] as const) {
    const before = clock.now()
    expect(run(line).status).toBe(1)
    expect((clock.now() - before) / 1e9).toBe(seconds)
  }
})

test('the payload counts up behind the time', () => {
  const { run } = twoHosts()
  const ran = run(
    'tcpdump -n -t -x -i e0 -c 1 icmp 2> /dev/null & sleep 0.1; ping -c 1 -s 20 -q 10.0.0.2 > /dev/null; wait',
  )
  expect(ran.stdout).toContain('1011 1213')
})

test('Ctrl-C ends it with its statistics', () => {
  const { type, interrupt } = terminal(netCommands)
  type('ip link set lo up\n')
  type('ping 127.0.0.1\n', 2.5)
  const end = interrupt()
  expect(end).toContain(
    '--- 127.0.0.1 ping statistics ---\n3 packets transmitted, 3 received, 0% packet loss, time 2000ms\n',
  )
  expect(end).toMatch(/# $/)
})

test('names come from /etc/hosts, and what is not there fails as without a resolver', () => {
  const { text } = twoHosts()
  text('echo 10.0.0.2 web1 >> /etc/hosts')
  expect(text('ping -c 1 web1')).toContain(
    'PING web1 (10.0.0.2) 56(84) bytes of data.\n64 bytes from web1 (10.0.0.2): ',
  )
  expect(text('ping -c 1 google.com')).toBe('ping: google.com: Temporary failure in name resolution\n')
  expect(text('ping6 -c 1 localhost')).toContain(
    'PING localhost(localhost (::1)) 56 data bytes\n64 bytes from localhost (::1): ',
  )
})
