import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bench } from '../../src/tools/bench.testing.ts'
import { programs } from '../../src/tools/index.ts'
import { flowLines } from './flow-lines.ts'
import { hasOpenVswitch } from './real-switch.ts'

const masked = (text: string): string => text.replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|\d+\|/gm, '')

/** The original notes a match that it changed once more when it reads back what it wrote. */
const withoutNotes = (text: string): string =>
  text
    .split('\n')
    .filter(line => !line.startsWith('ofp_match|INFO'))
    .join('\n')

const real = (...args: string[]): unknown => {
  const { stdout, stderr, status } = spawnSync('ovs-ofctl', args, { encoding: 'utf8' })
  return { args, stdout, stderr: withoutNotes(masked(stderr)), status }
}

const { run } = bench(programs)
const ours = (...args: string[]): unknown => {
  const { stdout, stderr, status } = run(`ovs-ofctl ${args.map(arg => `'${arg}'`).join(' ')}`)
  return { args, stdout, stderr: withoutNotes(masked(stderr)), status }
}

describe.skipIf(!hasOpenVswitch())('flow text against ovs-ofctl parse-flow', () => {
  test.each(flowLines)('%s', line => {
    expect(ours('parse-flow', line)).toEqual(real('parse-flow', line))
  })

  const mac = fc.integer({ min: 0, max: 255 }).map(byte => `02:00:00:00:00:${byte.toString(16)}`)
  const ip = fc.integer({ min: 0, max: 255 }).map(byte => `10.0.0.${byte}`)
  const small = fc.integer({ min: 0, max: 7 })
  const port = fc.constantFrom('1', '2', 'LOCAL', 'in_port', 'NORMAL', 'flood', 'ALL')
  const register = fc.tuple(small, small, small).map(([n, a, b]) => `reg${n}[${Math.min(a, b)}..${Math.max(a, b) + 3}]`)
  const action = fc.oneof(
    port.map(name => `output:${name}`),
    port,
    small.map(n => `CONTROLLER:${n * 100}`),
    small.map(n => `controller(reason=no_match,max_len=${n},id=${n})`),
    fc.tuple(small, small).map(([a, b]) => `resubmit(${a},${b})`),
    small.map(n => `resubmit(,${n})`),
    mac.map(text => `mod_dl_src:${text}`),
    mac.map(text => `set_field:${text}->eth_dst`),
    ip.map(text => `mod_nw_dst:${text}`),
    ip.map(text => `set_field:${text}->ip_src`),
    small.map(n => `mod_nw_tos:${n * 4}`),
    small.map(n => `set_field:${n}->ip_dscp`),
    small.map(n => `mod_tp_src:${n}`),
    small.map(n => `set_field:${n}->tcp_dst`),
    small.map(n => `mod_vlan_vid:${n}`),
    small.map(n => `mod_vlan_pcp:${n}`),
    fc.constantFrom('strip_vlan', 'dec_ttl', 'drop', 'push_vlan:0x8100', 'note:01.02'),
    small.map(n => `set_field:${n}/0x7->reg${n}`),
    small.map(n => `set_field:${n}/0x15->reg${n}`),
    small.map(n => `set_field:0x${n}0000000000000->xxreg1`),
    small.map(n => `set_tunnel:${n}`),
    small.map(n => `set_field:${n}->tun_id`),
    fc.tuple(small, register).map(([n, to]) => `load:${n}->${to}`),
    register.map(to => `move:${to}->${to}`),
    register.map(from => `output:${from}`),
    small.map(n => `write_metadata:${n}/0xff`),
    small.map(n => `goto_table:${n}`),
  )
  const match = fc.constantFrom(
    '',
    'ip',
    'tcp',
    'udp',
    'arp',
    'dl_vlan=5',
    'tcp,dl_vlan=5',
    'in_port=1,tcp6',
    'tun_id=3',
  )
  const beside = fc.subarray([
    'priority=7',
    'table=0',
    'cookie=0x12',
    'idle_timeout=3',
    'hard_timeout=9',
    'send_flow_rem',
  ])
  const flow = fc
    .tuple(match, beside, fc.array(action, { maxLength: 5 }))
    .map(
      ([fields, words, actions]) =>
        `${[...words, fields].filter(word => word !== '').join(',')},actions=${actions.join(',')}`,
    )

  test.each(['OpenFlow10', 'OpenFlow11', 'OpenFlow13', 'OpenFlow15'])('random flows in %s', version => {
    fc.assert(
      fc.property(flow, line => {
        const theirs = real('-O', version, 'parse-flow', line)
        // What its decoder then refuses says nothing about text.
        if (JSON.stringify(theirs).includes('decode error')) return
        expect(ours('-O', version, 'parse-flow', line)).toEqual(theirs)
      }),
      { numRuns: 150 },
    )
  })
})
