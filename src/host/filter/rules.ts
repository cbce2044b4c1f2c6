import { type Ip4, mask4 } from '../../wire/address.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'

/** A word of a rule with its negation, as `! -d 10.0.0.0/8` has it. */
export type Test<T> = { not: boolean; value: T }
export type Prefix = { ip: Ip4; length: number }
/** Ports from one to another. */
export type Range = { first: number; last: number }

/** What a packet must be for a rule; what is undefined is not looked at. Names of links may end in `+`. */
export type RuleMatch = {
  in?: Test<string>
  out?: Test<string>
  src?: Test<Prefix>
  dst?: Test<Prefix>
  protocol?: Test<number>
  sourcePort?: Test<Range>
  destinationPort?: Test<Range>
  /** `-m state --state NEW`: whether the connection is known, or begins with this packet. */
  state?: Test<readonly ('NEW' | 'ESTABLISHED' | 'RELATED')[]>
}
export type Target = 'ACCEPT' | 'DROP' | 'REJECT' | 'RETURN' | 'MASQUERADE' | { jump: string } | { source: Ip4 }
export type Rule = { match: RuleMatch; target: Target | undefined; packets: number; bytes: number }

/** What rules see of a packet. */
export type Seen = {
  in: string
  out: string
  src: Ip4
  dst: Ip4
  protocol: number
  /** 0 where there are none. */
  sourcePort: number
  destinationPort: number
  state: 'NEW' | 'ESTABLISHED' | 'RELATED'
  size: number
}

const holds = <T>(test: Test<T> | undefined, is: (value: T) => boolean): boolean =>
  test === undefined || is(test.value) !== test.not
const named = (name: string) => (pattern: string) =>
  pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
const within = (ip: Ip4) => (prefix: Prefix) => ((ip ^ prefix.ip) & mask4(prefix.length)) === 0
const inside = (port: number) => (range: Range) => port >= range.first && port <= range.last

export const matchesRule = (match: RuleMatch, seen: Seen): boolean =>
  holds(match.in, named(seen.in)) &&
  holds(match.out, named(seen.out)) &&
  holds(match.src, within(seen.src)) &&
  holds(match.dst, within(seen.dst)) &&
  holds(match.protocol, protocol => protocol === 0 || protocol === seen.protocol) &&
  holds(match.sourcePort, inside(seen.sourcePort)) &&
  holds(match.destinationPort, inside(seen.destinationPort)) &&
  holds(match.state, states => states.includes(seen.state))

/** Whether a protocol's header begins with two ports. */
export const hasPorts = (protocol: number): boolean =>
  protocol === IpProtocol.tcp || protocol === IpProtocol.udp || protocol === IpProtocol.sctp

/** A chain: one that is built in has a policy, for packets that no rule decides. */
export type Chain = { policy: 'ACCEPT' | 'DROP' | undefined; rules: Rule[] }
export type Table = Map<string, Chain>

/** How deep chains may call each other. */
const deepest = 16

/** What becomes of a packet: the first target that decides, or the policy. */
export const judge = (table: Table, name: string, seen: Seen, depth = 0): Target | undefined => {
  const chain = table.get(name)
  if (chain === undefined || depth > deepest) return undefined
  for (const rule of chain.rules) {
    if (!matchesRule(rule.match, seen)) continue
    rule.packets++
    rule.bytes += seen.size
    const { target } = rule
    if (target === 'RETURN') break
    if (typeof target !== 'object' || !('jump' in target)) {
      if (target !== undefined) return target
      continue
    }
    const verdict = judge(table, target.jump, seen, depth + 1)
    if (verdict !== undefined) return verdict
  }
  return chain.policy
}
