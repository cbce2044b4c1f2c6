/** What `--commands` prints, for the completion of words in a shell. */
import { inTableOrder } from '../../switch/name-order.ts'
import type { VsctlCommands } from './command.ts'

/**
 * The arguments of each command: one that must be there is marked `!`, one that may be left out `?`, any number `*`, at least
 * one `+`. In the order in which the original knows its commands, on which that of its list depends.
 */
export const vsctlUsage: Readonly<Record<string, string>> = {
  comment: '*ARG',
  get: '!TABLE !RECORD *COLUMN?:KEY',
  list: '!TABLE *RECORD',
  find: '!TABLE *COLUMN?:KEY=VALUE',
  set: '!TABLE !RECORD +COLUMN?:KEY=VALUE',
  add: '!TABLE !RECORD !COLUMN +?KEY=VALUE',
  remove: '!TABLE !RECORD !COLUMN +KEY|VALUE|KEY=VALUE',
  clear: '!TABLE !RECORD +COLUMN',
  create: '!TABLE +COLUMN?:KEY=VALUE',
  destroy: '!TABLE *RECORD',
  'wait-until': '!TABLE !RECORD *COLUMN?:KEY=VALUE',
  show: '',
  init: '',
  'add-br': '!NEW-BRIDGE ?PARENT ?NEW-VLAN',
  'del-br': '!BRIDGE',
  'list-br': '',
  'br-exists': '!BRIDGE',
  'br-to-vlan': '!BRIDGE',
  'br-to-parent': '!BRIDGE',
  'br-set-external-id': '!BRIDGE !KEY ?VALUE',
  'br-get-external-id': '!BRIDGE ?KEY',
  'list-ports': '!BRIDGE',
  'add-port': '!BRIDGE !NEW-PORT *COLUMN?:KEY=VALUE',
  'del-port': '?BRIDGE !PORT|IFACE',
  'port-to-br': '!PORT',
  'add-bond': '!BRIDGE !BOND +IFACE *COLUMN?:KEY=VALUE',
  'add-bond-iface': '!BOND !IFACE',
  'del-bond-iface': '?BOND !IFACE',
  'list-ifaces': '!BRIDGE',
  'iface-to-br': '!IFACE',
  'get-controller': '!BRIDGE',
  'del-controller': '!BRIDGE',
  'set-controller': '!BRIDGE +TARGET',
  'get-fail-mode': '!BRIDGE',
  'del-fail-mode': '!BRIDGE',
  'set-fail-mode': '!BRIDGE !MODE',
  'get-manager': '',
  'del-manager': '',
  'set-manager': '+TARGET',
  'get-ssl': '',
  'del-ssl': '',
  'set-ssl': '!PRIVATE-KEY !CERTIFICATE !CA-CERT',
  'add-aa-mapping': '!BRIDGE !ARG !ARG',
  'del-aa-mapping': '!BRIDGE !ARG !ARG',
  'get-aa-mapping': '!BRIDGE',
  'emer-reset': '',
  'add-zone-tp': '',
  'del-zone-tp': '',
  'list-zone-tp': '',
  'list-dp-cap': '',
}

/** A line a command: its options, its name, its arguments. */
export const listCommands = (commands: VsctlCommands): string =>
  inTableOrder(Object.keys(vsctlUsage))
    .map(name => {
      const options = (commands[name]?.options ?? []).map(option => `[${option}] `).join('')
      return `${options},${name},${vsctlUsage[name]}\n`
    })
    .join('')
