/**
 * `iptables` (iptables(8)): rules for IPv4 packets of a namespace, tables `filter` and `nat`. Matches: -i -o -s -d -p, ports
 * of TCP and UDP, -m state/conntrack, each with `!`; targets ACCEPT, DROP, REJECT, RETURN, MASQUERADE, SNAT and own chains.
 */
import type { Chain, Range, Rule, RuleMatch, Table, TableName, Target, Test } from '../../../host/index.ts'
import type { Task } from '../../../runtime/index.ts'
import { formatIp4, parseIp4 } from '../../../wire/address.ts'
import type { Command, Process } from '../../command.ts'

const version = 'iptables v1.8.9 (nf_tables)'

class Refusal extends Error {
  readonly status: number

  constructor(text: string, status: number) {
    super(text)
    this.status = status
  }
}

/** A mistake in the words. */
const misuse = (text: string): Refusal =>
  new Refusal(`${version}: ${text}\nTry \`iptables -h' or 'iptables --help' for more information.`, 2)
/** What the kernel refuses. */
const refusal = (text: string): Refusal => new Refusal(`iptables: ${text}.`, 1)
const noChain = (): Refusal => refusal('No chain/target/match by that name')

const protocols: Readonly<Record<string, number>> = { all: 0, icmp: 1, tcp: 6, udp: 17, sctp: 132 }

type Call = {
  table: TableName
  verb: string | undefined
  chain: string | undefined
  /** What follows the chain: a number of a rule, a policy, another name. */
  words: string[]
  match: RuleMatch
  target: Target | undefined
  numeric: boolean
}

const verbs: Readonly<Record<string, string>> = {
  ...{ '--append': '-A', '--insert': '-I', '--delete': '-D', '--policy': '-P', '--flush': '-F', '--zero': '-Z' },
  ...{
    '--list': '-L',
    '--list-rules': '-S',
    '--new-chain': '-N',
    '--delete-chain': '-X',
    '--check': '-C',
    '--replace': '-R',
  },
}
const longer: Readonly<Record<string, string>> = {
  ...{
    '--in-interface': '-i',
    '--out-interface': '-o',
    '--source': '-s',
    '--src': '-s',
    '--destination': '-d',
    '--dst': '-d',
  },
  ...{ '--protocol': '-p', '--jump': '-j', '--table': '-t', '--match': '-m', '--numeric': '-n', '--verbose': '-v' },
  ...{ '--source-port': '--sport', '--destination-port': '--dport', '--ctstate': '--state', '--wait': '-w' },
}

const prefixOf = (text: string): { ip: number; length: number } => {
  const [address = '', mask = '32'] = text.split('/')
  const ip = parseIp4(address)
  const dotted = parseIp4(mask)
  const length = dotted !== undefined && mask.includes('.') ? 32 - Math.log2((~dotted >>> 0) + 1) : Number(mask)
  if (ip === undefined) throw misuse(`host/network \`${address}' not found`)
  if (!Number.isInteger(length) || length < 0 || length > 32) throw misuse(`invalid mask \`${mask}' specified`)
  return { ip: length === 0 ? 0 : (ip & (-1 << (32 - length))) >>> 0, length }
}

const portsOf = (text: string): { first: number; last: number } => {
  const [first = '', last = first] = text.split(':')
  const [from, to] = [first === '' ? 0 : Number(first), last === '' ? 65535 : Number(last)]
  if (![from, to].every(port => Number.isInteger(port) && port >= 0 && port <= 65535))
    throw misuse(`invalid port/service \`${text}' specified`)
  return { first: from, last: to }
}

const states = ['NEW', 'ESTABLISHED', 'RELATED'] as const
const statesOf = (text: string) =>
  text.split(',').filter(word => (states as readonly string[]).includes(word)) as (typeof states)[number][]

const matchers: Readonly<Record<string, (match: RuleMatch, value: string, not: boolean) => void>> = {
  '-i': (match, value, not) => {
    match.in = { not, value }
  },
  '-o': (match, value, not) => {
    match.out = { not, value }
  },
  '-s': (match, value, not) => {
    match.src = { not, value: prefixOf(value) }
  },
  '-d': (match, value, not) => {
    match.dst = { not, value: prefixOf(value) }
  },
  '-p': (match, value, not) => {
    const protocol = protocols[value.toLowerCase()] ?? (/^[0-9]{1,3}$/.test(value) ? Number(value) : undefined)
    if (protocol === undefined) throw misuse(`unknown protocol "${value}" specified`)
    match.protocol = { not, value: protocol }
  },
  '--sport': (match, value, not) => {
    match.sourcePort = { not, value: portsOf(value) }
  },
  '--dport': (match, value, not) => {
    match.destinationPort = { not, value: portsOf(value) }
  },
  '--state': (match, value, not) => {
    match.state = { not, value: statesOf(value) }
  },
}

const plainTargets = ['ACCEPT', 'DROP', 'REJECT', 'RETURN', 'MASQUERADE'] as const

const parse = (args: readonly string[]): Call => {
  const call: Call = {
    ...{ table: 'filter', verb: undefined, chain: undefined, words: [], match: {}, target: undefined, numeric: false },
  }
  let not = false
  let jump: string | undefined
  let source: string | undefined
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string
    const option = verbs[word] ?? longer[word] ?? word
    const value = (): string => {
      const next = args[++at]
      if (next === undefined) throw misuse(`option "${word}" requires an argument`)
      return next
    }
    if (word === '!') {
      not = true
      continue
    }
    if (Object.values(verbs).includes(option)) {
      if (call.verb !== undefined) throw misuse(`Cannot use ${option} with ${call.verb}`)
      call.verb = option
      if (args[at + 1] !== undefined && !/^(-|!$)/.test(args[at + 1] as string)) call.chain = value()
      while (args[at + 1] !== undefined && !/^(-|!$)/.test(args[at + 1] as string)) call.words.push(value())
    } else if (option === '-t') {
      const name = value()
      if (name !== 'filter' && name !== 'nat')
        throw new Refusal(
          `${version}: table '${name}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.`,
          3,
        )
      call.table = name
    } else if (option === '-j') jump = value()
    else if (option === '--to-source') source = value()
    else if (option === '-m') value()
    else if (option === '-n') call.numeric = true
    else if (option === '-v' || option === '-w' || option === '--line-numbers') continue
    else if (Object.hasOwn(matchers, option)) matchers[option]?.(call.match, value(), not)
    else throw misuse(`unknown option "${word}"`)
    not = false
  }
  if (jump === 'SNAT') {
    const ip = parseIp4(source ?? '')
    if (ip === undefined) throw misuse('option "--to-source" must be specified')
    call.target = { source: ip }
  } else if (jump !== undefined)
    call.target = (plainTargets as readonly string[]).includes(jump) ? (jump as Target) : { jump }
  return call
}

const prefixText = ({ ip, length }: { ip: number; length: number }): string => `${formatIp4(ip)}/${length}`
const rangeText = ({ first, last }: { first: number; last: number }): string =>
  first === last ? `${first}` : `${first}:${last}`
const protocolText = (protocol: number): string =>
  Object.keys(protocols).find(name => protocols[name] === protocol) ?? `${protocol}`

/** A rule in the words that make it, as `-S` prints it. */
const wordsOf = ({ match, target }: Rule): string => {
  const words: string[] = []
  const say = <T>(test: Test<T> | undefined, name: string, text: (value: T) => string): void => {
    if (test !== undefined) words.push(`${test.not ? '! ' : ''}${name} ${text(test.value)}`)
  }
  const { protocol } = match
  say(match.src, '-s', prefixText)
  say(match.dst, '-d', prefixText)
  say(match.in, '-i', String)
  say(match.out, '-o', String)
  if (protocol?.value !== 0) say(protocol, '-p', protocolText)
  const ports = match.sourcePort ?? match.destinationPort
  if (ports !== undefined && protocol !== undefined) words.push(`-m ${protocolText(protocol.value)}`)
  say(match.sourcePort, '--sport', rangeText)
  say(match.destinationPort, '--dport', rangeText)
  if (match.state !== undefined) words.push('-m state')
  say(match.state, '--state', value => [...value].join(','))
  if (target === 'REJECT') words.push('-j REJECT --reject-with icmp-port-unreachable')
  else if (typeof target === 'string') words.push(`-j ${target}`)
  else if (target !== undefined)
    words.push('jump' in target ? `-j ${target.jump}` : `-j SNAT --to-source ${formatIp4(target.source)}`)
  return words.join(' ')
}

const targetText = (target: Target | undefined): string =>
  target === undefined ? '' : typeof target === 'string' ? target : 'jump' in target ? target.jump : 'SNAT'

const listChain = (name: string, { policy, rules }: Chain, table: Table, numeric: boolean): string => {
  const uses = [...table.values()]
    .flatMap(each => each.rules)
    .filter(({ target }) => typeof target === 'object' && 'jump' in target && target.jump === name).length
  const head = `Chain ${name} (${policy === undefined ? `${uses} references` : `policy ${policy}`})\n`
  const where = (test: Test<{ ip: number; length: number }> | undefined): string => {
    if (test === undefined) return numeric ? '0.0.0.0/0' : 'anywhere'
    return test.value.length === 32 ? formatIp4(test.value.ip) : prefixText(test.value)
  }
  const ports = (name: string, test: Test<Range>): string => {
    const { first, last } = test.value
    return `${name}${first === last ? '' : 's'}:${test.not ? '!' : ''}${rangeText(test.value)}`
  }
  const lines = rules.map(rule => {
    const { match, target } = rule
    const extra: string[] = []
    const { sourcePort, destinationPort, protocol, state } = match
    const kind = protocol === undefined ? '' : protocolText(protocol.value)
    if (sourcePort ?? destinationPort) extra.push(kind)
    if (sourcePort) extra.push(ports('spt', sourcePort))
    if (destinationPort) extra.push(ports('dpt', destinationPort))
    if (state) extra.push(`state ${state.value.join(',')}`)
    if (target === 'REJECT') extra.push('reject-with icmp-port-unreachable')
    if (typeof target === 'object' && 'source' in target) extra.push(`to:${formatIp4(target.source)}`)
    const shown = numeric ? `${protocol?.value ?? 0}` : kind || 'all'
    const columns = [
      `${targetText(target).padEnd(9)}  ${shown.padEnd(4)} -- `,
      `${match.src?.not ? '!' : ' '}${where(match.src).padEnd(20)}`,
      `${match.dst?.not ? '!' : ' '}${where(match.dst).padEnd(20)}`,
    ]
    return `${columns.join('')}${extra.length > 0 ? ` ${extra.join(' ')}` : ''}\n`
  })
  return `${head}target     prot opt source               destination         \n${lines.join('')}`
}

const same = (a: Rule, b: Rule): boolean => wordsOf(a) === wordsOf(b)

const act = (process: Process, call: Call): string => {
  const table: Table = process.namespace.rules.tables[call.table]
  const { verb, chain: name, words } = call
  const chain = name === undefined ? undefined : table.get(name)
  const made: Rule = { match: call.match, target: call.target, packets: 0, bytes: 0 }
  const { target } = call
  const needed = (): Chain => {
    if (name === undefined) throw misuse(`option "${verb}" requires an argument`)
    if (chain === undefined) throw noChain()
    return chain
  }
  const numbered = (rules: readonly Rule[]): number => {
    const number = Number(words[0])
    if (!Number.isInteger(number) || number < 1) throw misuse(`Invalid rule number \`${words[0]}'`)
    if (number > rules.length) throw refusal('Index of deletion too big')
    return number - 1
  }
  if (typeof target === 'object' && 'jump' in target && !table.has(target.jump))
    throw misuse(`Chain '${target.jump}' does not exist`)
  switch (verb) {
    case '-A':
      needed().rules.push(made)
      return ''
    case '-I': {
      const { rules } = needed()
      const at = words[0] === undefined ? 0 : Number(words[0]) - 1
      if (!Number.isInteger(at) || at < 0 || at > rules.length) throw refusal('Index of insertion too big')
      rules.splice(at, 0, made)
      return ''
    }
    case '-D':
    case '-C': {
      const { rules } = needed()
      const at = words[0] === undefined ? rules.findIndex(rule => same(rule, made)) : numbered(rules)
      if (at < 0) throw refusal('Bad rule (does a matching rule exist in that chain?)')
      if (verb === '-D') rules.splice(at, 1)
      return ''
    }
    case '-P': {
      const [policy] = words
      if (chain?.policy === undefined) throw refusal('Bad built-in chain name')
      if (policy !== 'ACCEPT' && policy !== 'DROP') throw refusal("Bad policy name. Run `dmesg' for more information")
      needed().policy = policy
      return ''
    }
    case '-F':
      for (const each of name === undefined ? table.values() : [needed()]) each.rules.length = 0
      return ''
    case '-Z':
      for (const each of name === undefined ? table.values() : [needed()])
        for (const rule of each.rules) Object.assign(rule, { packets: 0, bytes: 0 })
      return ''
    case '-N':
      if (name === undefined) throw misuse('option "-N" requires an argument')
      if (chain !== undefined) throw refusal('Chain already exists')
      table.set(name, { policy: undefined, rules: [] })
      return ''
    case '-X':
      for (const [each, { policy, rules }] of [...table]) {
        if (policy !== undefined || (name !== undefined && each !== name)) continue
        if (rules.length > 0)
          throw new Refusal(`${version}:  CHAIN_DEL failed (Device or resource busy): chain ${each}`, 4)
        table.delete(each)
      }
      if (name !== undefined && chain === undefined) throw noChain()
      return ''
    case '-S': {
      const wanted = [...table].filter(([each]) => name === undefined || each === name)
      if (name !== undefined && chain === undefined) throw noChain()
      const heads = wanted.map(([each, { policy }]) =>
        policy === undefined ? `-N ${each}\n` : `-P ${each} ${policy}\n`,
      )
      const rules = wanted.flatMap(([each, { rules }]) => rules.map(rule => `-A ${each} ${wordsOf(rule)}\n`))
      return [...heads, ...rules].join('')
    }
    case '-L': {
      if (name !== undefined && chain === undefined) throw noChain()
      const wanted = [...table].filter(([each]) => name === undefined || each === name)
      return wanted.map(([each, about]) => listChain(each, about, table, call.numeric)).join('\n')
    }
    default:
      throw misuse('no command specified')
  }
}

export const iptables: Command = function* (process): Task<number> {
  try {
    const args = process.args.slice(1)
    if (args[0] === '-V' || args[0] === '--version') {
      yield* process.print(`${version}\n`)
      return 0
    }
    yield* process.print(act(process, parse(args)))
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.message, error.status)
  }
}
