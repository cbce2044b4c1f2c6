import { describe, expect, test } from 'vitest'
import { Settings } from './settings.ts'

describe('sysctl', () => {
  test('has the defaults of Linux', () => {
    const settings = new Settings()
    expect(settings.get('net.ipv4.ip_forward')).toBe('0')
    expect(settings.get('net.ipv4.ip_default_ttl')).toBe('64')
    expect(settings.get('net.ipv4.icmp_ratemask')).toBe('6168')
    expect(settings.get('net.ipv4.icmp_echo_ignore_broadcasts')).toBe('1')
    expect(settings.get('net.ipv4.ip_local_port_range')).toBe('32768\t60999')
    expect(settings.get('net.ipv6.conf.default.accept_ra')).toBe('1')
  })

  test('ip_forward is conf.all.forwarding, and sets every link', () => {
    const settings = new Settings()
    settings.of('eth0')
    expect(settings.set('net.ipv4.ip_forward', '1\n').ok).toBe(true)
    expect(settings.get('net.ipv4.conf.all.forwarding')).toBe('1')
    expect(settings.get('net.ipv4.conf.eth0.forwarding')).toBe('1')
    expect(settings.of('eth1').forwarding).toBe(1)
    expect(settings.of('eth0').forwarding6).toBe(0)
  })

  test('a link begins with what default says then', () => {
    const settings = new Settings()
    settings.of('eth0')
    settings.set('net.ipv4.conf.default.rp_filter', '1')
    expect([settings.of('eth0').rp_filter, settings.of('eth1').rp_filter]).toEqual([0, 1])
    settings.rename('eth1', 'lan')
    expect(settings.get('net.ipv4.conf.lan.rp_filter')).toBe('1')
    expect(settings.get('net.ipv4.conf.eth1.rp_filter')).toBeUndefined()
  })

  test('one link alone', () => {
    const settings = new Settings()
    settings.of('eth0')
    settings.set('net.ipv6.conf.eth0.disable_ipv6', '1')
    expect([settings.of('eth0').disable_ipv6, settings.all.disable_ipv6]).toEqual([1, 0])
  })

  test('mistakes change nothing', () => {
    const settings = new Settings()
    expect(settings.set('net.ipv4.no_such', '1')).toMatchObject({ errno: 'ENOENT' })
    expect(settings.set('net.ipv4.conf.eth9.forwarding', '1')).toMatchObject({ errno: 'ENOENT' })
    expect(settings.set('net.ipv4.ip_forward', 'yes')).toMatchObject({ errno: 'EINVAL' })
    expect(settings.get('net.ipv4.ip_forward')).toBe('0')
    expect(settings.get('kernel.hostname')).toBeUndefined()
  })

  test('all names can be read, and say when they change', () => {
    const changes: string[] = []
    const settings = new Settings(name => changes.push(name))
    settings.of('eth0')
    for (const name of settings.names()) expect(settings.get(name)).toMatch(/^[0-9\t]+$/)
    expect(settings.names()).toContain('net.ipv6.conf.eth0.accept_ra')
    settings.set('net.ipv4.icmp_ratelimit', '0')
    expect(changes).toEqual(['net.ipv4.icmp_ratelimit'])
  })
})
