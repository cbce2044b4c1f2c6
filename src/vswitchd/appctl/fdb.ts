import { formatPort } from '../../openflow/port-text.ts'
import { second } from '../../runtime/clock.ts'
import type { Bridge } from '../../switch/bridge.ts'
import { formatMac, parseMac } from '../../wire/address.ts'
import {
  leadingInteger,
  lines,
  refuse,
  reply,
  type UnixctlCommand,
  type UnixctlCommands,
  withBridge,
} from './command.ts'

const show = withBridge((daemon, bridge) => {
  daemon.switch.syncStats()
  const now = daemon.switch.clock.now()
  bridge.macs.expire(now)
  return reply(
    lines([
      ' port  VLAN  MAC                Age',
      ...[...bridge.macs.entries()].map(({ port, vlan, mac, used, isStatic }) => {
        const age = isStatic ? ' static' : String(Math.floor((now - used) / second)).padStart(4)
        return `${formatPort(port).padStart(5)}  ${String(vlan).padStart(4)}  ${formatMac(mac)} ${age}`
      }),
    ]),
  )
})

const statsShow = withBridge((daemon, bridge) => {
  daemon.switch.syncStats()
  const { entries, maximum, learned, expired, evicted, moved } = bridge.macs.stats()
  const fixed = [...bridge.macs.entries()].filter(({ isStatic }) => isStatic).length
  return reply(
    lines([
      `Statistics for bridge "${bridge.name}":`,
      `  Current/maximum MAC entries in the table: ${entries}/${maximum}`,
      `  Current static MAC entries in the table : ${fixed}`,
      `  Total number of learned MAC entries     : ${learned}`,
      `  Total number of expired MAC entries     : ${expired}`,
      `  Total number of evicted MAC entries     : ${evicted}`,
      `  Total number of port moved MAC entries  : ${moved}`,
    ]),
  )
})

/** As atoi(3) reads it into 16 bits. */
const vlanOf = (text: string): number => leadingInteger(text) & 0xffff

/** Does something to one bridge, or to all. */
const ofBridges =
  (run: (bridge: Bridge) => void, done: string): UnixctlCommand['run'] =>
  (daemon, [name]) => {
    const bridge = name === undefined ? undefined : daemon.switch.bridges.get(name)
    if (name !== undefined && bridge === undefined) return refuse('no such bridge')
    daemon.switch.syncStats()
    for (const each of bridge === undefined ? daemon.switch.bridges.values() : [bridge]) run(each)
    return reply(done)
  }

export const fdbCommands: UnixctlCommands = {
  'fdb/show': { usage: 'bridge', min: 1, max: 1, run: show },
  'fdb/stats-clear': {
    usage: '[bridge]',
    min: 0,
    max: 1,
    run: ofBridges(bridge => bridge.macs.clearStats(), 'statistics successfully cleared\n'),
  },
  'fdb/stats-show': { usage: 'bridge', min: 1, max: 1, run: statsShow },
  'fdb/flush': {
    usage: '[bridge]',
    min: 0,
    max: 1,
    run: ofBridges(bridge => bridge.flushMacs(), 'table successfully flushed\n'),
  },
  'fdb/add': {
    usage: 'bridge port vlan mac',
    min: 4,
    max: 4,
    run: withBridge((_daemon, bridge, [portName = '', vlanText = '', macText = '']) => {
      const port = bridge.portByName(portName)
      if (port === undefined) return refuse('software error, odp port is present but no ofp port')
      const mac = parseMac(macText)
      if (mac === undefined) return refuse('bad MAC address')
      bridge.addMac(vlanOf(vlanText), mac, port.ofport)
      return reply('')
    }),
  },
  'fdb/del': {
    usage: 'bridge vlan mac',
    min: 3,
    max: 3,
    run: withBridge((_daemon, bridge, [vlanText = '', macText = '']) => {
      const mac = parseMac(macText)
      if (mac === undefined) return refuse('bad MAC address')
      return bridge.removeStaticMac(vlanOf(vlanText), mac) ? reply('') : refuse('could not find static mac entry')
    }),
  },
}
