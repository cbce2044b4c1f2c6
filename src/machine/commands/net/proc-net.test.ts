import { expect, test } from 'vitest'
import { twoHosts } from './net.testing.ts'

test('/proc/net counts what happens in the namespace of whoever reads', () => {
  const { text } = twoHosts()
  text('ping -c 2 10.0.0.2')
  const counters = text('cat /proc/net/snmp')
  expect(counters).toMatch(/^Icmp: 2 0 0 /m)
  expect(text('ip netns exec far cat /proc/net/snmp')).not.toBe(counters)
  expect(text('cat /proc/net/snmp6')).toContain('Icmp6OutRouterSolicits')
  expect(text('cat /proc/net/netstat')).toContain('IpExt: InNoRoutes')
  expect(text('cat /proc/net/dev')).toMatch(/^ {4}e0: +[1-9]/m)
  expect(text('cat /proc/net/if_inet6')).toMatch(/ 80 +lo\n/)
  expect(text('ls /proc/net')).toBe(
    'dev\ndev_mcast\nif_inet6\nigmp\nigmp6\nnetstat\nsnmp\nsnmp6\ntcp\ntcp6\nudp\nudp6\n',
  )
})
