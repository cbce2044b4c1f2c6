/** `bridge link`. */
import { bridgePortOf, type Link, type Namespace, type PortFlag } from '../../../../host/index.ts'
import { applyPortWishes, type PortWish } from '../ip/bridge-words.ts'
import { type Json, jsonList } from '../ip/json.ts'
import { nameWithPeer } from '../ip/link-text.ts'
import { abbreviated, wholeNumber } from '../ip/words.ts'
import { Refusal } from '../refusal.ts'
import { type BridgeCall, deviceNamed, kernelSays } from './call.ts'

const shown = [
  'hairpin',
  'guard',
  'root_block',
  'fastleave',
  'learning',
  'flood',
  'mcast_flood',
  'bcast_flood',
  'mcast_to_unicast',
  'neigh_suppress',
  'vlan_tunnel',
  'isolated',
  'locked',
] as const

/** An index of another namespace is taken for one of this, as by the original. */
const nameAt = (namespace: Namespace, link: Link): string => {
  const { linked } = link
  if (linked === undefined || linked.owner === link.owner) return nameWithPeer(link)
  return `${link.name}@${namespace.links.at(linked.index)?.name ?? `if${linked.index}`}`
}

const show = ({ words, namespace, options }: BridgeCall): string => {
  let device: Link | undefined
  let master: Link | undefined
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'dev') device = deviceNamed(namespace, words.need())
    else if (word === 'master') master = deviceNamed(namespace, words.need())
    else device = device ?? undefined
  }
  const held = namespace.links
    .all()
    .flatMap(link => bridgePortOf(link) ?? [])
    .filter(({ bridge, port }) => (device ?? port.link) === port.link && (master ?? bridge.link) === bridge.link)
  if (options.json)
    return jsonList(
      held.map(({ bridge: { link: bridge }, port }): Json => {
        const { link, state, priority, pathCost: cost, flags } = port
        return {
          ifindex: link.index,
          ...(link.linked === undefined ? {} : { link: link.linked.name }),
          ifname: link.name,
          flags: link.flags,
          mtu: link.mtu,
          ...{ master: bridge.name, state, priority, cost },
          ...(options.details ? Object.fromEntries(shown.map(name => [name, flags[name]])) : {}),
        }
      }),
      options.pretty,
    )
  return held
    .map(({ bridge, port }) => {
      const { link, state, priority, pathCost, flags } = port
      const where = `mtu ${link.mtu} master ${bridge.link.name}`
      const flagText = (name: PortFlag): string => `${name} ${flags[name] ? 'on' : 'off'} `
      const more = shown.map(name => (name === 'bcast_flood' ? `${flagText(name)}mcast_router 1 ` : flagText(name)))
      const details = options.details ? `${options.oneline ? '\\' : '\n'}    ${more.join('')}` : ''
      return `${link.index}: ${nameAt(namespace, link)}: <${link.flags.join(',')}> ${where} state ${state} priority ${priority} cost ${pathCost} ${details}\n`
    })
    .join('')
}

const states = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const

const set = ({ words, namespace }: BridgeCall): string => {
  let device: string | undefined
  const wishes: PortWish[] = []
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'dev') device = words.need()
    else if (word === 'cost' || word === 'priority') {
      const value = Number(words.need())
      // For this tool no number is no wish.
      if (value > 0) wishes.push({ set: word, value })
    } else if (word === 'state') wishes.push({ set: 'state', value: stateOf(words.need()) })
    else if (word === 'self' || word === 'master') continue
    else if ((shown as readonly string[]).includes(word)) {
      const value = words.need()
      if (value !== 'on' && value !== 'off')
        throw new Refusal(`Error: argument of "${word}" must be one of "off", "on", not "${value}"`, 234)
      wishes.push({ set: word as PortFlag, value: value === 'on' })
    } else throw new Refusal(usage, 255)
  }
  if (device === undefined) throw new Refusal('Device is a required argument.', 255)
  const held = bridgePortOf(deviceNamed(namespace, device))
  if (held === undefined) throw kernelSays('EOPNOTSUPP')
  const result = applyPortWishes(held.bridge, held.port, wishes)
  if (!result.ok) throw kernelSays(result.errno)
  return ''
}

const stateOf = (word: string): number => {
  const value = wholeNumber(word) ?? states.indexOf(word.toLowerCase() as (typeof states)[number])
  if (value < 0) throw new Refusal(`Error: invalid STP port state`, 255)
  return value
}

export const link = (call: BridgeCall): string => {
  const word = call.words.next() ?? 'show'
  switch (abbreviated(word, ['set', 'show', 'lst', 'list', 'help'])) {
    case 'set':
      return set(call)
    case 'show':
    case 'lst':
    case 'list':
      return show(call)
    case 'help':
      throw new Refusal(usage, 255)
    default:
      throw new Refusal(`Command "${word}" is unknown, try "bridge link help".`, 255)
  }
}

const usage = `Usage: bridge link set dev DEV [ cost COST ] [ priority PRIO ] [ state STATE ]
${[
  ...['guard', 'hairpin', 'fastleave', 'root_block', 'learning', 'learning_sync', 'flood'].map(
    name => `${name} {on | off}`,
  ),
  'mcast_router MULTICAST_ROUTER',
  ...['mcast_flood', 'bcast_flood', 'mcast_to_unicast', 'neigh_suppress', 'vlan_tunnel', 'isolated', 'locked'].map(
    name => `${name} {on | off}`,
  ),
  'hwmode {vepa | veb}',
]
  .map(text => `${' '.repeat(31)}[ ${text} ]\n`)
  .join('')}${' '.repeat(31)}[ backup_port DEVICE ] [ nobackup_port ]
${' '.repeat(31)}[ self ] [ master ]
       bridge link show [dev DEV]`
