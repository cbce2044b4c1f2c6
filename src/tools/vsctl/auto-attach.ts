/** Which VLAN of a bridge is which service (IEEE 802.1Q-2014 I-SID): ovs-vsctl(8), "Auto Attach". */
import { entriesOf, mapOf, setOf } from '../../ovsdb/datum.ts'
import type { Row } from '../../vswitchd/row.ts'
import { onBridge } from './bridges.ts'
import type { Call, Needs, VsctlCommands } from './command.ts'
import { type Bridge, referred } from './model.ts'

const needs = (wanted: Needs): void => {
  wanted.add('Bridge', 'auto_attach')
  wanted.add('AutoAttach', 'mappings')
}

const rowOf = ({ transaction }: Call, { row }: Bridge): Row | undefined =>
  referred(transaction, transaction.row('Bridge', row.uuid) as Row, 'auto_attach', 'AutoAttach')[0]

/** Both numbers, or which text is none. */
const numbersOf = ({ args }: Call): [number, number] | string => {
  const [, service = '', vlan = ''] = args
  const wrong = [service, vlan].find(text => !/^[ ]*[+-]?[0-9]+$/.test(text))
  return wrong === undefined ? [Number(service), Number(vlan)] : `Invalid argument ${wrong}`
}

const two = { min: 3, max: 3, needs, real: true }

export const autoAttachCommands: VsctlCommands = {
  'add-aa-mapping': onBridge(two, (call, bridge) => {
    const numbers = numbersOf(call)
    if (typeof numbers === 'string') return numbers
    const { transaction } = call
    const there = rowOf(call, bridge)
    const row = there ?? (transaction.row('AutoAttach', transaction.insert('AutoAttach')) as Row)
    if (there === undefined) {
      transaction.verify(bridge.row, 'auto_attach')
      transaction.update(bridge.row, { auto_attach: setOf(row.uuid) })
    } else transaction.verify(row, 'mappings')
    // What is there stays.
    transaction.update(row, { mappings: mapOf([numbers, ...entriesOf(row.columns.mappings!)]) })
    return undefined
  }),
  'del-aa-mapping': onBridge(two, (call, bridge) => {
    const numbers = numbersOf(call)
    if (typeof numbers === 'string') return numbers
    const row = rowOf(call, bridge)
    if (row === undefined) return undefined
    const kept = entriesOf(row.columns.mappings!).filter(([key, value]) => key !== numbers[0] || value !== numbers[1])
    call.transaction.verify(row, 'mappings')
    call.transaction.update(row, { mappings: mapOf(kept) })
    return undefined
  }),
  'get-aa-mapping': onBridge({ min: 1, max: 1, needs, real: true }, (call, bridge) => {
    const row = rowOf(call, bridge)
    for (const [service, vlan] of row === undefined ? [] : entriesOf(row.columns.mappings!)) {
      call.lines.push(`${service} ${vlan}`)
    }
    return undefined
  }),
}
