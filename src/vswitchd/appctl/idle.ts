/**
 * Commands about what Weft's switch does not have yet: bonds, LACP, CFM, BFD, LLDP's auto attach, QoS. They answer as a
 * switch answers that has none of it configured.
 */
import { hashWords } from '../../flow/hash.ts'
import type { Bridge } from '../../switch/bridge.ts'
import { type Mac, parseMac } from '../../wire/address.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { type Reply, refuse, reply, type UnixctlCommand, type UnixctlCommands } from './command.ts'
import { scanned } from './conntrack-tuple.ts'

const silent = (usage: string): UnixctlCommand => ({ usage, min: 0, max: 1, run: () => reply('') })

/** Tells of all, which is nothing, or of one, which there is not. */
const listing = (usage: string, missing: string, all = ''): UnixctlCommand => ({
  usage,
  min: 0,
  max: 1,
  run: (_daemon, [name]) => (name === undefined ? reply(all) : refuse(missing)),
})

const noBond = (usage: string, count: number): UnixctlCommand => ({
  usage,
  min: count,
  max: count,
  run: () => refuse('no such bond'),
})

/** Sets a fault of all, which is nothing, or of one, which there is not. */
const fault = (missing: string): UnixctlCommand => ({
  usage: '[interface] normal|false|true',
  min: 1,
  max: 2,
  run(_daemon, args) {
    const state = args.at(-1)?.toLowerCase() ?? ''
    if (!['normal', 'false', 'true'].includes(state)) return refuse('unknown fault string')
    return args.length > 1 ? refuse(missing) : reply('OK')
  },
})

/** Which of the 256 buckets of a bond's `balance-slb` a source belongs to. */
const bondBucket = (mac: Mac, vlan: number, basis: number): number =>
  hashWords([mac | 0, Math.floor(mac / 2 ** 32) | ((vlan & 0xffff) << 16)], basis) & 0xff

const bondHash = (_daemon: Vswitchd, [macText = '', vlanText, basisText]: readonly string[]): Reply => {
  const vlan = vlanText === undefined ? 0 : scanned(vlanText, 32)
  if (vlan === undefined) return refuse('invalid vlan')
  const basis = basisText === undefined ? 0 : scanned(basisText, 32)
  if (basis === undefined) return refuse('invalid basis')
  const mac = parseMac(macText)
  return mac === undefined ? refuse('invalid mac') : reply(String(bondBucket(mac, vlan, basis)))
}

const hasPort = (daemon: Vswitchd, name: string): boolean =>
  [...daemon.switch.bridges.values()].some((bridge: Bridge) => bridge.portByName(name) !== undefined)

const ofInterface = (say: (name: string) => string): UnixctlCommand => ({
  usage: 'interface',
  min: 1,
  max: 1,
  run: (daemon, [name = '']) => (hasPort(daemon, name) ? reply(say(name)) : refuse('no such interface')),
})

export const idleCommands: UnixctlCommands = {
  'autoattach/show-isid': silent('[bridge]'),
  'autoattach/statistics': silent('[bridge]'),
  'autoattach/status': silent('[bridge]'),
  'bfd/set-forwarding': fault('no such BFD object'),
  'bfd/show': listing('[interface]', 'no such bfd object'),
  'bond/disable-member': noBond('port member', 2),
  'bond/enable-member': noBond('port member', 2),
  'bond/hash': { usage: 'mac [vlan] [basis]', min: 1, max: 3, run: bondHash },
  'bond/list': { usage: '', min: 0, max: 0, run: () => reply('bond\ttype\trecircID\tmembers\n') },
  'bond/migrate': noBond('port hash member', 3),
  'bond/set-active-member': noBond('port member', 2),
  'bond/show': listing('[port]', 'no such bond'),
  'cfm/set-fault': fault('no such CFM object'),
  'cfm/show': listing('[interface]', 'no such CFM object'),
  'lacp/show': listing('[port]', 'no such lacp object'),
  'lacp/show-stats': listing('[port]', 'no such lacp object'),
  'qos/show': ofInterface(name => `QoS not configured on ${name}`),
  'qos/show-types': ofInterface(name => `No QoS types supported for interface: ${name}`),
}
