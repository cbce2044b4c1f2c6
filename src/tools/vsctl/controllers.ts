/** Who a switch obeys: ovs-vsctl(8), "OpenFlow Controller Connectivity", "Manager Connectivity". */
import { setOf } from '../../ovsdb/datum.ts'
import type { Row } from '../../vswitchd/row.ts'
import { any, type Call, type Needs, textOf, type Verdict, type VsctlCommands } from './command.ts'
import { needModel, referred, root } from './model.ts'

/** Targets are a method and an address; others are taken too, with a warning. */
const target = /^p?(tcp|ssl|unix):/

/** Where a kind of connection hangs: controllers at a bridge, managers at the database's root. */
type Place = {
  table: 'Controller' | 'Manager'
  column: string
  /** `changes` if the row is to be another. */
  owner(call: Call, changes: boolean): Row | string
  needs(needs: Needs): undefined
  first: number
}

const controllers: Place = {
  table: 'Controller',
  column: 'controller',
  first: 1,
  owner({ model, args }, changes) {
    const bridge = model.bridge(args[0] as string)
    if (bridge === undefined) return `no bridge named ${args[0]}`
    return changes && bridge.fake !== undefined ? `${args[0]} is a fake bridge` : bridge.row
  },
  needs(needs) {
    needModel(needs)
    needs.add('Controller', 'target', 'inactivity_probe')
  },
}
const managers: Place = {
  table: 'Manager',
  column: 'manager_options',
  first: 0,
  owner: ({ transaction }) => root(transaction),
  needs(needs) {
    needs.add('Open_vSwitch', 'manager_options')
    needs.add('Manager', 'target', 'inactivity_probe')
  },
}

const get =
  (place: Place) =>
  (call: Call): Verdict => {
    const owner = place.owner(call, false)
    if (typeof owner === 'string') return owner
    const rows = referred(call.transaction, owner, place.column, place.table)
    call.lines.push(...rows.map(row => textOf(row, 'target')).sort())
    return undefined
  }

const put = (call: Call, place: Place, owner: Row, rows: readonly string[]): undefined => {
  call.transaction.verify(owner, place.column)
  call.transaction.update(owner, { [place.column]: setOf(...rows) })
}

const replace =
  (place: Place) =>
  (call: Call): Verdict => {
    const owner = place.owner(call, true)
    if (typeof owner === 'string') return owner
    const targets = [...new Set(call.args.slice(place.first))]
    for (const text of targets) {
      if (!target.test(text)) call.warn('vsctl', `target type "${text}" is possibly erroneous`)
    }
    // As C's `atoi`, what is no number is 0.
    const probe = call.options.get('--inactivity-probe')
    const columns = probe === undefined ? {} : { inactivity_probe: setOf(Number.parseInt(probe, 10) || 0) }
    const rows = targets.map(text => call.transaction.insert(place.table, { target: setOf(text), ...columns }))
    return put(call, place, owner, rows)
  }

const none =
  (place: Place) =>
  (call: Call): Verdict => {
    const owner = place.owner(call, true)
    return typeof owner === 'string' ? owner : put(call, place, owner, [])
  }

const probe = { options: ['--inactivity-probe='] }

export const controllerCommands: VsctlCommands = {
  'get-controller': { min: 1, max: 1, needs: controllers.needs, run: get(controllers) },
  'del-controller': { min: 1, max: 1, needs: controllers.needs, run: none(controllers) },
  'set-controller': { min: 1, max: any, ...probe, needs: controllers.needs, run: replace(controllers) },
  'get-manager': { min: 0, max: 0, needs: managers.needs, run: get(managers) },
  'del-manager': { min: 0, max: 0, needs: managers.needs, run: none(managers) },
  'set-manager': { min: 1, max: any, ...probe, needs: managers.needs, run: replace(managers) },
}
