import { describe, expect, test } from 'vitest'
import { run } from './translate.testing.ts'

const tagged = { vlan_tci: 0x7005n }

describe('tags', () => {
  test.each([
    ['mod_vlan_vid:7,2', {}, 'push_vlan(vid=7,pcp=0),2'],
    ['mod_vlan_vid:7,2', tagged, 'pop_vlan,push_vlan(vid=7,pcp=3),2'],
    ['mod_vlan_pcp:5,2', {}, 'push_vlan(vid=0,pcp=5),2'],
    ['mod_vlan_pcp:5,2', tagged, 'pop_vlan,push_vlan(vid=5,pcp=5),2'],
    ['strip_vlan,2', tagged, 'pop_vlan,2'],
    ['strip_vlan,2', {}, '2'],
    ['push_vlan:0x8100,2', {}, 'push_vlan(vid=0,pcp=0),2'],
    ['push_vlan:0x88a8,set_field:4105->vlan_vid,2', tagged, 'push_vlan(tpid=0x88a8,vid=9,pcp=0),2'],
    ['push_vlan:0x8100,2,pop_vlan,3', tagged, 'push_vlan(vid=0,pcp=0),2,pop_vlan,3'],
    ['mod_vlan_vid:7,strip_vlan,2', {}, '2'],
    ['mod_vlan_vid:5,mod_vlan_pcp:3,2', tagged, '2'],
  ])('%s', (actions, fields, out) => {
    expect(run(actions, fields).out).toBe(out)
  })
  test('the megaflow has the bits that were written, and whether there is a tag', () => {
    expect(run('mod_vlan_vid:5,2', tagged).looked('vlan_tci')).toBe(0x1fffn)
    expect(run('mod_vlan_pcp:3,2', tagged).looked('vlan_tci')).toBe(0xf000n)
    // Whether there is a tag is told by its type.
    expect(run('strip_vlan,2').looked('vlan_tci')).toBe(0n)
    expect(run('2').looked('vlan_tci')).toBe(0n)
  })
  test('the priority of a tag that is not there cannot be written, a number makes one', () => {
    const { out, trace } = run('set_field:3->vlan_pcp,2')
    expect(out).toBe('2')
    expect(trace).toContain(' >> unmet prerequisites for vlan_pcp, set_field ignored\n')
    expect(run('set_field:4103->vlan_vid,2').out).toBe('push_vlan(vid=7,pcp=0),2')
  })
  test('bits of a whole tag written freely make one, of type 802.1Q, or take it away', () => {
    expect(run('load:0x1007->NXM_OF_VLAN_TCI[],2').out).toBe('push_vlan(vid=7,pcp=0),2')
    expect(run('load:0->NXM_OF_VLAN_TCI[],2', tagged).out).toBe('pop_vlan,2')
  })
})

test('NORMAL does not take a frame whose last tag is cut off', () => {
  for (const type of [0x8100n, 0x88a8n]) {
    const { out, trace, dropReason } = run('normal', { eth_type: type })
    expect([out, dropReason]).toEqual(['drop', 'partial_vlan_tag'])
    expect(trace).toContain(' >> partial VLAN tag, dropping\n')
  }
  expect(run('normal', { eth_type: 0x8100n, vlan_tci: 0x1005n }).out).not.toBe('drop')
})
