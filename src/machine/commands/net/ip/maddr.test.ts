import { describe, expect, test } from 'vitest'
import { twoHosts } from '../net.testing.ts'

/** Two hosts, the first with a program that has joined a group by two sockets. */
const joined = () => {
  const hosts = twoHosts()
  hosts.text('iperf -s -u -B 239.1.1.1%e0 > /dev/null & sleep 3')
  return hosts
}

describe('the groups of a link', () => {
  test('are those that the kernel joins by itself', () => {
    expect(twoHosts().text('ip maddr')).toBe(`1:	lo
	inet  224.0.0.1
	inet6 ff02::1
	inet6 ff01::1
2:	e0
	link  33:33:00:00:00:01
	link  01:00:5e:00:00:01
	link  33:33:ff:00:00:01
	inet  224.0.0.1
	inet6 ff02::1:ff00:1
	inet6 ff02::1
	inet6 ff01::1
`)
  })

  test('and what sockets join, of one link and one family, and on one line each', () => {
    const { text } = joined()
    expect(text('ip -4 maddr show dev e0')).toBe('2:\te0\n\tinet  239.1.1.1\n\tinet  224.0.0.1\n')
    expect(text('ip maddr show e0')).toContain('\tlink  01:00:5e:01:01:01\n')
    expect(text('ip -o -4 maddr show dev e0')).toBe('2:\te0\\\tinet  239.1.1.1\n2:\te0\\\tinet  224.0.0.1\n')
    expect(text('ip -j -4 maddr show dev e0')).toBe(
      '[{"ifindex":2,"ifname":"e0","maddr":[{"family":"inet","address":"239.1.1.1"},{"family":"inet","address":"224.0.0.1"}]}]\n',
    )
    expect(text('ip maddr show dev nope')).toBe('')
  })

  test('are in /proc/net too, and netstat -g lists them', () => {
    const { text } = joined()
    expect(text('cat /proc/net/igmp')).toBe(`Idx	Device    : Count Querier	Group    Users Timer	Reporter
1	lo        :     1      V3
				010000E0     1 0:00000000		0
2	e0        :     2      V3
				010101EF     1 0:00000000		0
				010000E0     1 0:00000000		0
`)
    expect(text('cat /proc/net/igmp6')).toBe(`1    lo              ff020000000000000000000000000001     1 0000000C 0
1    lo              ff010000000000000000000000000001     1 00000008 0
2    e0              ff0200000000000000000001ff000001     1 00000004 0
2    e0              ff020000000000000000000000000001     1 0000000C 0
2    e0              ff010000000000000000000000000001     1 00000008 0
`)
    expect(text('cat /proc/net/dev_mcast')).toContain('2    e0              1     0     01005e010101\n')
    expect(text('netstat -gn')).toContain('\ne0              1      239.1.1.1\ne0              1      224.0.0.1\n')
  })

  test('of a link that is down are those of IPv6 that everybody is in', () => {
    const { text } = twoHosts()
    text('ip link set e0 down')
    expect(text('ip maddr show dev e0')).toBe('2:\te0\n\tinet6 ff02::1\n\tinet6 ff01::1\n')
    expect(text('grep -c e0 /proc/net/dev_mcast')).toBe('0\n')
    expect(text('grep -c e0 /proc/net/igmp')).toBe('0\n')
  })

  test('mistakes are said as ip says them', () => {
    const { text, status } = twoHosts()
    expect(text('ip maddr foo')).toBe('Command "foo" is unknown, try "ip maddr help".\n')
    expect(status('ip maddr foo')).toBe(255)
    expect(text('ip maddr help')).toMatch(/^Usage: ip maddr/)
  })
})
