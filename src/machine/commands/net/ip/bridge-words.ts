/** `type bridge …` and `type bridge_slave …` of `ip link`. */
import {
  type Bridge,
  type BridgePort,
  type BridgeSetting,
  bridgeSettings,
  done,
  type PortFlag,
  portFlags,
  type Result,
} from '../../../../host/index.ts'
import { Refusal } from '../refusal.ts'
import { type Words, wholeNumber, wrong } from './words.ts'

/** What the words ask for, in their order. */
export type BridgeWish = { set: BridgeSetting; value: number } | 'flush'
export type PortWish =
  | { set: 'cost' | 'priority' | 'state'; value: number }
  | { set: PortFlag; value: boolean }
  | 'flush'

const wide: ReadonlySet<string> = new Set(['priority', 'group_fwd_mask'])
const long = (name: string): boolean => /delay|time|age$|interval|count|max$|elasticity|_state/.test(name)

const numberOf = (word: string, name: string, most: number): number => {
  const value = wholeNumber(word)
  if (value === undefined || value > most) throw wrong(word, `invalid ${name}`)
  return value
}

/** The words behind `type bridge`. */
export const readBridgeWords = (words: Words): BridgeWish[] => {
  const wishes: BridgeWish[] = []
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'fdb_flush') wishes.push('flush')
    else if (word === 'help') throw new Refusal(bridgeUsage, 255)
    else if (Object.hasOwn(bridgeSettings, word)) {
      const most = wide.has(word) ? 0xffff : long(word) ? 0xffffffff : 0xff
      wishes.push({ set: word as BridgeSetting, value: numberOf(words.need(), word, most) })
    } else throw new Refusal(`bridge: unknown command "${word}"?\n${bridgeUsage}`, 1)
  }
  return wishes
}

const usual: Readonly<Record<string, PortFlag>> = { mcast_fast_leave: 'fastleave' }

/** The words behind `type bridge_slave`. */
export const readPortWords = (words: Words): PortWish[] => {
  const wishes: PortWish[] = []
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const flag = usual[word] ?? word
    if (word === 'fdb_flush') wishes.push('flush')
    else if (word === 'help') throw new Refusal(portUsage, 255)
    else if (word === 'cost') wishes.push({ set: word, value: numberOf(words.need(), word, 0xffffffff) })
    else if (word === 'priority') wishes.push({ set: word, value: numberOf(words.need(), word, 0xffff) })
    else if (word === 'state') wishes.push({ set: word, value: numberOf(words.need(), word, 0xff) })
    else if (Object.hasOwn(portFlags, flag)) wishes.push({ set: flag as PortFlag, value: onOrOff(word, words.need()) })
    else throw new Refusal(`bridge_slave: unknown option "${word}"?\n${portUsage}`, 1)
  }
  return wishes
}

const onOrOff = (name: string, word: string): boolean => {
  if (word !== 'on' && word !== 'off')
    throw new Refusal(`Error: argument of "${name}" must be "on" or "off", not "${word}"`, 1)
  return word === 'on'
}

/** Does what was asked for until something is refused. */
export const applyBridgeWishes = (bridge: Bridge, wishes: readonly BridgeWish[]): Result => {
  for (const wish of wishes) {
    if (wish === 'flush') {
      bridge.fdb.flush(undefined)
      continue
    }
    const result = bridge.set(wish.set, wish.value)
    if (!result.ok) return result
  }
  return done
}

export const applyPortWishes = (bridge: Bridge, port: BridgePort, wishes: readonly PortWish[]): Result => {
  for (const wish of wishes) {
    if (wish === 'flush') bridge.fdb.flush(port)
    else if (typeof wish.value === 'boolean') port.flags[wish.set as PortFlag] = wish.value
    else {
      const { set, value } = wish
      const result = set === 'state' ? bridge.setState(port, value) : bridge.configurePort(port, { [set]: value })
      if (!result.ok) return result
    }
  }
  return done
}

const option = (name: string, value = name.toUpperCase()): string => `[ ${name} ${value} ]`
const switches = '{on | off}'

const bridgeUsage = `Usage: ... bridge ${[
  '[ fdb_flush ]',
  ...['forward_delay', 'hello_time', 'max_age', 'ageing_time', 'stp_state', 'priority'].map(name => option(name)),
  option('group_fwd_mask', 'MASK'),
  option('group_address', 'ADDRESS'),
  ...['no_linklocal_learn', 'vlan_filtering', 'vlan_protocol', 'vlan_default_pvid'].map(name => option(name)),
  ...['vlan_stats_enabled', 'vlan_stats_per_port'].map(name => option(name)),
  option('mcast_snooping', 'MULTICAST_SNOOPING'),
  option('mcast_vlan_snooping', 'MULTICAST_VLAN_SNOOPING'),
  option('mcast_router', 'MULTICAST_ROUTER'),
  option('mcast_query_use_ifaddr'),
  option('mcast_querier', 'MULTICAST_QUERIER'),
  ...[
    'hash_elasticity',
    'hash_max',
    'last_member_count',
    'startup_query_count',
    'last_member_interval',
    'membership_interval',
    'querier_interval',
    'query_interval',
    'query_response_interval',
    'startup_query_interval',
  ].map(name => option(`mcast_${name}`, name.toUpperCase())),
  option('mcast_stats_enabled'),
  option('mcast_igmp_version', 'IGMP_VERSION'),
  option('mcast_mld_version', 'MLD_VERSION'),
  ...['nf_call_iptables', 'nf_call_ip6tables', 'nf_call_arptables'].map(name => option(name)),
].join('\n\t\t  ')}

Where: VLAN_PROTOCOL := { 802.1Q | 802.1ad }`

const portUsage = `Usage: ... bridge_slave ${[
  '[ fdb_flush ]',
  option('state'),
  option('priority', 'PRIO'),
  option('cost'),
  ...['guard', 'hairpin', 'fastleave', 'root_block', 'learning', 'flood', 'proxy_arp', 'proxy_arp_wifi'].map(name =>
    option(name, switches),
  ),
  option('mcast_router', 'MULTICAST_ROUTER'),
  ...['mcast_fast_leave', 'mcast_flood', 'bcast_flood', 'mcast_to_unicast'].map(name => option(name, switches)),
  option('group_fwd_mask', 'MASK'),
  ...['neigh_suppress', 'vlan_tunnel', 'isolated', 'locked'].map(name => option(name, switches)),
  '[ backup_port DEVICE ] [ nobackup_port ]',
].join('\n\t\t\t')}`
