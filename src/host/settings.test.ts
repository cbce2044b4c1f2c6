import { describe, expect, test } from 'vitest'
import { TestLab } from './lab.testing.ts'
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
    for (const name of settings.names())
      expect(settings.get(name)).toMatch(name.endsWith('congestion_control') ? /^[a-z ]+$/ : /^[0-9\t]+$/)
    expect(settings.names()).toContain('net.ipv6.conf.eth0.accept_ra')
    settings.set('net.ipv4.icmp_ratelimit', '0')
    expect(changes).toEqual(['net.ipv4.icmp_ratelimit'])
  })

  test('the range of ports is two numbers', () => {
    const settings = new Settings()
    const name = 'net.ipv4.ip_local_port_range'
    expect(settings.set(name, '40000\t40010\n').ok).toBe(true)
    expect([settings.get(name), settings.portRange]).toEqual(['40000\t40010', [40000, 40010]])
    expect(settings.set(name, '40005').ok).toBe(true)
    expect(settings.get(name)).toBe('40005\t40010')
    for (const wrong of ['50000 40000', '0 10', '1 65536', '40000 x', ''])
      expect(settings.set(name, wrong)).toMatchObject({ errno: 'EINVAL' })
    expect(settings.get(name)).toBe('40005\t40010')
  })

  test('neighbours have settings by link and by family', () => {
    const settings = new Settings()
    settings.of('eth0')
    expect(settings.get('net.ipv4.neigh.eth0.base_reachable_time_ms')).toBe('30000')
    expect(settings.get('net.ipv6.neigh.default.gc_thresh3')).toBe('1024')
    expect(settings.get('net.ipv4.neigh.eth0.gc_thresh3')).toBeUndefined()
    expect(settings.get('net.ipv4.neigh.eth9.ucast_solicit')).toBeUndefined()
    expect(settings.set('net.ipv4.neigh.default.ucast_solicit', '7').ok).toBe(true)
    expect(settings.set('net.ipv4.neigh.default.gc_thresh1', '9').ok).toBe(true)
    expect([settings.neigh4.of('eth0').ucast_solicit, settings.neigh4.of('eth1').ucast_solicit]).toEqual([3, 7])
    expect(settings.neigh6.of('eth1').ucast_solicit).toBe(3)
    expect([settings.neigh4.limits.gc_thresh1, settings.neigh6.limits.gc_thresh1]).toEqual([9, 128])
    expect(settings.set('net.ipv4.neigh.eth0.ucast_solicit', '-1')).toMatchObject({ errno: 'EINVAL' })
    expect(settings.set('net.ipv4.neigh.eth0.no_such', '1')).toMatchObject({ errno: 'ENOENT' })
    expect(settings.set('net.ipv4.neigh.eth0.toString', '1')).toMatchObject({ errno: 'ENOENT' })
    settings.set('net.ipv6.neigh.eth0.mcast_solicit', '5')
    settings.rename('eth0', 'lan')
    expect(settings.get('net.ipv6.neigh.lan.mcast_solicit')).toBe('5')
    expect(settings.get('net.ipv6.neigh.eth0.mcast_solicit')).toBeUndefined()
    settings.forget('lan')
    expect(settings.get('net.ipv6.neigh.lan.mcast_solicit')).toBeUndefined()
  })

  test('a link that is renamed keeps its settings', () => {
    const lab = new TestLab()
    const host = lab.host('h')
    const link = lab.nic(host, 'eth0')
    host.settings.set('net.ipv4.conf.eth0.rp_filter', '1')
    host.settings.set('net.ipv4.neigh.eth0.ucast_solicit', '9')
    host.links.rename(link, 'lan')
    host.links.rename(link, 'wan')
    expect(host.settings.of('wan').rp_filter).toBe(1)
    expect(host.settings.neigh4.of('wan').ucast_solicit).toBe(9)
    expect(host.settings.names().filter(name => /eth0|lan\./.test(name))).toEqual([])
  })

  test('sockets draw their ports from the range', () => {
    const host = new TestLab().host('h')
    host.settings.set('net.ipv4.ip_local_port_range', '40000 40002')
    const ports = [1, 2, 3].map(() => {
      const socket = host.udpSocket()
      socket.bind(undefined, 0)
      return socket.port
    })
    expect(ports.sort()).toEqual([40000, 40001, 40002])
    expect(host.udpSocket().bind(undefined, 0)).toMatchObject({ errno: 'EADDRINUSE' })
  })

  test('has the sizes and the congestion control of TCP', () => {
    const settings = new Settings()
    expect(settings.get('net.ipv4.tcp_rmem')).toBe('4096\t131072\t6291456')
    expect(settings.set('net.ipv4.tcp_rmem', '4096 8192 16384').ok).toBe(true)
    expect(settings.tcpReceive).toEqual([4096, 8192, 16384])
    settings.set('net.ipv4.tcp_wmem', '1000')
    expect(settings.tcpSend).toEqual([1000, 16384, 4194304])
    expect(settings.set('net.ipv4.tcp_wmem', '0')).toEqual({ ok: false, errno: 'EINVAL' })
    expect(settings.set('net.ipv4.tcp_wmem', 'many')).toEqual({ ok: false, errno: 'EINVAL' })
    expect(settings.set('net.ipv4.tcp_congestion_control', 'vegas')).toEqual({ ok: false, errno: 'ENOENT' })
    expect(settings.set('net.ipv4.tcp_congestion_control', 'reno').ok).toBe(true)
    expect(settings.get('net.ipv4.tcp_congestion_control')).toBe('reno')
    expect(settings.set('net.ipv4.tcp_available_congestion_control', 'reno').ok).toBe(false)
  })
})
