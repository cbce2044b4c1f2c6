/** Random match texts through `ovs-ofctl parse-flows` and through ours: the same text comes back. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatFieldValue } from '../../src/flow/field-text.ts'
import { type FieldName, field, fullMask } from '../../src/flow/fields.ts'
import { hasForeignTuple } from '../../src/flow/match.ts'
import { formatMatch, parseMatch } from '../../src/flow/match-text.ts'
import { parsedByOvs } from '../../src/flow/ovs-ofctl.testing.ts'
import { Reader, Writer } from '../../src/openflow/bytes.ts'
import { pullNxMatch, putNxMatch } from '../../src/openflow/match-wire.ts'
import { below, type Random, seeded } from '../../src/runtime/random.ts'

const hasOvs = spawnSync('which', ['ovs-ofctl']).status === 0

const anywhere: FieldName[] = [
  'tun_id',
  'tun_src',
  'tun_dst',
  'tun_ipv6_src',
  'tun_ipv6_dst',
  'tun_flags',
  'tun_gbp_id',
  'tun_gbp_flags',
  'tun_gtpu_flags',
  'tun_gtpu_msgtype',
  'metadata',
  'in_port',
  'actset_output',
  'pkt_mark',
  'ct_state',
  'ct_zone',
  'ct_mark',
  'ct_label',
  'conj_id',
  'dp_hash',
  'recirc_id',
  'reg0',
  'reg7',
  'reg15',
  'xreg2',
  'xxreg3',
  'eth_src',
  'eth_dst',
  'vlan_tci',
  'dl_vlan',
  'vlan_vid',
  'vlan_pcp',
  'tun_metadata5',
  'tun_metadata0',
  'tun_metadata63',
  'tun_erspan_idx',
  'tun_erspan_ver',
  'tun_erspan_dir',
  'tun_erspan_hwid',
  'packet_type',
  'ct_nw_proto',
  'ct_nw_src',
  'ct_ipv6_dst',
  'ct_tp_src',
]
const ip: FieldName[] = ['nw_tos', 'ip_dscp', 'nw_ecn', 'nw_ttl', 'ip_frag']
const nd: FieldName[] = ['nd_target', 'nd_reserved', 'nd_options_type']
const under: Record<string, FieldName[]> = {
  ip: [...ip, 'ip_src', 'ip_dst'],
  ipv6: [...ip, 'ipv6_src', 'ipv6_dst', 'ipv6_label'],
  tcp: [...ip, 'ip_src', 'tcp_src', 'tcp_dst', 'tcp_flags'],
  tcp6: [...ip, 'ipv6_dst', 'tcp_src', 'tcp_flags'],
  udp: [...ip, 'ip_dst', 'udp_src', 'udp_dst'],
  udp6: [...ip, 'ipv6_label', 'udp_dst'],
  sctp: [...ip, 'sctp_src', 'sctp_dst'],
  icmp: [...ip, 'icmp_type', 'icmp_code'],
  icmp6: [...ip, 'icmpv6_type', 'icmpv6_code'],
  'icmp6,icmp_type=135,icmp_code=0': [...nd, 'nd_sll'],
  'icmp6,icmp_type=136,icmp_code=0': [...nd, 'nd_tll'],
  arp: ['arp_op', 'arp_spa', 'arp_tpa', 'arp_sha', 'arp_tha'],
  rarp: ['arp_op', 'arp_spa', 'arp_tha'],
  mpls: ['mpls_label', 'mpls_tc', 'mpls_bos', 'mpls_ttl'],
  'dl_type=0x894f,nsh_mdtype=1': ['nsh_c1', 'nsh_c2', 'nsh_c3', 'nsh_c4'],
  'ip,ct_state=+trk+new': ['ct_nw_src', 'ct_nw_dst', 'ct_nw_proto', 'ct_tp_src', 'ct_tp_dst'],
  'packet_type=(1,0x800)': [...ip, 'ip_src', 'nw_proto'],
  'packet_type=(1,0x86dd),nw_proto=17': [...ip, 'ipv6_src', 'udp_src'],
  'dl_type=0x894f': ['nsh_flags', 'nsh_ttl', 'nsh_mdtype', 'nsh_np', 'nsh_spi', 'nsh_si', 'nsh_c1', 'nsh_c4'],
  'dl_type=0x1234': [],
  '': [],
}

/** Values and masks that are too large, unknown, empty or quirky, of every format. */
const values = [
  '',
  '*',
  '0',
  '5',
  '-1',
  '0x',
  '08',
  '1e3',
  '5/',
  '/5',
  '5/7',
  '5/0',
  '1/2/3',
  'zz',
  '0x1ffffffffffffffff',
  '1.2.3.4',
  '::1',
  '1:2:3:4:5:6',
  '+a',
  'no',
  '(0,0)',
  '1,2)',
  '255/255',
  '0xffff/0xffff',
  'LOCAL',
  '"a"',
]
const oddFields = [
  'reg0',
  'dl_vlan',
  'vlan_vid',
  'vlan_tci',
  'dl_vlan_pcp',
  'nw_proto',
  'nw_tos',
  'ip_dscp',
  'nw_frag',
  'dl_src',
  'ip,nw_src',
  'ipv6,ipv6_src',
  'in_port',
  'tun_flags',
  'ct_state',
  'tcp,tcp_flags',
  'packet_type',
  'tun_metadata0',
  'ct_label',
  'icmp,icmp_type',
  'dl_type',
  'conj_id',
  'metadata',
  'arp,arp_op',
  'mpls,mpls_label',
  'dl_type=0x894f,nsh_spi',
]
const oddTexts = [
  ...oddFields.flatMap(name => values.map(value => `${name}=${value}`)).filter((_, i) => i % 4 === 0),
  ...oddFields,
  ...[
    'ct_state=010',
    'ct_state=09',
    'ct_state=1zz',
    'ct_state=0x',
    'ct_state=1/3zz',
    'ct_state=1/0x',
    'ct_state=1/256',
  ],
  ...['reg0=+5', 'reg0=99999999999999999999', 'reg0=5/+7', 'metadata=-2', 'metadata=5/-1', 'ct_label=5/-1', 'reg0=0xg'],
  ...['packet_type=(0x,0)', 'packet_type=(08,1)', 'packet_type=(1,010)', 'packet_type=(1,70000)', 'packet_type=(-1,1)'],
  ...['packet_type=(1,5)x', 'packet_type=(1)', 'packet_type=(1,2x)', 'dl_src=0001:2:3:4:5:6', 'dl_src=101:2:3:4:5:6'],
  ...[
    'dl_src=1:2:3:4:5:6x',
    'dl_src=1:2:3:4:5:6:7',
    'dl_src=1-2-3-4-5-6',
    'ip,nw_src=1.2.3.4/08',
    'ip,nw_src=1.2.3.4/8x',
  ],
  ...[
    'ip,nw_src=1.2.3.4/-1',
    'ip,nw_src=1.2.3.4/33x',
    'ip,nw_src=1.2.3.4/255.255',
    'ipv6,ipv6_src=::1/-1',
    'ipv6,ipv6_src=::g',
  ],
  ...[
    'reg0[]=5',
    'reg0[0]=2',
    'reg0[0..3]=16',
    'reg0[0..3]=5/3',
    'reg0[3..0]=1',
    'reg0[32]=1',
    'reg0[0..32]=1',
    'reg0[=1',
  ],
  ...['nosuch[]=4', 'eth_src[]=00:00:00:00:00:01', 'eth_src[0..7]=5', 'ct_label[0..127]=5', 'vlan_tci[12]=1', 'reg0[]'],
  ...[
    'NXM_NX_REG0[0..3]=0x5',
    'reg0[0..3]=1,reg0[4..7]=2',
    'reg0[0..3]=1,reg0=5/0xf0',
    'reg0[0..3]=-1',
    'reg0[0..3]=0x',
  ],
  ...['vlan_vid[12]=1', 'reg0[0..]=1', 'reg0[]x=1', 'tun_metadata0[992]=1', 'tun_metadata0=1,tun_metadata0[4]=1'],
]

const wide = (random: Random): bigint => {
  let value = 0n
  for (let i = 0; i < 4; i++) value = (value << 32n) | BigInt(below(random, 2 ** 32))
  return value
}

const item = (random: Random, name: FieldName): string => {
  const { format, bits, wireBits, maskable } = field(name)
  const full = fullMask(name) & ((1n << BigInt(Math.min(bits, wireBits ?? 992))) - 1n)
  if (format === 'frag') return `${name}=${['no', 'yes', 'first', 'later', 'not_later'][below(random, 5)]}`
  if (format === 'port') return `${name}=${['LOCAL', 'CONTROLLER', 'ANY', 'in_port', '1', '65279'][below(random, 6)]}`
  const value = wide(random) & full
  // An IPv6 mask that begins with a decimal digit is taken for a prefix length by the original.
  const any = (wide(random) & full) | (format === 'ipv6' ? 0xfn << 124n : 0n)
  const prefix = full & ~((1n << BigInt(below(random, bits))) - 1n)
  const mask = maskable && below(random, 2) === 0 ? ([any, prefix, full][below(random, 3)] as bigint) : fullMask(name)
  return `${name}=${formatFieldValue(name, value, mask)}`
}

const matchText = (random: Random): string => {
  const kinds = Object.keys(under)
  const kind = kinds[below(random, kinds.length)] as string
  const names = [...anywhere, ...anywhere, ...(under[kind] ?? []), ...(under[kind] ?? []), ...(under[kind] ?? [])]
  const chosen = Array.from({ length: below(random, 6) }, () => names[below(random, names.length)] as FieldName)
  return [...(kind === '' ? [] : [kind]), ...[...new Set(chosen)].map(name => item(random, name))].join(',')
}

/** What parse-flows prints: the text is read, sent as NXM, and read from that. */
const printed = (text: string): string => {
  const parsed = parseMatch(text)
  if ('wrong' in parsed) return `ovs-ofctl: ${parsed.wrong}`
  const out = new Writer()
  const length = putNxMatch(out, parsed.match)
  const read = pullNxMatch(new Reader(out.done()), length)
  if (read.ok && hasForeignTuple(read.value.match)) return '***decode error: OFPBAC_MATCH_INCONSISTENT***'
  return read.ok ? formatMatch(read.value.match) : `***decode error: ${read.error}***`
}

describe.skipIf(!hasOvs)('against ovs-ofctl', () => {
  test.each([1, 2, 3])('seed %i', seed => {
    const random = seeded(seed)
    const texts = Array.from({ length: 3000 }, () => matchText(random))
    const directory = mkdtempSync(join(tmpdir(), 'weft-match-'))
    try {
      writeFileSync(
        join(directory, 'flows'),
        texts.map(text => `${text}${text === '' ? '' : ','}actions=drop\n`).join(''),
      )
      const out = execFileSync('ovs-ofctl', ['-F', 'nxm', '-vconsole:off', 'parse-flows', join(directory, 'flows')], {
        encoding: 'utf8',
        maxBuffer: 1e8,
      })
      const want = out
        .split('\n')
        .filter(line => /^NXT_FLOW_MOD/.test(line))
        .map(line => line.replace(/^.*?: (ADD )?/, '').replace(/ ?actions=drop$/, ''))
      expect(want.length).toBe(texts.length)
      const wrong = texts.flatMap((text, i) =>
        printed(text) === want[i] ? [] : [`${text}\n  ovs  ${want[i]}\n  weft ${printed(text)}`],
      )
      expect(want.filter(line => line.includes('decode error')).length).toBeLessThan(texts.length / 4)
      expect(wrong.slice(0, 6).join('\n')).toBe('')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test.each(oddTexts)('%s', text => {
    const done = spawnSync('ovs-ofctl', ['-F', 'nxm', '-vconsole:off', 'parse-flow', `${text},actions=drop`], {
      encoding: 'utf8',
    })
    const said = done.stdout
      .split('\n')[2]
      ?.replace(/^.*?: (ADD )?/, '')
      .replace(/ ?actions=drop$/, '')
    expect(printed(text)).toBe(said ?? done.stderr.replace(/\n$/, ''))
  })

  test('what is recorded is still what it says', () => {
    for (const [text, want] of parsedByOvs.filter((_, i) => i % 8 === 0)) {
      const done = spawnSync('ovs-ofctl', ['-F', 'nxm', '-vconsole:off', 'parse-flow', `${text},actions=drop`], {
        encoding: 'utf8',
      })
      if (typeof want !== 'string') expect(done.stderr).toContain(`ovs-ofctl: ${want.wrong}\n`)
      else expect(done.stdout).toContain(`ADD ${want}${want === '' ? '' : ' '}actions=drop\n`)
    }
  })
})
