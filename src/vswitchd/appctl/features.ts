/** `dpif/show-dp-features` and `set-dp-features`: what the datapath can do. */
import type { Bridge } from '../../switch/bridge.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, reply, type UnixctlCommands, withBridge } from './command.ts'

type Value = boolean | number
/** By the words of `set-dp-features`, in the order of `show-dp-features`. */
const features: readonly (readonly [name: string, title: string, value: Value])[] = [
  ['masked_set_action', 'Masked set action', true],
  ['tnl_push_pop', 'Tunnel push pop', true],
  ['ufid', 'Ufid', true],
  ['trunc', 'Truncate action', true],
  ['clone', 'Clone action', true],
  ['sample_nesting', 'Sample nesting', 10],
  ['ct_eventmask', 'Conntrack eventmask', true],
  ['ct_clear', 'Conntrack clear', true],
  ['max_hash_alg', 'Max dp_hash algorithm', 1],
  ['check_pkt_len', 'Check pkt length action', true],
  ['ct_timeout', 'Conntrack timeout policy', true],
  ['explicit_drop_action', 'Explicit Drop action', true],
  ['lb_output_action', 'Optimized Balance TCP mode', true],
  ['ct_zero_snat', 'Conntrack all-zero IP SNAT', true],
  ['add_mpls', 'MPLS Label add', true],
  ['max_vlan_headers', 'Max VLAN headers', 1],
  ['max_mpls_depth', 'Max MPLS depth', 3],
  ['recirc', 'Recirc', true],
  ['ct_state', 'CT state', true],
  ['ct_zone', 'CT zone', true],
  ['ct_mark', 'CT mark', true],
  ['ct_label', 'CT label', true],
  ['ct_state_nat', 'CT state NAT', true],
  ['ct_orig_tuple', 'CT orig tuple', true],
  ['ct_orig_tuple6', 'CT orig tuple for IPv6', true],
  ['nd_ext', 'IPv6 ND Extension', true],
]
/** In the order of `set-dp-features` alone. */
const listed = (
  'sample_nesting clone ufid lb_output_action nd_ext ct_orig_tuple tnl_push_pop ct_eventmask ct_state ct_zero_snat ' +
  'ct_clear max_vlan_headers recirc ct_label max_hash_alg add_mpls ct_state_nat ct_timeout explicit_drop_action ct_mark ' +
  'ct_orig_tuple6 max_mpls_depth masked_set_action check_pkt_len ct_zone trunc'
).split(' ')

/** What it is now. */
const presentOf = (daemon: Vswitchd, name: string, value: Value): Value =>
  name === 'max_vlan_headers' ? daemon.switch.datapath.vlanLimit : value

const show = (daemon: Vswitchd): Reply =>
  reply(
    lines(
      features.map(([name, title, value]) => {
        const present = presentOf(daemon, name, value)
        return `${title}: ${present === true ? 'Yes' : present === false ? 'No' : present}`
      }),
    ),
  )

const shown = (daemon: Vswitchd, name: string): string => {
  const [, title, value] = features.find(([each]) => each === name) ?? ['', '', false]
  const present = presentOf(daemon, name, value)
  return `${name} (${title}) : [run time]:${present}, [boot time]:${value}`
}

const set = (daemon: Vswitchd, _bridge: Bridge, [name, text]: readonly string[]): Reply => {
  if (name === undefined) return reply(lines(listed.map(each => shown(daemon, each))))
  const found = features.find(([each]) => each === name)
  if (found === undefined) return reply('Unexpected support field')
  if (text === undefined) return reply(shown(daemon, name))
  const [, , usual] = found
  if (typeof usual === 'boolean' && text !== 'true' && text !== 'false') return reply('Boolean value expected')
  if (typeof usual === 'number' && !/^[0-9]+$/.test(text)) return reply('Integer number expected')
  const same = String(presentOf(daemon, name, usual)) === (typeof usual === 'number' ? String(Number(text)) : text)
  return reply(same ? '' : `${name} cannot be changed here`)
}

export const featureCommands: UnixctlCommands = {
  'dpif/show-dp-features': { usage: 'bridge', min: 1, max: 1, run: withBridge(daemon => show(daemon)) },
  'dpif/set-dp-features': { usage: 'bridge', min: 1, max: 3, run: withBridge(set) },
}
