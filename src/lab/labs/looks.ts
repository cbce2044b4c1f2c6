/** What the checks of labs look at. Nothing here changes anything. */
import type { Link, Namespace } from '../../host/index.ts'
import type { Task } from '../../runtime/index.ts'
import { formatIp } from '../../wire/address.ts'
import type { Network } from '../network.ts'

/** The IPv4 addresses of a link, as `192.168.1.10/24`. */
export const addressesOf = (namespace: Namespace, link: Link): string[] =>
  namespace.addresses.of(link, 4).map(({ ip, length }) => `${formatIp(ip)}/${length}`)

/** The ports of a bridge; undefined if there is no such bridge. */
export function* portsOf(network: Network, machine: string, bridge: string): Task<string[] | undefined> {
  const { status, stdout } = yield* network.get(machine).exec(['ovs-vsctl', '--no-wait', 'list-ports', bridge])
  return status === 0 ? stdout.split('\n').filter(line => line !== '') : undefined
}

/** A column of the switch's database as `ovs-vsctl get` prints it; undefined if there is no such row or key. */
export function* columnOf(
  network: Network,
  machine: string,
  table: string,
  record: string,
  column: string,
): Task<string | undefined> {
  const words = ['ovs-vsctl', '--no-wait', '--if-exists', 'get', table, record, column]
  const { status, stdout } = yield* network.get(machine).exec(words)
  const value = stdout.trim()
  return status === 0 && value !== '' ? value.replace(/^"(.*)"$/, '$1') : undefined
}

/** A bridge may be told to speak some versions only. */
const versions = 'OpenFlow10,OpenFlow11,OpenFlow12,OpenFlow13,OpenFlow14,OpenFlow15'

/** The flows of a bridge that `match` selects, a line each without what counts. */
export function* flowsOf(network: Network, machine: string, bridge: string, match = ''): Task<string[]> {
  const words = ['ovs-ofctl', '-O', versions, '--no-stats', 'dump-flows', bridge, ...(match === '' ? [] : [match])]
  const { stdout } = yield* network.get(machine).exec(words)
  return stdout.split('\n').filter(line => /actions=|actions:/.test(line))
}

/** Whether a ping from a machine comes back; `inside` is the network namespace to do it in. */
export function* reaches(network: Network, from: string, address: string, inside?: string): Task<boolean> {
  const ping = ['ping', '-q', '-c', '1', '-W', '1', address]
  const words = inside === undefined ? ping : ['ip', 'netns', 'exec', inside, ...ping]
  return (yield* network.get(from).exec(words)).status === 0
}
