import { formatPort } from '../../openflow/port-text.ts'
import { second } from '../../runtime/clock.ts'
import { formatMac, parseMac } from '../../wire/address.ts'
import { lines, refuse, reply, type UnixctlCommands, withBridge } from './command.ts'

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

const vlanOf = (text: string): number | undefined =>
  /^[0-9]+$/.test(text) && Number(text) < 4096 ? Number(text) : undefined

export const fdbCommands: UnixctlCommands = {
  'fdb/show': { usage: 'bridge', min: 1, max: 1, run: show },
  'fdb/stats-show': { usage: '[bridge]', min: 1, max: 1, run: statsShow },
  'fdb/flush': {
    usage: '[bridge]',
    min: 0,
    max: 1,
    run(daemon, [name]) {
      const bridge = name === undefined ? undefined : daemon.switch.bridges.get(name)
      if (name !== undefined && bridge === undefined) return refuse('no such bridge')
      for (const each of bridge === undefined ? daemon.switch.bridges.values() : [bridge]) each.flushMacs()
      return reply('table successfully flushed\n')
    },
  },
  'fdb/add': {
    usage: 'bridge port vlan mac',
    min: 4,
    max: 4,
    run: withBridge((_daemon, bridge, [portName = '', vlanText = '', macText = '']) => {
      const port = bridge.portByName(portName)
      if (port === undefined) return refuse('software error, odp port is present but no ofp port')
      const vlan = vlanOf(vlanText)
      const mac = parseMac(macText)
      if (vlan === undefined) return refuse('invalid vlan')
      if (mac === undefined) return refuse('bad mac address')
      bridge.addMac(vlan, mac, port.ofport)
      return reply('')
    }),
  },
  'fdb/del': {
    usage: 'bridge vlan mac',
    min: 3,
    max: 3,
    run: withBridge((_daemon, bridge, [vlanText = '', macText = '']) => {
      const vlan = vlanOf(vlanText)
      const mac = parseMac(macText)
      if (vlan === undefined) return refuse('invalid vlan')
      if (mac === undefined) return refuse('bad mac address')
      return bridge.removeMac(vlan, mac) ? reply('') : refuse('MAC entry not found')
    }),
  },
}
