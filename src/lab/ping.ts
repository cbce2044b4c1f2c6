import type { Machine } from '../machine/index.ts'
import type { Task } from '../runtime/index.ts'
import { formatIp4, type Ip4 } from '../wire/address.ts'
import type { Lab } from './lab.ts'
import { LabError, type Network } from './network.ts'

/** One machine pinging another, by the names of both; `group` is what they have in common. */
export type Pair = { group: string; from: string; to: string }

/** `answered` lists every machine that got the request, so that a tenant's ping that strays is seen. */
export type PingResult = Pair & { address: Ip4; received: boolean; answered: string[] }

/** All ordered pairs inside each group. */
export const pairs = (lab: Lab): Pair[] =>
  Object.entries(lab.groups).flatMap(([group, names]) =>
    names.flatMap(from => names.filter(to => to !== from).map(to => ({ group, from, to }))),
  )

/** The first IPv4 address of a machine that is not of its loopback. */
export const addressOf = (machine: Machine): Ip4 => {
  const { addresses, links } = machine.kernel.root
  for (const link of links.all()) {
    if (link.isLoopback) continue
    for (const { ip } of addresses.of(link)) if (typeof ip === 'number') return ip
  }
  throw new LabError(`${machine.hostname} has no IPv4 address`)
}

const requestsSeen = (machine: Machine): number => machine.kernel.root.counters.get('Icmp.InType8')

/** One ping, by the `ping` command, and who saw its request. */
export function* ping(network: Network, pair: Pair): Task<PingResult> {
  const address = addressOf(network.get(pair.to))
  const machines = [...network.machines]
  const before = machines.map(([, machine]) => requestsSeen(machine))
  const { status } = yield* network.get(pair.from).exec(`ping -c 1 -W 1 ${formatIp4(address)}`)
  const answered = machines.filter(([, machine], i) => requestsSeen(machine) > before[i]!).map(([name]) => name)
  return { ...pair, address, received: status === 0, answered }
}

/** Whether a ping came back, from the machine that was meant and from no other. */
export const isRight = ({ received, answered, to }: PingResult): boolean =>
  received && answered.length === 1 && answered[0] === to
