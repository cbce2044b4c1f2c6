import { describe, expect, test } from 'vitest'
import { changeTlvTable, emptyTlvTable } from '../flow/tlv-table.ts'
import { withOptions } from './action-options.ts'
import { formatActions, parseActions } from './action-text.ts'

const changed = changeTlvTable(emptyTlvTable, 'add', [
  { class: 1, type: 0, length: 4, index: 0 },
  { class: 1, type: 1, length: 8, index: 1 },
])
if ('error' in changed) throw new Error(changed.error)
const { layout } = changed.table

const run = (text: string): string => {
  const actions = parseActions(text)
  if (typeof actions === 'string') throw new Error(actions)
  const known = withOptions(actions, layout)
  return known.ok ? formatActions(known.value) : known.error
}

describe('tunnel options in actions', () => {
  test.each([
    ['output:1,set_field:5->tun_metadata0', 'output:1,set_field:0x5->tun_metadata0'],
    ['set_field:5->tun_metadata2', 'NXFMFC_INVALID_TLV_FIELD'],
    ['clone(set_field:5->tun_metadata2)', 'NXFMFC_INVALID_TLV_FIELD'],
    ['write_actions(set_field:5->tun_metadata2)', 'NXFMFC_INVALID_TLV_FIELD'],
    ['delete_field:tun_metadata7', 'NXFMFC_INVALID_TLV_FIELD'],
    ['move:NXM_NX_TUN_METADATA1[0..31]->NXM_NX_REG0[]', 'move:NXM_NX_TUN_METADATA1[0..31]->NXM_NX_REG0[]'],
    ['move:NXM_NX_TUN_METADATA0[1..32]->NXM_NX_REG0[]', 'OFPBAC_BAD_SET_LEN'],
    ['push:NXM_NX_TUN_METADATA0[]', 'OFPBAC_BAD_SET_LEN'],
    ['learn(table=1,load:5->NXM_NX_TUN_METADATA2[0..3])', 'NXFMFC_INVALID_TLV_FIELD'],
    ['push:NXM_NX_TUN_METADATA0[0..31]', 'push:NXM_NX_TUN_METADATA0[]'],
    [
      'clone(move:NXM_NX_TUN_METADATA0[0..31]->NXM_NX_TUN_METADATA1[0..31])',
      'clone(move:NXM_NX_TUN_METADATA0[]->NXM_NX_TUN_METADATA1[0..31])',
    ],
    ['set_field:2/0xffffffff->tun_metadata0', 'set_field:0x2->tun_metadata0'],
    ['set_field:2/0xffffffff->tun_metadata1', 'set_field:0x2/0xffffffff->tun_metadata1'],
    ['clone(set_field:0x34567890/0x12ffffffff->tun_metadata0)', 'clone(set_field:0x345678/0x12ffffff->tun_metadata0)'],
    ['load:0x1->tun_metadata0[40..50]', 'set_field:0x10000/0x7ff0000->tun_metadata0'],
    // What has no room loses its end.
    ['set_field:0x1122334455->tun_metadata0', 'set_field:0x11223344->tun_metadata0'],
    ['set_field:0x1122334455->tun_metadata1', 'set_field:0x1122334455->tun_metadata1'],
    ['set_field:0x100000000/0x100000000->tun_metadata0', 'set_field:0x1000000/0x1000000->tun_metadata0'],
  ])('%s', (text, out) => expect(run(text)).toBe(out))

  test('a list without any is the same list', () => {
    const actions = parseActions('output:1,set_field:5->reg0')
    const known = withOptions(actions as never, layout)
    expect(known.ok && known.value === actions).toBe(true)
  })
})
