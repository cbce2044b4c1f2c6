import { describe, expect, test } from 'vitest'
import { matchOf, newMatch } from '../flow/match.ts'
import { checkActions, checkReceived } from './action-check.ts'
import { parseActions } from './action-text.ts'
import { formatProtocols, type Protocols, protocol, protocolsOf } from './protocol.ts'

const tagged = matchOf({ vlan_tci: [0x1000n, 0x1000n] })
const ip = matchOf({ eth_type: 0x800n })

/** An error's name, or the protocols that can say it; `warned` is what was logged. */
const check = (text: string, match = matchOf({}), table?: number): string => {
  const actions = parseActions(text)
  if (typeof actions === 'string') throw new Error(actions)
  const result = checkActions(actions, match, table)
  return result.ok ? formatProtocols(result.protocols) : result.error
}

/** As ovs-ofctl 3.1.0 answered. */
describe('actions and the frames they are for', () => {
  test('ports that can be output to', () => {
    expect(check('output:1,NORMAL,LOCAL,IN_PORT,TABLE,FLOOD,ALL')).toBe('any')
    expect(check('output:none')).toBe('OFPBAC_BAD_OUT_PORT')
    expect(check('output:65300')).toBe('OFPBAC_BAD_OUT_PORT')
  })
  test('what only 1.0 lets pass', () => {
    expect(check('mod_nw_src:1.2.3.4')).toBe('OpenFlow10,NXM')
    expect(check('mod_nw_src:1.2.3.4', ip)).toBe('any')
    expect(check('strip_vlan')).toBe('OpenFlow10,NXM')
    expect(check('strip_vlan', tagged)).toBe('any')
    expect(check('mod_vlan_vid:3,strip_vlan')).toBe('any')
    expect(check('strip_vlan,strip_vlan', tagged)).toBe('OpenFlow10,NXM')
    expect(check('mod_tp_src:4', ip)).toBe('OpenFlow10,NXM')
    expect(check('dec_ttl')).toBe('OpenFlow10,NXM')
  })
  test('what 1.0 cannot say', () => {
    expect(check('push_vlan:0x8100')).toBe('OXM,OpenFlow11')
    expect(check('set_field:1->reg0')).toBe('NXM,OXM')
    expect(check('write_metadata:1')).toBe('NXM,OXM,OpenFlow11')
  })
  test('labels before the header that frames have are not those of `pop_mpls`', () => {
    const mpls = matchOf({ eth_type: 0x8847n })
    expect(check('pop_mpls:0x800', mpls)).toBe('any')
    expect(check('encap(mpls),pop_mpls:0x800', mpls)).toBe('OFPBAC_MATCH_INCONSISTENT')
    expect(check('encap(mpls),dec_mpls_ttl', mpls)).toBe('OXM-OpenFlow13,OXM-OpenFlow14,OXM-OpenFlow15')
    expect(check('encap(mpls),encap(ethernet),pop_mpls:0x800')).toBe('OXM-OpenFlow13,OXM-OpenFlow14,OXM-OpenFlow15')
  })
  test('what no version can', () => {
    expect(check('strip_vlan,push_vlan:0x8100')).toBe('OFPBAC_MATCH_INCONSISTENT')
  })
  test('fields that the frames do not have', () => {
    expect(check('set_field:1.2.3.4->ip_src')).toBe('OFPBAC_MATCH_INCONSISTENT')
    expect(check('set_field:5->vlan_vid')).toBe('OFPBAC_MATCH_INCONSISTENT')
    expect(check('mod_vlan_vid:3,set_field:5->vlan_vid')).toBe('any')
    expect(check('load:1->NXM_OF_TCP_SRC[]', ip)).toBe('OFPBAC_MATCH_INCONSISTENT')
    expect(check('move:ip_src->reg0')).toBe('OFPBAC_MATCH_INCONSISTENT')
    expect(check('move:reg0[0..15]->eth_type[]')).toBe('OFPBAC_BAD_SET_ARGUMENT')
  })
  test('no more than two tags', () => {
    expect(check('push_vlan:0x8100,push_vlan:0x8100')).toBe('OXM,OpenFlow11')
    expect(check('push_vlan:0x8100,push_vlan:0x8100,push_vlan:0x8100')).toBe('OFPBAC_BAD_TAG')
    expect(check('mod_vlan_vid:0,push_vlan:0x8100,push_vlan:0x8100')).toBe('OFPBAC_BAD_TAG')
    expect(check('push_vlan:0x8100,push_vlan:0x8100', tagged)).toBe('OFPBAC_BAD_TAG')
    // A tag that was written away leaves its place, not that of the one inside.
    expect(check('push_vlan:0x8100,load:0->NXM_OF_VLAN_TCI[],push_vlan:0x8100', tagged)).toBe('OFPBAC_BAD_TAG')
    expect(check('push_vlan:0x8100,load:0->NXM_OF_VLAN_TCI[],push_vlan:0x8100')).toBe('OXM,OpenFlow11')
  })
  test('goto_table goes forward', () => {
    expect(check('goto_table:3', ip, 5)).toBe('OFPBIC_BAD_TABLE_ID')
    expect(check('goto_table:5', ip, 5)).toBe('OFPBIC_BAD_TABLE_ID')
    expect(check('goto_table:6', ip, 5)).toBe('any')
    expect(check('goto_table:0', ip)).toBe('any')
  })
})

describe('what a peer may send', () => {
  const received = (
    text: string,
    spoken: Protocols,
    options: Parameters<typeof checkReceived>[4] = {},
    table?: number,
  ): string | undefined => {
    const actions = parseActions(text)
    if (typeof actions === 'string') throw new Error(actions)
    return checkReceived(actions, newMatch(), table, spoken, options)
  }
  test('1.0 may change what frames do not have', () => {
    expect(received('mod_nw_src:1.2.3.4', protocolsOf(1))).toBeUndefined()
    expect(received('mod_nw_src:1.2.3.4', protocolsOf(4))).toBe('OFPBAC_MATCH_INCONSISTENT')
  })
  test('what its text could not say, its bytes may', () => {
    expect(received('write_metadata:1', protocol.of10)).toBeUndefined()
  })
  test('ports and tables that there are', () => {
    expect(received('output:9', protocolsOf(4))).toBeUndefined()
    expect(received('output:9', protocolsOf(4), { maxPort: 9 })).toBe('OFPBAC_BAD_OUT_PORT')
    expect(received('enqueue:9:1', protocolsOf(1), { maxPort: 9 })).toBe('OFPBAC_BAD_OUT_PORT')
    expect(received('goto_table:9', protocolsOf(4))).toBeUndefined()
    expect(received('goto_table:9', protocolsOf(4), { tables: 9 })).toBe('OFPBIC_BAD_TABLE_ID')
    expect(received('goto_table:9', protocolsOf(4), {}, 9)).toBe('OFPBIC_BAD_TABLE_ID')
  })
  test('an action set may not fit the frames that are there now, but must be right', () => {
    expect(received('write_actions(mod_nw_src:1.2.3.4)', protocolsOf(4))).toBeUndefined()
    expect(received('write_actions(output:9)', protocolsOf(4), { maxPort: 9 })).toBe('OFPBAC_BAD_OUT_PORT')
  })
  test('labels and tags that earlier actions put on', () => {
    expect(received('push_mpls:0x8847,set_mpls_tc:1', protocolsOf(2))).toBeUndefined()
    expect(received('set_mpls_tc:1', protocolsOf(2))).toBe('OFPBAC_MATCH_INCONSISTENT')
    expect(received('push_vlan:0x8100,push_vlan:0x8100,push_vlan:0x8100', protocolsOf(4))).toBe('OFPBAC_BAD_TAG')
    expect(received('load:0x1000->vlan_tci[],set_field:0x1003->vlan_vid', protocolsOf(4))).toBeUndefined()
  })
})
