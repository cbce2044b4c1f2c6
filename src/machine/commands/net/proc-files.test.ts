import { expect, test } from 'vitest'
import { twoHosts } from './net.testing.ts'

test('the files of /proc/sys/net are the settings of the reader’s namespace', () => {
  const { text } = twoHosts()
  expect(text('cat /proc/sys/net/ipv4/ip_forward')).toBe('0\n')
  text('echo 1 > /proc/sys/net/ipv4/ip_forward')
  expect(text('sysctl net.ipv4.ip_forward')).toBe('net.ipv4.ip_forward = 1\n')
  expect(text('ip netns exec far cat /proc/sys/net/ipv4/ip_forward')).toBe('0\n')
  expect(text('echo x > /proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward')).toContain('1\n')
})

test('links have their folders while they are there', () => {
  const { text } = twoHosts()
  expect(text('ls /proc/sys/net/ipv4/conf')).toBe('all\ndefault\ne0\nlo\n')
  text('ip link set e0 down; ip link set e0 name e0.5')
  expect(text('cat /proc/sys/net/ipv4/conf/e0.5/forwarding')).toBe('0\n')
  expect(text('ls /proc/sys/net/ipv4/conf')).not.toContain('e0\n')
  expect(text('cat /proc/sys/net/ipv4/neigh/e0.5/ucast_solicit')).toBe('3\n')
  text('ip link del e0.5')
  expect(text('ls /proc/sys/net/ipv6/conf')).not.toContain('e0.5')
  expect(text('ls /proc/sys/net/ipv6/neigh')).toBe('default\nlo\n')
})
