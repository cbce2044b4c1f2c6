import type { Link, Namespace, Neighbour, NeighbourState } from '../../../../host/index.ts'
import { second } from '../../../../runtime/index.ts'
import { formatIp, formatMac, type Ip, inPrefix, isIp6 } from '../../../../wire/address.ts'
import { kernelRefusal, Refusal } from '../refusal.ts'
import { type IpCall, type IpObject, linkNamed, unknownCommand } from './call.ts'
import { jsonList } from './json.ts'
import { macOf } from './link-words.ts'
import { needAddress, needPrefix, type Prefix } from './prefix.ts'
import { neighHelp } from './usage.ts'
import { abbreviated, garbage, wrong } from './words.ts'

const commands = ['add', 'change', 'chg', 'replace', 'delete', 'get', 'show', 'lst', 'list', 'flush', 'help'] as const
const states: readonly NeighbourState[] = [
  'NONE',
  'INCOMPLETE',
  'REACHABLE',
  'STALE',
  'DELAY',
  'PROBE',
  'FAILED',
  'NOARP',
  'PERMANENT',
]

/** `ip neighbour`. */
export const neigh: IpObject = call => {
  const word = call.words.next() ?? 'show'
  switch (abbreviated(word, commands)) {
    case 'add':
      return change(call, 'add')
    case 'change':
    case 'chg':
      return change(call, 'change')
    case 'replace':
      return change(call, 'replace')
    case 'delete':
      return change(call, 'delete')
    case 'get':
      return get(call)
    case 'show':
    case 'lst':
    case 'list':
      return show(call)
    case 'flush':
      return flush(call)
    case 'help':
      throw new Refusal(neighHelp, 255)
    default:
      throw unknownCommand(word, 'neigh')
  }
}

const tableOf = (namespace: Namespace, ip: Ip) => (isIp6(ip) ? namespace.nd : namespace.arp)

const stateNamed = (word: string): NeighbourState => {
  const state = states.find(name => name === word.toUpperCase())
  if (state === undefined) throw wrong(word, 'nud state is bad')
  return state
}

type Asked = { link: Link; ip: Ip; mac: number | undefined; state: NeighbourState }

const readNeighbour = ({ words, namespace, options }: IpCall): Asked => {
  let device: string | undefined
  let ip: Ip | undefined
  let address: string | undefined
  let state: NeighbourState = 'PERMANENT'
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'dev') device = words.need()
    else if (word === 'lladdr') address = words.need()
    else if (word === 'nud') state = stateNamed(words.need())
    else if (word === 'router' || word === 'use' || word === 'extern_learn') continue
    else if (word === 'protocol') words.need()
    else {
      const text = word === 'to' ? words.need() : word
      if (ip !== undefined) throw garbage(text, 'to')
      ip = needAddress(text, options.family)
    }
  }
  if (device === undefined || ip === undefined) throw new Refusal('Device and destination are required arguments.', 255)
  const mac = address === undefined ? undefined : macOf(address)
  return { link: linkNamed(namespace, device), ip, mac, state }
}

const change = (call: IpCall, how: 'add' | 'change' | 'replace' | 'delete'): string => {
  const { namespace } = call
  const { link, ip, mac, state } = readNeighbour(call)
  const there = tableOf(namespace, ip).find(link, ip)
  if (how === 'delete') {
    const removed = namespace.removeNeighbour(link, ip)
    if (!removed.ok) throw kernelRefusal(removed)
    return ''
  }
  if (how === 'change' && there === undefined) throw kernelRefusal({ ok: false, errno: 'ENOENT' })
  if (how === 'add' && there !== undefined) throw kernelRefusal({ ok: false, errno: 'EEXIST' })
  const address = mac ?? there?.mac
  if (address === undefined) throw kernelRefusal({ ok: false, errno: 'EINVAL' })
  const added = namespace.addNeighbour(link, ip, address, settable(state), true)
  if (!added.ok) throw kernelRefusal(added)
  return ''
}

/** Of the states that the kernel alone passes through, an address that is given makes it one to be tested. */
const settable = (state: NeighbourState): 'PERMANENT' | 'REACHABLE' | 'STALE' | 'NOARP' =>
  state === 'PERMANENT' || state === 'REACHABLE' || state === 'NOARP' ? state : 'STALE'

type Filter = { link: Link | undefined; to: Prefix | undefined; states: ReadonlySet<NeighbourState> }

const readFilter = ({ words, namespace, options }: IpCall, usual: readonly NeighbourState[]): Filter => {
  let link: Link | undefined
  let to: Prefix | undefined
  const wanted = new Set<NeighbourState>()
  let all = false
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'dev') link = linkNamed(namespace, words.need())
    else if (word === 'unused' || word === 'nomaster') continue
    else if (word === 'nud') {
      const name = words.need()
      if (name === 'all') all = true
      else wanted.add(stateNamed(name))
    } else if (word === 'all' && wanted.size === 0) to = undefined
    else {
      const text = word === 'to' ? words.need() : word
      if (to !== undefined) throw garbage(text, 'to')
      to = needPrefix(text, options.family)
    }
  }
  return { link, to, states: all ? new Set(states) : wanted.size > 0 ? wanted : new Set(usual) }
}

const chosen = ({ namespace, options }: IpCall, { link, to, states: wanted }: Filter): Neighbour[] =>
  [
    ...(options.family === 6 ? [] : namespace.arp.all().reverse()),
    ...(options.family === 4 ? [] : namespace.nd.all().reverse()),
  ].filter(
    each =>
      (link === undefined || each.link === link) &&
      wanted.has(each.state) &&
      (to === undefined || inPrefix(each.ip, to.ip, to.length)),
  )

const hasAddress = (each: Neighbour): boolean => each.usable

const text = (call: IpCall, each: Neighbour, hideLink: boolean): string => {
  const { options, process } = call
  const address = hasAddress(each) ? formatMac(each.mac) : ''
  if (options.brief) return `${formatIp(each.ip).padEnd(39)} ${each.link.name.padEnd(16)} ${address}\n`
  const device = hideLink ? '' : `dev ${each.link.name} `
  const lladdr = address === '' ? '' : `lladdr ${address} `
  const [used, confirmed, updated] = ages(each, process.clock.now())
  const statistics = options.statistics > 0 ? ` ref 1 used ${used}/${confirmed}/${updated}probes ${each.probes} ` : ''
  return `${formatIp(each.ip)} ${device}${lladdr}${statistics}${each.isRouter ? 'router ' : ''}${each.state} \n`
}

const ages = (each: Neighbour, now: number): [number, number, number] => {
  const age = (time: number): number => Math.floor((now - time) / second)
  return [age(each.used), age(each.confirmed), age(each.updated)]
}

const record = (call: IpCall, each: Neighbour, hideLink: boolean) => {
  const [used, confirmed, updated] = ages(each, call.process.clock.now())
  const statistics = { refcnt: 1, used, confirmed, updated, probes: each.probes }
  return {
    dst: formatIp(each.ip),
    ...(hideLink ? {} : { dev: each.link.name }),
    ...(hasAddress(each) ? { lladdr: formatMac(each.mac) } : {}),
    ...(call.options.statistics > 0 ? statistics : {}),
    ...(each.isRouter ? { router: true } : {}),
    state: [each.state],
  }
}

const shown = states.filter(state => state !== 'NONE' && state !== 'NOARP')

const show = (call: IpCall): string => {
  const filter = readFilter(call, shown)
  const entries = chosen(call, filter)
  const hideLink = filter.link !== undefined
  if (call.options.json)
    return jsonList(
      entries.map(each => record(call, each, hideLink)),
      call.options.pretty,
    )
  return entries.map(each => text(call, each, hideLink)).join('')
}

const get = (call: IpCall): string => {
  const { link, ip } = readNeighbour(call)
  const found = tableOf(call.namespace, ip).find(link, ip)
  if (found === undefined) throw new Refusal('Error: Neighbour entry not found.', 2)
  return text(call, found, false)
}

const flush = (call: IpCall): string => {
  if (call.words.peek === undefined) throw new Refusal('Flush requires arguments.', 1)
  const filter = readFilter(
    call,
    shown.filter(state => state !== 'PERMANENT'),
  )
  const entries = chosen(call, filter)
  for (const each of entries) tableOf(call.namespace, each.ip).delete(each)
  if (call.options.statistics === 0) return ''
  if (entries.length === 0) return 'Nothing to flush.\n'
  return `\n*** Round 1, deleting ${entries.length} entries ***\n*** Flush is complete after 1 round ***\n`
}
