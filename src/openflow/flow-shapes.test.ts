import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../runtime/text.ts'
import { Writer } from './bytes.ts'
import { parseFileLine } from './flow-file.ts'
import { FlowShapes, type LineRead } from './flow-shapes.ts'
import { noBuffer } from './message.ts'
import { encodeMessage } from './message-wire.ts'
import type { Version } from './protocol.ts'

type Speech = { version: Version; nxm?: boolean; tableId?: boolean }
const speeches: Speech[] = [
  { version: 1 },
  { version: 1, tableId: true },
  { version: 1, nxm: true, tableId: true },
  { version: 2 },
  { version: 4 },
  { version: 6 },
]

/** As the full reader reads; undefined for an error or a warning. */
const reader =
  (speech: Speech) =>
  (line: string): LineRead | undefined => {
    let warned = false
    const warn = (): void => {
      warned = true
    }
    const read = parseFileLine(line, undefined, { warn })
    if (read?.ok !== true || warned) return undefined
    const { flow, given, protocols } = read
    const message = encodeMessage(
      { type: 'flow_mod', bufferId: noBuffer, ...flow, match: given },
      { ...speech, xid: 0 },
    )
    return message && { message, protocols }
  }

/** The messages of those lines that have a shape. */
const quickly = (lines: readonly string[], speech: Speech): (LineRead | undefined)[] => {
  const shapes = new FlowShapes(reader(speech))
  return lines.map(line => {
    const text = utf8(`x${line}\ny`)
    const shape = shapes.find(text, 1, text.length - 2)
    if (shape === undefined) return undefined
    const out = new Writer()
    out.u8(7)
    shapes.write(out, shape)
    return { message: out.done().slice(1), protocols: shape.protocols }
  })
}

/** Expects the lines to be read as the full reader does; gives how many were read quickly. */
const agree = (lines: readonly string[], speech: Speech): number => {
  const read = reader(speech)
  let count = 0
  for (const [i, quick] of quickly(lines, speech).entries()) {
    if (quick === undefined) continue
    count++
    expect({ line: lines[i], ...quick }).toEqual({ line: lines[i], ...read(lines[i] as string) })
  }
  return count
}

const many = (line: (i: number) => string, count = 30): string[] => Array.from({ length: count }, (_, i) => line(i))

describe('lines of one shape', () => {
  test.each([
    ['of addresses', (i: number) => `ip,nw_src=10.0.0.${i},nw_dst=192.168.${i}.0/24,actions=output:${i + 1}`],
    ['of ports', (i: number) => `priority=${i},tcp,in_port=${i + 1},tp_src=${i * 8}/0xfff8,tp_dst=80,actions=drop`],
    ['of cookies', (i: number) => `cookie=0x${(i * 0x123456789ab).toString(16)},priority=0x${i},actions=NORMAL`],
    ['of MACs', (i: number) => `dl_src=02:00:00:00:0a:${i + 10},actions=mod_dl_dst:0A:0b:00:00:00:${i + 10},IN_PORT`],
    ['of VLANs', (i: number) => `table=1,dl_vlan=${i},actions=strip_vlan,mod_vlan_vid:${i + 1},group:${i}`],
    ['of registers', (i: number) => `reg0=0x${i},reg1=${i}/0xff,metadata=0x${i}00000000/0xffff00000000,actions=1`],
    ['of tunnels', (i: number) => `tun_id=${i * 0x100000},tun_src=1.2.3.${i},actions=learn(table=1,priority=5),2`],
    ['of IPv6', (i: number) => `udp6,ipv6_src=2001:DB8::${i}:1,ipv6_dst=fd00:${i}::/32,tp_dst=${i},actions=1`],
    ['of whole IPv6', (i: number) => `ipv6,ipv6_src=1:2:3:4:5:6:7:${i},ipv6_dst=::${i}/::ffff,actions=output:${i + 1}`],
    ['of neighbours', (i: number) => `icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::${i}:0,actions=output:${i + 1}`],
    ['that delete', (i: number) => `delete_strict priority=${i} nw_src=1.1.1.${i} ip cookie=${i}/-1`],
    ['of two commands', (i: number) => ` modify\tin_port=${i + 1} idle_timeout=${i} actions=set_queue:1 output:${i} `],
  ])('%s', (_, line) => {
    let quick = 0
    for (const speech of speeches) quick = Math.max(quick, agree(many(line), speech))
    expect(quick).toBeGreaterThan(20)
  })

  test('are read in full if a value may mean something else', () => {
    const [speech] = speeches as [Speech]
    for (const value of ['65535', '65534', '0x7fffffff', '-1', 'LOCAL', '010', '1/1', '', '99999999999999999999']) {
      const lines = many(i => `in_port=${i === 29 ? value : i + 1},actions=2`)
      expect(quickly(lines, speech).at(-1), value).toBe(undefined)
      agree(lines, speech)
    }
  })

  test.each([
    ['has an error', (i: number) => `in_port=${i + 1},foo=1,actions=2`],
    ['has a warning', (i: number) => `nw_src=10.0.0.${i},actions=2`],
    ['says a field twice', (i: number) => `ip,nw_src=10.0.0.${i},nw_src=10.0.1.${i},actions=2`],
    ['says a field again otherwise', (i: number) => `reg0=${i},reg0=+5,actions=2`],
    ['has a value that does not count', (i: number) => `ip,nw_src=10.0.0.${i}/0,actions=2`],
    ['says in a value what stands around it', (i: number) => `icmp6,tp_src=${130 + i},nd_target=::1,actions=2`],
    ['has an IPv4 address in an IPv6 one', (i: number) => `ipv6,ipv6_src=::1.2.3.${i},actions=2`],
    ['has a comment', (i: number) => `in_port=${i + 1},actions=2 # ${i}`],
  ])('are read in full, each time, if one %s', (_, line) => {
    for (const speech of speeches) expect(agree(many(line), speech)).toBe(0)
  })
})

const number = fc.oneof(
  { weight: 20, arbitrary: fc.nat(300).map(String) },
  fc.constantFrom(
    '0',
    '4095',
    '4096',
    '32767',
    '32768',
    '65279',
    '65280',
    '65535',
    '65536',
    '4294967295',
    '4294967296',
  ),
  fc.constantFrom('562949953421311', '562949953421312', '18446744073709551615', '00', '07', '+1', '-1', '1e3', '*'),
  fc.nat().map(value => `0x${value.toString(16)}`),
  fc.constantFrom('0xffff', '0xFFFFFFFF', '0x123456789abcdef0', '0xffffffffffffffff', '0x', '0X1', '0x1g'),
)
const quad = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map(parts => parts.join('.')),
  },
  fc.constantFrom('256.1.1.1', '1.2.3', '1.2.3.4.5', '01.002.3.4', '0001.2.3.4', '*'),
)
const mac = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .uint8Array({ minLength: 6, maxLength: 6 })
      .map(bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(':')),
  },
  fc.constantFrom('FF:ff:Ff:fF:00:0a', '1:2:3:4:5:6', '001:02:03:04:05:06', '01:02:03:04:05', '*'),
)

const ip6 = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .tuple(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), fc.nat(8), fc.nat(8))
      .map(([groups, from, count]) => {
        const texts = groups.map(group => group.toString(16))
        if (count < 2) return texts.join(':')
        return `${texts.slice(0, from).join(':')}::${texts.slice(from + count).join(':')}`
      }),
  },
  fc.constantFrom(
    '::',
    '::1',
    '1::',
    'FE80::A',
    '1:2:3:4:5:6:7::',
    '1:2:3:4:5:6:7:8::',
    '1::2::3',
    ':1',
    '1:',
    '12345::',
    '::1.2.3.4',
    '0001::',
    '1:2',
    ':::',
    '*',
  ),
)

/** A word with a value that is another in each line. */
type Part = { before: string; value: fc.Arbitrary<string>; after: string }
const part =
  (value: fc.Arbitrary<string>, ...afters: string[]) =>
  (before: string): fc.Arbitrary<Part> =>
    fc.constantFrom('', '', '', ...afters).map(after => ({ before, value, after }))
const fixed = (...texts: string[]): fc.Arbitrary<Part> =>
  fc.constantFrom(...texts).map(before => ({ before, value: fc.constant(''), after: '' }))
const numbers = ['priority=', 'cookie=', 'in_port=', 'tp_src=', 'tcp_dst=', 'udp_src=', 'dl_vlan=', 'reg0=', 'xreg0=']
const moreNumbers = [
  'metadata=',
  'tun_id=',
  'idle_timeout=',
  'conj_id=',
  'ct_zone=',
  'ct_mark=',
  'vlan_vid=',
  'nw_tos=',
]
const inHead = fc.oneof(
  fc.constantFrom(...numbers, ...moreNumbers).chain(part(number, '/0xff', '/0xf0f0', '/0', '/-1')),
  fc.constantFrom('nw_src=', 'nw_dst=', 'arp_spa=', 'tun_dst=').chain(part(quad, '/24', '/8', '/0.255.0.255', '/32')),
  fc
    .constantFrom('ipv6_src=', 'ipv6_dst=', 'nd_target=', 'tun_ipv6_dst=')
    .chain(part(ip6, '/64', '/128', '/0', '/ffff::ffff')),
  fc.constantFrom('dl_src=', 'eth_dst=', 'arp_sha=').chain(part(mac, '/ff:ff:ff:00:00:00', '/01:00:00:00:00:00')),
  fixed(
    'ip',
    'tcp',
    'udp',
    'arp',
    'icmp6',
    'ipv6',
    'table=3',
    'reg1=0x5/0xf',
    'dl_type=0x800',
    'nw_proto=6',
    'nw_frag=no',
  ),
)
const inActions = fc.oneof(
  fc.constantFrom('output:', 'output=', 'group:', 'mod_vlan_vid:', 'set_queue:', 'enqueue:1:').chain(part(number)),
  fc.constantFrom('mod_nw_src:', 'mod_nw_dst=').chain(part(quad)),
  fc.constantFrom('mod_dl_src:', 'set_field:').chain(part(mac, '->eth_dst')),
  fc.constantFrom('ct(zone=', 'learn(priority=').chain(part(number, ')', ',cookie=5)')),
  fixed('normal', 'drop', 'resubmit(,1)', 'load:5->NXM_NX_REG0[]', 'strip_vlan', 'dec_ttl', '(', ')', 'actions=1'),
)
const between = fc.constantFrom(',', ' ', ', ', ',,')
const shape = fc.record({
  command: fc.constantFrom('', '', '', 'add ', 'delete ', 'modify_strict '),
  head: fc.array(fc.tuple(inHead, between), { maxLength: 5 }),
  actions: fc.array(fc.tuple(inActions, between), { maxLength: 2 }),
  hasActions: fc.constantFrom(true, true, true, false),
})
const lines = shape.chain(({ command, head, actions, hasActions }) => {
  const parts = [...head, ...actions]
  const text = (values: readonly string[], from: number, list: typeof head): string =>
    list.map(([{ before, after }, gap], i) => `${before}${values[from + i]}${after}${gap}`).join('')
  return fc.array(fc.tuple(...parts.map(([{ value }]) => value)), { minLength: 14, maxLength: 18 }).map(all =>
    all.map(values => {
      const acts = hasActions ? `actions=${text(values, head.length, actions)}` : ''
      return `${command}${text(values, 0, head)}${acts}`
    }),
  )
})

test('a line has the same message and protocols, read quickly or in full', () => {
  let total = 0
  fc.assert(
    fc.property(lines, fc.constantFrom(...speeches), (all, speech) => {
      // Plain lines come first, so that a shape is learned if there is one.
      total += agree([...all, ...all, ...all], speech)
    }),
    { numRuns: 400 },
  )
  expect(total).toBeGreaterThan(1000)
})
