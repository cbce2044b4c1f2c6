/** Keys of the database's SSL row (ovs-vsctl(8), "SSL Configuration"). */

import { setOf } from '../../ovsdb/datum.ts'
import type { Row } from '../../vswitchd/config.ts'
import { type Call, textOf, type Verdict, type VsctlCommands } from './command.ts'
import { referred } from './model.ts'

const root = ({ transaction }: Call): Row => transaction.rows('Open_vSwitch')[0] as Row

const get = (call: Call): Verdict => {
  const [row] = referred(call.transaction, root(call), 'ssl', 'SSL')
  if (row === undefined) return undefined
  call.lines.push(
    `Private key: ${textOf(row, 'private_key')}`,
    `Certificate: ${textOf(row, 'certificate')}`,
    `CA Certificate: ${textOf(row, 'ca_cert')}`,
    `Bootstrap: ${textOf(row, 'bootstrap_ca_cert')}`,
  )
  return undefined
}

/** There is room for one row, so the old one goes before a new one comes. */
const remove = (call: Call): Verdict => {
  call.transaction.update(root(call), { ssl: setOf() })
  for (const row of call.transaction.rows('SSL')) call.transaction.remove(row)
  return undefined
}

const replace = (call: Call): Verdict => {
  remove(call)
  const [privateKey = '', certificate = '', authority = ''] = call.args
  const row = call.transaction.insert('SSL', {
    private_key: setOf(privateKey),
    certificate: setOf(certificate),
    ca_cert: setOf(authority),
    bootstrap_ca_cert: setOf(call.options.has('--bootstrap')),
  })
  call.transaction.update(root(call), { ssl: setOf(row) })
  return undefined
}

export const sslCommands: VsctlCommands = {
  'get-ssl': { min: 0, max: 0, run: get },
  'del-ssl': { min: 0, max: 0, run: remove },
  'set-ssl': { min: 3, max: 3, options: ['--bootstrap'], run: replace },
}
