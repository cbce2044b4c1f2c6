/** Timeouts of tracked connections by datapath and zone, and what datapaths can do: ovs-vsctl(8), "Conntrack Zone Commands". */
import { type Atom, entriesOf, mapOf, setOf } from '../../ovsdb/datum.ts'
import type { Row } from '../../vswitchd/row.ts'
import { any, type Call, type Needs, type Verdict, type VsctlCommands } from './command.ts'
import { root } from './model.ts'

const needs = (wanted: Needs): undefined => {
  wanted.add('Open_vSwitch', 'datapaths')
  wanted.add('Datapath', 'ct_zones', 'capabilities')
  wanted.add('CT_Zone', 'timeout_policy')
  wanted.add('CT_Timeout_Policy', 'timeouts')
}

const datapath = ({ transaction }: Call, name: string): Row | undefined => {
  const found = entriesOf(root(transaction).columns.datapaths!).find(([key]) => key === name)
  return found && transaction.row('Datapath', String(found[1]))
}

/** As C's `strtol` and `atoi`: what is no number is 0. */
const leading = (text: string): number => Number.parseInt(text, 10) || 0
const zoneIn = (text: string): number => leading(text.replace(/^zone=/, ''))

const zonesOf = (row: Row): [Atom, Atom][] => entriesOf(row.columns.ct_zones!)

const missing = (name: string): string => `datapath ${name} does not exist`

const policyOf = ({ transaction }: Call, zone: Atom): Row | undefined => {
  const row = transaction.row('CT_Zone', String(zone))
  const [policy] = row?.columns.timeout_policy?.keys ?? []
  return policy === undefined ? undefined : transaction.row('CT_Timeout_Policy', String(policy))
}

const add = (call: Call): Verdict => {
  const { transaction, options, args } = call
  const [name = '', zoneText = '', ...texts] = args
  const row = datapath(call, name)
  if (row === undefined) return missing(name)
  const zone = zoneIn(zoneText)
  const timeouts = mapOf(
    texts.map(text => {
      const [key = '', value = ''] = text.split(/=(.*)/s)
      return [key, leading(value)]
    }),
  )
  const there = zonesOf(row).find(([key]) => key === zone)
  if (there !== undefined && !options.has('--may-exist')) return `zone id ${zone} already exists`
  const policy = there && policyOf(call, there[1])
  if (policy !== undefined) {
    transaction.update(policy, { timeouts })
    return undefined
  }
  const made = transaction.insert('CT_Timeout_Policy', { timeouts })
  const zoneRow = transaction.insert('CT_Zone', { timeout_policy: setOf(made) })
  const others = zonesOf(row).filter(([key]) => key !== zone)
  transaction.verify(row, 'ct_zones')
  transaction.update(row, { ct_zones: mapOf([...others, [zone, zoneRow]]) })
  return undefined
}

const remove = (call: Call): Verdict => {
  const { transaction, options, args } = call
  const [name = '', zoneText = ''] = args
  const row = datapath(call, name)
  if (row === undefined) return missing(name)
  const zone = zoneIn(zoneText)
  const zones = zonesOf(row)
  if (!zones.some(([key]) => key === zone)) {
    return options.has('--if-exists') ? undefined : `zone id ${zone} does not exist`
  }
  transaction.verify(row, 'ct_zones')
  transaction.update(row, { ct_zones: mapOf(zones.filter(([key]) => key !== zone)) })
  return undefined
}

const words = (row: Row, column: string): string =>
  entriesOf(row.columns[column]!)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')

export const zoneCommands: VsctlCommands = {
  'add-zone-tp': { min: 3, max: any, options: ['--may-exist'], needs, run: add },
  'del-zone-tp': { min: 2, max: 2, options: ['--if-exists'], needs, run: remove },
  'list-zone-tp': {
    min: 1,
    max: 1,
    needs,
    run(call) {
      const row = datapath(call, call.args[0] as string)
      if (row === undefined) return `datapath: ${call.args[0]} record not found`
      for (const [zone, uuid] of zonesOf(row)) {
        const policy = policyOf(call, uuid)
        const timeouts = policy === undefined ? 'system default' : words(policy, 'timeouts')
        call.lines.push(`Zone:${zone}, Timeout Policies: ${timeouts}`)
      }
      return undefined
    },
  },
  'list-dp-cap': {
    min: 1,
    max: 1,
    needs,
    run(call) {
      const row = datapath(call, call.args[0] as string)
      if (row === undefined) return `datapath "${call.args[0]}" record not found`
      call.lines.push(words(row, 'capabilities'))
      return undefined
    },
  },
}
