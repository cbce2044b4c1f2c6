import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseActions } from './action-text.ts'
import { plainFlowMod } from './flow-mod.ts'
import { parseFlow } from './flow-text.ts'
import { noBuffer } from './message.ts'
import { type DecodedMessage, decodeMessage, encodeMessage } from './message-wire.ts'
import type { Version } from './protocol.ts'
import { RecentActions } from './recent-actions.ts'

const matches = [
  '',
  'ip',
  'tcp',
  'udp',
  'arp',
  'ipv6',
  'tcp6',
  'icmp',
  'icmp6',
  'ip,nw_frag=later',
  'dl_vlan=5',
  'mpls',
]
const more = ['vlan_tci=0', 'tcp,dl_vlan=3', 'icmp6,icmp_type=135', 'icmp6,icmp_type=1', 'udp,tp_dst=7', 'ip,nw_tos=4']
const states = [
  'ct_state=+trk,ip',
  'ct_state=+trk+inv,ip',
  'ct_state=+trk-inv,ip',
  'ct_state=-trk,tcp',
  'packet_type=(1,0x800)',
]
const lists = [
  'mod_nw_src:1.2.3.4,1',
  'mod_tp_dst:80,1',
  'mod_vlan_vid:3,1',
  'strip_vlan,1',
  'dec_ttl,1',
  'goto_table:1',
]
const moreLists = [
  'ct(commit)',
  'ct(alg=ftp,commit)',
  'pop_mpls:0x800',
  'fin_timeout(idle_timeout=1)',
  'resubmit(,2,ct)',
  '2',
]
const loads = [
  'load:1->NXM_NX_ND_TARGET[]',
  'move:NXM_OF_TCP_SRC[]->NXM_NX_REG0[0..15]',
  'set_field:1->nw_ttl',
  'decap',
]

const flowMod = fc.record({
  match: fc.constantFrom(...matches, ...more, ...states),
  actions: fc.constantFrom(...lists, ...moreLists, ...loads),
  table: fc.constantFrom(0, 1),
})

/** The error, or the actions. */
const outcome = (decoded: DecodedMessage): unknown =>
  !decoded.ok ? decoded.error : decoded.message.body.type === 'flow_mod' && decoded.message.body.actions

test('a list is as good beside others as by itself', () => {
  fc.assert(
    fc.property(
      fc.array(flowMod, { minLength: 60, maxLength: 80 }),
      fc.constantFrom<Version>(1, 4, 6),
      (mods, version) => {
        const recent = new RecentActions()
        for (const { match, actions, table } of mods) {
          const head = parseFlow(match, 'delete')
          const list = parseActions(actions)
          if (!head.ok || typeof list === 'string') throw new Error(`${match} ${actions}`)
          const flow = { ...plainFlowMod('add'), table, match: head.given, actions: list }
          const bytes = encodeMessage({ type: 'flow_mod', bufferId: noBuffer, ...flow }, { version, xid: 1, nxm: true })
          if (bytes === undefined) continue
          const beside = decodeMessage(bytes, { version, nxm: true, recent })
          expect(outcome(beside), `${match} ${actions}`).toEqual(outcome(decodeMessage(bytes, { version, nxm: true })))
        }
      },
    ),
    { numRuns: 120 },
  )
})

test('a list that is good in one table may be wrong in another', () => {
  const recent = new RecentActions()
  const line = parseFlow('table=1,udp,actions=goto_table:2', 'add')
  if (!line.ok) throw new Error(line.error)
  const bytes = encodeMessage({ type: 'flow_mod', bufferId: noBuffer, ...line.flow }, { version: 4, xid: 1 })
  if (bytes === undefined) throw new Error('not said')
  const bad = bytes.slice()
  bad[24] = 5
  expect(decodeMessage(bytes, { recent }).ok).toBe(true)
  for (let i = 0; i < 2; i++) expect(decodeMessage(bad, { recent })).toMatchObject({ ok: false })
})
