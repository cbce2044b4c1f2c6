import { expect, test } from 'vitest'
import { matchOf } from '../../flow/match.ts'
import { parseActions } from '../../openflow/action-text.ts'
import { type Bucket, type GroupMod, type GroupType, noSelection, OfBucket } from '../../openflow/group.ts'
import type { Bed } from '../switch.testing.ts'
import { ipv4, run, tcp } from './translate.testing.ts'

type Wish = { group: number; type: GroupType; buckets: readonly (Partial<Bucket> & { text: string })[] } & Partial<
  Pick<GroupMod, 'selection'>
>

/** Adds groups to the first bridge. */
const groups =
  (...wishes: readonly Wish[]) =>
  (bed: Bed): void => {
    for (const { group, type, buckets, selection = noSelection } of wishes) {
      const refused = bed.switch.bridges.get('br0')?.groups.apply({
        command: 'add',
        type,
        group,
        commandBucket: OfBucket.all,
        selection,
        buckets: buckets.map(({ text, ...rest }) => {
          const actions = parseActions(text)
          if (typeof actions === 'string') throw new Error(actions)
          return { id: undefined, weight: 1, watchPort: undefined, watchGroup: undefined, ...rest, actions }
        }),
      })
      expect(refused).toBeUndefined()
    }
  }

test('each bucket of all gets the frame as it came', () => {
  const all = groups({
    group: 1,
    type: 'all',
    buckets: [{ text: 'mod_nw_dst:1.2.3.4,output:2' }, { text: 'output:3' }],
  })
  expect(run('group:1,2', tcp, all).out).toBe('set(ipv4(dst=1.2.3.4)),2,set(ipv4(dst=10.0.0.2)),3,2')
})

test('a bucket is an action set: the output comes last, and a bucket without one does nothing', () => {
  const all = groups({ group: 1, type: 'all', buckets: [{ text: 'output:2,mod_nw_ttl:3' }, { text: 'mod_nw_ttl:9' }] })
  expect(run('group:1', tcp, all).out).toBe('set(ipv4(ttl=3)),2')
})

test('select by default: the datapath hashes first; buckets of too different weights are told apart by a hash of ours', () => {
  const even = groups({ group: 1, type: 'select', buckets: [{ text: 'output:2' }, { text: 'output:3' }] })
  expect(run('group:1,3', tcp, even).out).toBe('hash(sym_l4(0)),recirc(0x1)')
  const uneven = groups({
    group: 1,
    type: 'select',
    buckets: [
      { text: 'output:2', weight: 1 },
      { text: 'output:3', weight: 1000 },
    ],
  })
  const { out, whole } = run('group:1', tcp, uneven)
  expect(out).toMatch(/^[23]$/)
  expect(whole('eth_src') && whole('tcp_src') && whole('ip_dst')).toBe(true)
})

test('scores by fields are those of Open vSwitch', () => {
  // Recorded: fields(ip_src,ip_dst) of 10.0.0.1 and 10.0.0.2.
  const selection = {
    method: 'hash',
    parameter: 0n,
    fields: [
      { field: 'ip_src', mask: 0xffffffffn },
      { field: 'ip_dst', mask: 0xffffffffn },
    ],
  } as const
  const { trace, looked } = run(
    'group:6',
    tcp,
    groups({ group: 6, type: 'select', selection, buckets: [{ text: 'output:2' }, { text: 'output:3' }] }),
  )
  expect(trace).toContain('bucket 0: score 63445')
  expect(trace).toContain('bucket 1: score 34100')
  expect(trace).toContain('using bucket 0')
  expect(looked('tcp_src')).toBe(0n)
})

test('fast failover takes the first bucket whose port or group is there', () => {
  const bucket = (text: string, watch: Partial<Bucket>) => ({ text, ...watch })
  const failover = groups(
    { group: 2, type: 'fast_failover', buckets: [bucket('output:2', { watchPort: 99 })] },
    {
      group: 1,
      type: 'fast_failover',
      buckets: [
        bucket('output:2', { watchPort: 99 }),
        bucket('output:2', { watchGroup: 2 }),
        bucket('output:3', { watchPort: 3 }),
      ],
    },
  )
  const { out, trace } = run('group:1', tcp, failover)
  expect(out).toBe('3')
  expect(trace).toContain('bucket 1: not live due to port 2')
  expect(run('group:2', tcp, failover)).toMatchObject({ out: 'drop' })
})

test('select never picks a bucket of weight 0, and says so of groups that it watches too', () => {
  const select = groups({
    group: 1,
    type: 'select',
    buckets: [
      { text: 'output:2', weight: 0 },
      { text: 'output:3', weight: 0, watchPort: 1 },
    ],
  })
  const { out, trace } = run('group:1', tcp, select)
  expect(out).toBe('drop')
  // Recorded: without a reason, or with what the bucket watches.
  expect(trace).toContain('bucket 0: not live due to \n')
  expect(trace).toContain('bucket 1: not live due to port 1\n')
  expect(trace).toContain('no live bucket')
  const failover = groups({
    group: 1,
    type: 'fast_failover',
    buckets: [{ text: 'output:2', weight: 0, watchPort: 2 }],
  })
  expect(run('group:1', tcp, failover).out).toBe('2')
})

test('a hash is only waited for in the bucket that needs it', () => {
  const nested = groups(
    { group: 2, type: 'select', buckets: [{ text: 'output:2' }, { text: 'output:3' }] },
    { group: 1, type: 'all', buckets: [{ text: 'group:2' }, { text: 'output:3' }] },
  )
  expect(run('group:1,2', tcp, nested).out).toBe('hash(sym_l4(0)),recirc(0x1),3,2')
})

test('a bucket that goes wrong is forgotten, one that reaches a limit ends all', () => {
  const all = groups({
    group: 1,
    type: 'all',
    buckets: [{ text: 'resubmit(,1)' }, { text: 'output:3' }],
  })
  const second =
    (text: string) =>
    (bed: Bed): void => {
      all(bed)
      const actions = parseActions(text)
      if (typeof actions === 'string') throw new Error(actions)
      bed.switch.bridges.get('br0')?.flows.add({ table: 1, match: matchOf({}), actions })
    }
  const labels = run('group:1,2', ipv4, second(Array.from({ length: 4 }, () => 'push_mpls:0x8847').join()))
  expect(labels.out).toBe('3,2')
  expect(labels.trace).not.toContain('Translation failed')
  const round = run('group:1,2', ipv4, second('resubmit(,1)'))
  expect(round.out).toBe('drop')
  // As Open vSwitch: the other bucket is named, and nothing of it is run.
  expect(round.trace).toMatch(/ {4}bucket 1\n\nFinal flow: .*\n.*\n.*\nTranslation failed \(Recursion too deep\)/)
})

test('a VLAN number can be written where there is no tag, a priority cannot', () => {
  const written = (text: string) => run('group:1', tcp, groups({ group: 1, type: 'all', buckets: [{ text }] }))
  // Recorded: with its 13th bit it makes a tag, and without it nothing comes of it.
  expect(written('set_field:4101->vlan_vid,output:2').out).toBe('push_vlan(vid=5,pcp=0),2')
  const { out, trace } = written('load:5->OXM_OF_VLAN_VID[0..11],output:2')
  expect(out).toBe('2')
  expect(trace).not.toContain('unmet')
  expect(written('load:5->OXM_OF_VLAN_PCP[],output:2').trace).toContain('unmet prerequisites for vlan_pcp')
})

test('a label that cannot be popped takes with it what was decided before, and later buckets go on', () => {
  const three = { eth_type: 0x8847n, mpls_label: 5n, mpls_ttl: 1n }
  const all = groups({
    group: 1,
    type: 'all',
    buckets: [{ text: 'output:2' }, { text: 'pop_mpls:0x86dd,output:2' }, { text: 'output:3' }],
  })
  expect(run('2,push_mpls:0x8847,push_mpls:0x8847,group:1,2', three, all).out).toBe('3,2')
  expect(run('2,push_mpls:0x8847,push_mpls:0x8847,pop_mpls:0x86dd,2', three).out).toBe('drop')
})

test('what is under a label that was taken off is known before it is hashed', () => {
  const hash = { method: 'hash', parameter: 0n, fields: [{ field: 'ip_src', mask: 0xffffffffn }] } as const
  const select = groups({ group: 1, type: 'select', selection: hash, buckets: [{ text: 'output:2' }] })
  const { out } = run('pop_mpls:0x0800,group:1,3', { eth_type: 0x8847n, mpls_bos: 1n }, select)
  expect(out).toBe('pop_mpls(eth_type=0x800),recirc(0x1)')
})

test('labels may be written behind one that was taken off, what is under them may not', () => {
  const one = { eth_type: 0x8847n, mpls_ttl: 2n, mpls_bos: 1n }
  expect(run('clone(pop_mpls:0x1234),set_field:9->mpls_ttl,3', one).out).toBe('set(mpls(label=0,tc=0,ttl=9,bos=1)),3')
  expect(run('clone(pop_mpls:0x1234),dec_mpls_ttl,3', one).out).toBe('recirc(0x1)')
})
