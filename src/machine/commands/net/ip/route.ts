import type { Route, RouteSpec } from '../../../../host/index.ts'
import { type Ip, inPrefix, isIp6 } from '../../../../wire/address.ts'
import { kernelRefusal, Refusal } from '../refusal.ts'
import { type IpCall, type IpObject, linkNamed, unknownCommand } from './call.ts'
import { jsonList } from './json.ts'
import { needAddress, needPrefix, type Prefix } from './prefix.ts'
import { getRoute } from './route-get.ts'
import { type Hidden, routeRecord, routeText } from './route-text.ts'
import { protocolNamed, scopeNamed, tableNamed, typeNamed } from './route-words.ts'
import { routeHelp } from './usage.ts'
import { abbreviated, garbage, wholeNumber, wrong } from './words.ts'

const commands = [
  'list',
  'show',
  'lst',
  'get',
  'add',
  'change',
  'chg',
  'replace',
  'append',
  'delete',
  'flush',
  'help',
] as const

/** `ip route`. */
export const route: IpObject = call => {
  const word = call.words.next() ?? 'list'
  switch (abbreviated(word, commands)) {
    case 'list':
    case 'show':
    case 'lst':
      return show(call)
    case 'get':
      return getRoute(call)
    case 'add':
    case 'append':
      return change(call, 'add')
    case 'change':
    case 'chg':
      return change(call, 'change')
    case 'replace':
      return change(call, 'replace')
    case 'delete':
      return change(call, 'delete')
    case 'flush':
      return flush(call)
    case 'help':
      throw new Refusal(routeHelp, 255)
    default:
      throw unknownCommand(word, 'route')
  }
}

const number = (word: string, option: string): number => {
  const value = wholeNumber(word)
  if (value === undefined) throw wrong(word, `"${option}" value is invalid\n`)
  return value
}

const readRoute = ({ words, namespace, options }: IpCall): RouteSpec => {
  let { family } = options
  let prefix: Prefix | undefined
  let via: Ip | undefined
  const spec: Omit<RouteSpec, 'dst' | 'length'> = {}
  const type = words.peek === undefined ? undefined : typeNamed(words.peek)
  if (type !== undefined) {
    spec.type = type
    words.next()
  }
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'via') {
      const next = words.need()
      const named = next === 'inet' || next === 'inet6'
      via = needAddress(named ? words.need() : next, named ? (next === 'inet' ? 4 : 6) : family)
      if (prefix === undefined || prefix.length > 0) family ??= isIp6(via) ? 6 : 4
    } else if (word === 'dev' || word === 'oif') spec.link = linkNamed(namespace, words.need())
    else if (word === 'src') spec.src = needAddress(words.need(), family)
    else if (word === 'metric' || word === 'preference' || word === 'priority')
      spec.metric = number(words.need(), 'metric')
    else if (word === 'scope') spec.scope = scopeNamed(words.need())
    else if (word === 'proto' || word === 'protocol') spec.protocol = protocolNamed(words.need())
    else if (word === 'table') spec.table = tableNamed(words.need()) ?? 0
    else if (word === 'mtu') {
      const next = words.need()
      spec.mtu = number(next === 'lock' ? words.need() : next, 'mtu')
    } else if (word === 'onlink') spec.onlink = true
    else if (word === 'pref') words.need()
    else if (word === 'help') throw new Refusal(routeHelp, 255)
    else {
      const text = word === 'to' ? words.need() : word
      if (prefix !== undefined) throw garbage(text, 'to')
      prefix = needPrefix(text, family)
      if (text.includes('.') || text.includes(':')) family ??= isIp6(prefix.ip) ? 6 : 4
    }
  }
  prefix ??= { ip: family === 6 ? 0n : 0, length: 0, explicit: true }
  // `default via 2001:db8::1` says its family behind the destination.
  const dst = prefix.length === 0 && via !== undefined && isIp6(via) ? 0n : prefix.ip
  return { dst, length: prefix.length, ...(via === undefined ? {} : { via }), ...spec }
}

const change = (call: IpCall, how: 'add' | 'change' | 'replace' | 'delete'): string => {
  if (call.words.peek === undefined) throw new Refusal(routeHelp, 255)
  const { namespace } = call
  const spec = readRoute(call)
  const carried = spec.type === undefined || spec.type === 'unicast'
  if (how !== 'delete' && carried && spec.via === undefined && spec.link === undefined)
    throw kernelRefusal({ ok: false, errno: 'ENODEV' })
  if (how === 'change' && !matching(call, spec)) throw kernelRefusal({ ok: false, errno: 'ENOENT' })
  const result =
    how === 'delete' ? namespace.removeRoute(spec) : namespace.addRoute(spec, how === 'replace' || how === 'change')
  if (!result.ok) throw kernelRefusal(result)
  return ''
}

const matching = ({ namespace }: IpCall, spec: RouteSpec): boolean =>
  (isIp6(spec.dst) ? namespace.routes6 : namespace.routes4)
    .list(spec.table)
    .some(there => there.dst === spec.dst && there.length === spec.length)

/** What a listing is chosen by, and what it therefore does not say. */
type Selector = { hidden: Hidden; wants: (route: Route) => boolean; tables: 'main' | 'all' | number }

const readSelector = ({ words, options, namespace }: IpCall): Selector => {
  const tests: ((route: Route) => boolean)[] = []
  const hidden: Hidden = {}
  let tables: Selector['tables'] = 'main'
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'dev' || word === 'oif') {
      const link = linkNamed(namespace, words.need())
      hidden.dev = true
      tests.push(each => each.link === link)
    } else if (word === 'via') {
      const via = needAddress(words.need(), options.family)
      hidden.via = true
      tests.push(each => each.via === via)
    } else if (word === 'scope') {
      const name = words.need()
      const scope = name === 'all' ? undefined : scopeNamed(name, 'invalid "scope"\n')
      hidden.scope = scope !== undefined
      tests.push(each => scope === undefined || each.scope === scope)
    } else if (word === 'proto' || word === 'protocol') {
      const name = words.need()
      const protocol = name === 'all' ? undefined : protocolNamed(name, 'invalid "protocol"\n')
      hidden.protocol = protocol !== undefined
      tests.push(each => protocol === undefined || each.protocol === protocol)
    } else if (word === 'src') {
      const src = needAddress(words.need(), options.family)
      tests.push(each => each.src === src)
    } else if (word === 'metric') {
      const metric = number(words.need(), 'metric')
      tests.push(each => each.metric === metric)
    } else if (word === 'table') {
      tables = tableNamed(words.need()) ?? 'all'
      if (tables !== 'all') hidden.table = true
    } else if (word === 'type') {
      const name = words.need()
      const type = typeNamed(name)
      if (type === undefined) throw wrong(name, 'node type value is invalid\n')
      tests.push(each => each.type === type)
    } else if (word === 'cache' || word === 'cloned') tests.push(() => false)
    else tests.push(prefixTest(word, words.need.bind(words), options.family))
  }
  return { hidden, tables, wants: each => tests.every(test => test(each)) }
}

/** `10.0.0.0/8`, `exact`, `root` (within it) or `match` (that it is in). */
const prefixTest = (word: string, next: () => string, family: 4 | 6 | undefined): ((route: Route) => boolean) => {
  let kind = word === 'root' || word === 'match' || word === 'exact' ? word : 'exact'
  let text = word
  if (word === 'to') {
    const after = next()
    const named = after === 'root' || after === 'match' || after === 'exact'
    kind = named ? after : 'exact'
    text = named ? next() : after
  } else if (kind === word) text = next()
  const { ip, length } = needPrefix(text, family)
  if (kind === 'root') return each => each.length >= length && inPrefix(each.dst, ip, length)
  if (kind === 'match') return each => each.length <= length && inPrefix(ip, each.dst, each.length)
  return each => each.length === length && inPrefix(each.dst, ip, length)
}

/** `ip route` alone is IPv4; a prefix or next hop with colons, or `table all`, brings IPv6 in. */
const familiesOf = ({ options }: IpCall, tables: Selector['tables'], six: boolean): (4 | 6)[] => {
  if (options.family !== undefined) return [options.family]
  return tables === 'all' ? [4, 6] : [six ? 6 : 4]
}

const selected = (call: IpCall): { routes: Route[]; hidden: Hidden } => {
  const { namespace, words } = call
  const six = words.ahead().some(word => word.includes(':'))
  const { hidden, tables, wants } = readSelector(call)
  const routes = familiesOf(call, tables, six).flatMap(family => {
    const table = family === 4 ? namespace.routes4 : namespace.routes6
    const ids = tables === 'all' ? [254, 255, 253] : [tables === 'main' ? 254 : tables]
    return ids.flatMap(id => table.list(id))
  })
  return { routes: routes.filter(wants), hidden }
}

const show = (call: IpCall): string => {
  const { options, process } = call
  const { routes, hidden } = selected(call)
  const now = process.clock.now()
  if (options.json)
    return jsonList(
      routes.map(each => routeRecord(each, now, hidden, options.details)),
      options.pretty,
    )
  return routes.map(each => routeText(each, now, hidden, options.details)).join('')
}

const flush = (call: IpCall): string => {
  if (call.words.peek === undefined) throw new Refusal('"ip route flush" requires arguments.', 1)
  const { routes } = selected(call)
  for (const each of routes) {
    const { namespace } = call
    const table = isIp6(each.dst) ? namespace.routes6 : namespace.routes4
    table.removeWhere(other => other === each)
  }
  if (call.options.statistics === 0) return ''
  if (routes.length === 0) return 'Nothing to flush.\n'
  return `\n*** Round 1, deleting ${routes.length} entries ***\n*** Flush is complete after 1 round ***\n`
}
