import { membershipsOf, type Namespace } from '../../../../host/index.ts'
import { formatIp } from '../../../../wire/address.ts'
import type { Command } from '../../../command.ts'
import { parseOptions } from '../../../options.ts'
import { nameOfAddress } from '../names.ts'
import { interfaceTable } from './ifconfig-text.ts'
import { socketTable } from './netstat-sockets.ts'
import { routeTable, routeTable6 } from './route-text.ts'

const usage = `usage: netstat [-vWeenNcCF] [<Af>] -r         netstat {-V|--version|-h|--help}
       netstat { [-vWeenNac] -i }
       netstat [-vWnpa] [-tulx46] | netstat -g

        -r, --route              display routing table
        -i, --interfaces         display interface table
        -g, --groups             display multicast group memberships

        -n, --numeric            don't resolve names
        -p, --programs           display PID/Program name for sockets
        -l, --listening          display listening server sockets
        -a, --all                display all sockets (default: connected)

  <Socket>={-t|--tcp} {-u|--udp} {-x|--unix}`

const letters = {
  r: 'none',
  i: 'none',
  g: 'none',
  groups: 'none',
  n: 'none',
  a: 'none',
  e: 'none',
  v: 'none',
  W: 'none',
  '4': 'none',
  '6': 'none',
  t: 'none',
  tcp: 'none',
  u: 'none',
  udp: 'none',
  x: 'none',
  unix: 'none',
  l: 'none',
  listening: 'none',
  p: 'none',
  programs: 'none',
  all: 'none',
  numeric: 'none',
  route: 'none',
  interfaces: 'none',
} as const

/** `-g`: what sockets and the host itself have joined, without the MACs. */
const groupTable = (namespace: Namespace): string => {
  const lines = ([4, 6] as const).flatMap(family =>
    namespace.links
      .all()
      .flatMap(link =>
        membershipsOf(namespace, link, family).map(
          ({ group, users }) => `${link.name.padEnd(15)} ${`${users}`.padEnd(6)} ${formatIp(group)}\n`,
        ),
      ),
  )
  const head =
    'IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n--------------- ------ ---------------------\n'
  return head + lines.join('')
}

/** netstat(8): the tables of routes (`-r`), of interfaces (`-i`), and otherwise of sockets. */
export const netstat: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), letters)
  if (!parsed.ok) return yield* process.fail(`netstat: ${parsed.error}\n${usage}`, 3)
  const has = (...names: string[]): boolean => parsed.options.some(option => names.includes(option.name))
  const { namespace } = process
  if (has('r', 'route')) {
    const nameOf = (ip: number): string => nameOfAddress(process, ip) ?? formatIp(ip)
    yield* process.print(has('6') ? routeTable6(namespace) : routeTable(namespace, 'extended', nameOf, has('n')))
    return 0
  }
  if (has('g', 'groups')) {
    yield* process.print(groupTable(namespace))
    return 0
  }
  if (!has('i', 'interfaces')) {
    const [tcp, udp, unix] = [has('t', 'tcp'), has('u', 'udp'), has('x', 'unix')]
    const any = !tcp && !udp && !unix
    const all = has('a', 'all')
    const listening = has('l', 'listening')
    const family = has('4') === has('6') ? undefined : has('4') ? 4 : 6
    const wish = {
      tcp: tcp || any,
      udp: udp || any,
      all,
      listening,
      numeric: has('n', 'numeric'),
      programs: has('p', 'programs'),
      family,
    } as const
    if (tcp || udp || any) yield* process.print(socketTable(process, wish))
    if (unix || any) {
      const kind = all ? 'servers and established' : listening ? 'only servers' : 'w/o servers'
      const columns = 'Proto RefCnt Flags       Type       State         I-Node   Path\n'
      yield* process.print(`Active UNIX domain sockets (${kind})\n${columns}`)
    }
    return 0
  }
  const heading =
    'Kernel Interface table\nIface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n'
  yield* process.print(heading + interfaceTable(namespace, has('a')))
  return 0
}
