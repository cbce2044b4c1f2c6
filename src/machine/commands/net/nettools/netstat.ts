import { formatIp } from '../../../../wire/address.ts'
import type { Command } from '../../../command.ts'
import { parseOptions } from '../../../options.ts'
import { nameOfAddress } from '../names.ts'
import { interfaceTable } from './ifconfig-text.ts'
import { routeTable, routeTable6 } from './route-text.ts'

const usage = `usage: netstat [-vWeenNcCF] [<Af>] -r         netstat {-V|--version|-h|--help}
       netstat { [-vWeenNac] -i }

        -r, --route              display routing table
        -i, --interfaces         display interface table

        -n, --numeric            don't resolve names
        -a, --all                display all interfaces`

const letters = {
  r: 'none',
  i: 'none',
  n: 'none',
  a: 'none',
  e: 'none',
  v: 'none',
  W: 'none',
  '4': 'none',
  '6': 'none',
} as const

/** netstat(8): the tables of routes (`-r`) and interfaces (`-i`). */
export const netstat: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), letters)
  if (!parsed.ok) return yield* process.fail(`netstat: ${parsed.error}\n${usage}`, 3)
  const has = (name: string): boolean => parsed.options.some(option => option.name === name)
  const { namespace } = process
  if (has('r')) {
    const nameOf = (ip: number): string => nameOfAddress(process, ip) ?? formatIp(ip)
    yield* process.print(has('6') ? routeTable6(namespace) : routeTable(namespace, 'extended', nameOf, has('n')))
    return 0
  }
  if (!has('i')) return yield* process.fail(usage, 3)
  const heading =
    'Kernel Interface table\nIface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n'
  yield* process.print(heading + interfaceTable(namespace, has('a')))
  return 0
}
