import { RawSocket } from '../host/index.ts'
import type { Machine } from '../machine/index.ts'
import type { Task } from '../runtime/index.ts'
import { formatIp4, type Ip4 } from '../wire/address.ts'
import { IcmpType } from '../wire/icmp.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import type { Lab } from './lab.ts'
import type { Network } from './network.ts'

/** One machine pinging another, by the names of both; `group` is what they have in common. */
export type Pair = { group: string; from: string; to: string }

/**
 * `address` is undefined where the other end has none, so that nothing was sent. `answered` lists every machine that got the
 * request, so that a tenant's ping that strays is seen.
 */
export type PingResult = Pair & { address: Ip4 | undefined; received: boolean; answered: string[] }

/** All ordered pairs inside each group. */
export const pairs = (lab: Lab): Pair[] =>
  Object.entries(lab.groups).flatMap(([group, names]) =>
    names.flatMap(from => names.filter(to => to !== from).map(to => ({ group, from, to }))),
  )

/** The first IPv4 address of a machine that is not of its loopback. */
export const addressOf = (machine: Machine): Ip4 | undefined => {
  const { addresses, links } = machine.kernel.root
  for (const link of links.all()) {
    if (link.isLoopback) continue
    for (const { ip } of addresses.of(link)) if (typeof ip === 'number') return ip
  }
  return undefined
}

/**
 * One ping, by the `ping` command, and who got its request. The request carries the time as its pattern, so that a
 * straggler of another ping, with the same addresses in another tenant, is not taken for it.
 */
export function* ping(network: Network, pair: Pair): Task<PingResult> {
  const address = addressOf(network.get(pair.to))
  if (address === undefined) return { ...pair, address, received: false, answered: [] }
  const mark = Math.floor(network.clock.now()).toString(16).padStart(16, '0')
  const ears = [...network.machines].map(([name, { kernel }]) => ({
    name,
    socket: new RawSocket(kernel.root, 4, IpProtocol.icmp),
  }))
  try {
    const { status } = yield* network.get(pair.from).exec(`ping -c 1 -W 1 -p ${mark} ${formatIp4(address)}`)
    const answered = ears.filter(({ socket }) => heard(socket, mark)).map(({ name }) => name)
    return { ...pair, address, received: status === 0, answered }
  } finally {
    for (const { socket } of ears) socket.close()
  }
}

/** `ping` puts its pattern after the ICMP header (8 bytes) and its own time (16). */
const patternAt = 24

const heard = (socket: RawSocket, mark: string): boolean => {
  for (let got = socket.recv(); got !== undefined; got = socket.recv()) {
    if (got.payload[0] !== IcmpType.echo) continue
    const pattern = [...got.payload.subarray(patternAt, patternAt + mark.length / 2)]
    if (pattern.map(byte => byte.toString(16).padStart(2, '0')).join('') === mark) return true
  }
  return false
}

/** Whether a ping came back, from the machine that was meant and from no other. */
export const isRight = ({ received, answered, to }: PingResult): boolean =>
  received && answered.length === 1 && answered[0] === to
