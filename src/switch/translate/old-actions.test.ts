import { expect, test } from 'vitest'
import { ipv4, run, tcp } from './translate.testing.ts'

const icmp = { ...ipv4, nw_proto: 1n } as const
const arp = { eth_type: 0x0806n, nw_proto: 1n } as const

// Recorded from Open vSwitch 3.1.
test('ports are those of any IP packet: of ICMP they are type and code', () => {
  expect(run('mod_tp_src:1,mod_tp_dst:6,2', icmp).out).toBe('set(icmp(type=1,code=6)),2')
  expect(run('mod_tp_src:1,mod_tp_dst:6,2', tcp).out).toBe('set(tcp(src=1,dst=6)),2')
})

test('of other protocols they are looked at and written, and nothing is sent to the datapath', () => {
  const { out, trace, whole } = run('mod_tp_src:1,2', { ...ipv4, nw_proto: 2n })
  expect(out).toBe('2')
  expect(trace).toContain('tp_src=1,')
  expect(whole('tcp_src') && whole('nw_proto')).toBe(true)
})

test('of a later fragment no more is looked at than that it is one', () => {
  const { out, looked } = run('mod_tp_src:1,2', { ...tcp, ip_frag: 3n })
  expect(out).toBe('2')
  expect([looked('ip_frag'), looked('nw_proto'), looked('tcp_src')]).toEqual([3n, 0n, 0n])
})

test('a frame without the header is left alone, and only the new actions say so', () => {
  expect(run('mod_nw_src:1.2.3.4,2', arp).trace).not.toContain('unmet')
  expect(run('set_field:1.2.3.4->ip_src,2', arp).trace).toContain('unmet prerequisites for ip_src, set_field ignored')
})

test('dec_ttl looks at protocol and TTL whatever the frame is', () => {
  const { out, whole } = run('dec_ttl,2', arp)
  expect(out).toBe('2')
  expect(whole('nw_ttl') && whole('nw_proto')).toBe(true)
})
