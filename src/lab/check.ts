import type { Task } from '../runtime/index.ts'
import { formatIp4 } from '../wire/address.ts'
import type { Lab } from './lab.ts'
import type { Network } from './network.ts'
import { isRight, type PingResult, pairs, ping } from './ping.ts'

/** What keeps a lab from being as it should be, a sentence each: what its exercise misses, else pings that go wrong. */
export function* missing(network: Network, lab: Lab): Task<string[]> {
  if (lab.exercise !== undefined) return yield* lab.exercise.missing(network)
  const wrong = new Set<string>()
  for (const pair of pairs(lab)) {
    const result = yield* ping(network, pair)
    if (!isRight(result)) wrong.add(sentence(result))
  }
  return [...wrong]
}

const sentence = ({ from, to, address, received, answered }: PingResult): string => {
  if (address === undefined) return `${to} has no IPv4 address`
  const target = `${to} (${formatIp4(address)})`
  if (received) return `${from} pings ${target}, and ${answered.join(' and ') || 'nobody in the lab'} answers`
  return `${from} does not reach ${target}: ${wayOf(to, answered)}`
}

/** How far a request came that got no answer. */
export const wayOf = (to: string, heard: readonly string[]): string => {
  if (heard.length === 1 && heard[0] === to) return 'its request arrives and the answer is lost'
  return `its request comes to ${heard.join(' and ') || 'nobody'}`
}

/** Types what an exercise asks for. Gives the lines of its solution that failed, with what the machine said. */
export function* solve(network: Network, lab: Lab): Task<string[]> {
  const failed: string[] = []
  for (const line of lab.exercise?.solution ?? []) {
    const at = line.indexOf(' ')
    const { status, stdout, stderr } = yield* network.get(line.slice(0, at)).exec(line.slice(at + 1))
    if (status !== 0) failed.push(`${line}\n${stdout}${stderr}`.trimEnd())
  }
  return failed
}
