/** Keys of the database's SSL row (ovs-vsctl(8), "SSL Configuration"). */

import { setOf } from '../../ovsdb/datum.ts'
import { type Call, type Needs, textOf, type Verdict, type VsctlCommands } from './command.ts'
import { referred, root } from './model.ts'

const needs = (wanted: Needs): undefined => {
  wanted.add('Open_vSwitch', 'ssl')
  wanted.add('SSL', 'private_key', 'certificate', 'ca_cert', 'bootstrap_ca_cert')
}

const get = (call: Call): Verdict => {
  const [row] = referred(call.transaction, root(call.transaction), 'ssl', 'SSL')
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
  call.transaction.update(root(call.transaction), { ssl: setOf() })
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
  call.transaction.update(root(call.transaction), { ssl: setOf(row) })
  return undefined
}

export const sslCommands: VsctlCommands = {
  'get-ssl': { min: 0, max: 0, needs, run: get },
  'del-ssl': { min: 0, max: 0, needs, run: remove },
  'set-ssl': { min: 3, max: 3, needs, options: ['--bootstrap'], run: replace },
}
