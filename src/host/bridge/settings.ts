import { done, failed, type Result } from '../errno.ts'

/** What `ip link set … type bridge` sets and `ip -d link` shows, in its order, with what it is at first; times in 1/100 s. */
export const bridgeSettings = {
  forward_delay: 1500,
  hello_time: 200,
  max_age: 2000,
  ageing_time: 30000,
  stp_state: 0,
  priority: 32768,
  vlan_filtering: 0,
  group_fwd_mask: 0,
  mcast_snooping: 1,
  no_linklocal_learn: 0,
  mcast_vlan_snooping: 0,
  mcast_router: 1,
  mcast_query_use_ifaddr: 0,
  mcast_querier: 0,
  mcast_hash_elasticity: 16,
  mcast_hash_max: 4096,
  mcast_last_member_count: 2,
  mcast_startup_query_count: 2,
  mcast_last_member_interval: 100,
  mcast_membership_interval: 26000,
  mcast_querier_interval: 25500,
  mcast_query_interval: 12500,
  mcast_query_response_interval: 1000,
  mcast_startup_query_interval: 3124,
  mcast_stats_enabled: 0,
  mcast_igmp_version: 2,
  mcast_mld_version: 1,
  nf_call_iptables: 0,
  nf_call_ip6tables: 0,
  nf_call_arptables: 0,
} as const satisfies Record<string, number>
export type BridgeSetting = keyof typeof bridgeSettings

/** 1/100 s in ns. */
export const centisecond = 10_000_000

/** Times that IEEE 802.1D allows, in 1/100 s; the delay may be any while there is no tree. */
const ranges: Partial<Record<BridgeSetting, readonly [least: number, most: number]>> = {
  forward_delay: [200, 3000],
  hello_time: [100, 1000],
  max_age: [600, 4000],
}

/** Whether a bridge takes a value: ERANGE; EOPNOTSUPP for VLANs, which this bridge does not tell apart. */
export const checkSetting = (name: BridgeSetting, value: number, hasTree: boolean): Result => {
  if ((name === 'vlan_filtering' || name === 'mcast_vlan_snooping') && value !== 0) return failed('EOPNOTSUPP')
  const range = ranges[name]
  if (range === undefined || (name === 'forward_delay' && !hasTree)) return done
  return value < range[0] || value > range[1] ? failed('ERANGE') : done
}
