import { setOf } from '../../ovsdb/datum.ts'
import type { Row } from '../../vswitchd/config.ts'
import { any, type Call, textOf, type Verdict, type VsctlCommands } from './command.ts'
import { bridgeNamed, referred } from './model.ts'

/** Targets are a method and an address; others are taken too, with a warning. */
const target = /^p?(tcp|ssl|unix):/

/** Where a kind of connection hangs: controllers at a bridge, managers at the database's root. */
type Place = { table: 'Controller' | 'Manager'; column: string; owner(call: Call): Row | string; first: number }

const controllers: Place = {
  table: 'Controller',
  column: 'controller',
  first: 1,
  owner: ({ transaction, args }) => bridgeNamed(transaction, args[0] as string) ?? `no bridge named ${args[0]}`,
}
const managers: Place = {
  table: 'Manager',
  column: 'manager_options',
  first: 0,
  owner: ({ transaction }) => transaction.rows('Open_vSwitch')[0] as Row,
}

const get =
  (place: Place) =>
  (call: Call): Verdict => {
    const owner = place.owner(call)
    if (typeof owner === 'string') return owner
    const rows = referred(call.transaction, owner, place.column, place.table)
    call.lines.push(...rows.map(row => textOf(row, 'target')).sort())
    return undefined
  }

const replace =
  (place: Place) =>
  (call: Call): Verdict => {
    const owner = place.owner(call)
    if (typeof owner === 'string') return owner
    const targets = [...new Set(call.args.slice(place.first))]
    for (const text of targets) {
      if (!target.test(text)) call.warn('vsctl', `target type "${text}" is possibly erroneous`)
    }
    const rows = targets.map(text => call.transaction.insert(place.table, { target: setOf(text) }))
    call.transaction.update(owner, { [place.column]: setOf(...rows) })
    return undefined
  }

const none =
  (place: Place) =>
  (call: Call): Verdict => {
    const owner = place.owner(call)
    if (typeof owner === 'string') return owner
    call.transaction.update(owner, { [place.column]: setOf() })
    return undefined
  }

export const controllerCommands: VsctlCommands = {
  'get-controller': { min: 1, max: 1, run: get(controllers) },
  'del-controller': { min: 1, max: 1, run: none(controllers) },
  'set-controller': { min: 1, max: any, options: ['--inactivity-probe='], run: replace(controllers) },
  'get-manager': { min: 0, max: 0, run: get(managers) },
  'del-manager': { min: 0, max: 0, run: none(managers) },
  'set-manager': { min: 1, max: any, options: ['--inactivity-probe='], run: replace(managers) },
}
