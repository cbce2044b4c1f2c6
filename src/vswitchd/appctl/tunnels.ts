/** `tnl/…` and `ovs/route/…`: how a datapath that makes tunnels itself finds their far ends. */

import type { BridgePort } from '../../switch/port.ts'
import { parseTunnelOptions } from '../../tunnel/options.ts'
import {
  formatIp,
  formatMac,
  type Ip,
  isIp6,
  type Mac,
  mask4,
  mask6,
  parseIp,
  parseIp4,
  parseIp6,
  parseMac,
} from '../../wire/address.ts'
import type { Vswitchd } from '../vswitchd.ts'
import {
  leadingInteger,
  lines,
  type Reply,
  refuse,
  reply,
  type UnixctlCommand,
  type UnixctlCommands,
} from './command.ts'
import { scanned } from './conntrack-tuple.ts'
import { dummyNamed } from './dummies.ts'
import { sourceFor } from './user-routes.ts'

const ageing = (daemon: Vswitchd, [text]: readonly string[]): Reply => {
  const { neighbours } = daemon.underlay
  if (text === undefined) return reply(String(neighbours.ageing))
  const seconds = scanned(text, 32)
  return seconds !== undefined && neighbours.setAgeing(seconds) ? reply('OK') : refuse('bad aging value')
}

const setNeighbour = (daemon: Vswitchd, [bridge = '', ipText = '', macText = '']: readonly string[]): Reply => {
  const ip = parseIp(ipText)
  if (ip === undefined) return refuse('bad IP address')
  const mac = parseMac(macText)
  if (mac === undefined) return refuse('bad MAC address')
  daemon.underlay.neighbours.set(bridge, ip, mac, daemon.switch.clock.now())
  return reply('OK')
}

const neighbourCommands = (what: 'arp' | 'neigh'): UnixctlCommands => ({
  [`tnl/${what}/aging`]: { usage: '[SECS]', min: 0, max: 1, run: ageing },
  [`tnl/${what}/flush`]: {
    usage: '',
    min: 0,
    max: 0,
    run(daemon) {
      daemon.underlay.neighbours.flush()
      return reply('OK')
    },
  },
  [`tnl/${what}/set`]: { usage: 'BRIDGE IP MAC', min: 3, max: 3, run: setNeighbour },
  [`tnl/${what}/show`]: {
    usage: '',
    min: 0,
    max: 0,
    run: daemon => reply(daemon.underlay.neighbours.show(daemon.switch.clock.now())),
  },
})

const portRange = (daemon: Vswitchd, [leastText, mostText]: readonly string[]): Reply => {
  const { sourcePorts } = daemon.underlay
  if (leastText === undefined || mostText === undefined) {
    const { least, most } = sourcePorts
    return reply(`Tunnel UDP source port range: ${least}-${most}\n`)
  }
  const least = leadingInteger(leastText)
  if (least <= 0 || least > 65535) return reply('Invalid min.')
  const most = leadingInteger(mostText)
  if (most <= 0 || most > 65535) return reply('Invalid max.')
  sourcePorts.least = Math.min(least, most)
  sourcePorts.most = Math.max(least, most)
  return reply('OK')
}

/** `10.0.0.0/24`, or an address alone. */
const parsePrefix = (text: string): { prefix: Ip; length: number } | undefined => {
  const [address = '', lengthText] = text.split('/')
  const ip = parseIp(address)
  if (ip === undefined) return undefined
  const most = isIp6(ip) ? 128 : 32
  const length = lengthText === undefined ? most : /^[0-9]+$/.test(lengthText) ? Number(lengthText) : -1
  if (length < 0 || length > most) return undefined
  return { prefix: isIp6(ip) ? ip & mask6(length) : (ip & mask4(length)) >>> 0, length }
}

const markOf = (text: string): number | undefined => {
  const [, value] = /^pkt_mark=(0x[0-9a-f]+|[0-9]+)$/i.exec(text) ?? []
  return value === undefined ? undefined : Number(value)
}

const addRoute = (daemon: Vswitchd, [to = '', bridge = '', ...rest]: readonly string[]): Reply => {
  const prefix = parsePrefix(to)
  if (prefix === undefined) return refuse('Invalid parameters')
  let gateway: Ip | undefined
  let mark = 0
  for (const word of rest) {
    const marked = markOf(word)
    const ip = isIp6(prefix.prefix) ? parseIp(word) : parseIp4(word)
    if (marked !== undefined) mark = marked
    else if (ip !== undefined && isIp6(ip) === isIp6(prefix.prefix)) gateway = ip
    else return refuse('Invalid pkt_mark or gateway')
  }
  const source = sourceFor(dummyNamed(daemon, bridge)?.addresses ?? [], gateway ?? prefix.prefix)
  if (source === undefined) return refuse('Error while inserting route.')
  daemon.underlay.routes.add({ ...prefix, mark, bridge, gateway, source })
  return reply('OK')
}

const removeRoute = (daemon: Vswitchd, [to = '', markText]: readonly string[]): Reply => {
  const prefix = parsePrefix(to)
  if (prefix === undefined) return refuse('Invalid parameters')
  const mark = markText === undefined ? 0 : markOf(markText)
  if (mark === undefined) return refuse('Invalid pkt_mark')
  return daemon.underlay.routes.remove({ ...prefix, mark }) ? reply('OK') : refuse('Not found')
}

const lookUp = (daemon: Vswitchd, [text = '', markText]: readonly string[]): Reply => {
  const ip = parsePrefix(text)
  if (ip === undefined || ip.length !== (isIp6(ip.prefix) ? 128 : 32)) return refuse('Invalid parameters')
  const mark = markText === undefined ? 0 : markOf(markText)
  if (mark === undefined) return refuse('Invalid pkt_mark')
  const route = daemon.underlay.routes.lookup(ip.prefix, mark)
  if (route === undefined) return refuse('Not found')
  const any = isIp6(ip.prefix) ? '::' : '0.0.0.0'
  const gateway = route.gateway === undefined ? any : formatIp(route.gateway)
  return reply(`src ${formatIp(route.source)}\ngateway ${gateway}\ndev ${route.bridge}\n`)
}

const command = (usage: string, min: number, max: number, run: UnixctlCommand['run']): UnixctlCommand => ({
  usage,
  min,
  max,
  run,
})

/** The UDP ports that tunnels listen on; `-v`: at which addresses. */
const listening = ({ switch: sw, underlay }: Vswitchd, words: readonly string[]): string => {
  const ports = [...sw.datapath.ports()].flatMap(([number, { name }]) => {
    const [, udp] = /_sys_([0-9]+)$/.exec(name) ?? []
    return udp === undefined ? [] : [{ title: `${name} (${number})`, udp }]
  })
  if (words[0] !== '-v') {
    const shared = ports.map(({ title, udp }) => `${title} ref_cnt=${sw.tunnels.users(Number(udp))}\n`)
    return `Listening ports:\n${shared.join('')}`
  }
  const ends = [...sw.bridges.values()]
    .filter(({ name }) => underlay.endsAt(name))
    .flatMap(({ name, mac }) => underlay.addresses(name).map(ip => ({ mac, ip })))
    .sort((a, b) => Number(isIp6(a.ip)) - Number(isIp6(b.ip)))
  const rows = ends.flatMap(({ mac, ip }) =>
    ports.map(({ title, udp }) => `${title} : ${formatListening(mac, ip, udp)}\n`),
  )
  return `Listening ports:\n${rows.join('')}`
}

const formatListening = (mac: Mac, ip: Ip, udp: string): string => {
  const [type, protocol] = isIp6(ip) ? ['0x86dd', 'ipv6'] : ['0x0800', 'ipv4']
  const to = `${protocol}(dst=${formatIp(ip)},proto=17,frag=no)`
  return `eth(dst=${formatMac(mac)}),eth_type(${type}),${to},udp(dst=${udp})`
}

/** A tunnel port's options as they are understood; without an address an end is any. */
const formatTunnel = (port: BridgePort): string[] => {
  const { config } = parseTunnelOptions(port.name, port.options)
  if (config === undefined) return []
  const { local = parseIp6('::') as Ip, remote, inKey, outKey = 0, ttl, tos, dialect } = config
  const end = (address: Ip | 'flow'): string => (address === 'flow' ? address : formatIp(address))
  const key = (value: number | 'flow'): string => (typeof value === 'string' || value === 0 ? `${value}` : hex(value))
  const said = port.options.packet_type ?? ''
  const kind = dialect === 'gpe' && ['ptap', 'legacy_l3'].includes(said) ? said : 'legacy_l2'
  const details = [
    `${end(local)}->${end(remote)}`,
    `key=${key(inKey)}`,
    kind,
    `dp port=${port.datapathPort}`,
    ...(outKey === inKey ? [] : [`out_key=${key(outKey)}`]),
    `ttl=${ttl}`,
    ...(tos === 0 ? [] : [`tos=${tos === 'inherit' ? tos : hex(tos)}`]),
    ...(config.dontFragment ? [] : ['df=false']),
    ...(config.csum ? ['csum=true'] : []),
  ]
  return [`port ${port.datapathPort}: ${port.name} (${port.type}: ${details.join(', ')})`]
}

const hex = (value: number): string => `0x${value.toString(16)}`

/** Tunnel ports of all bridges, by name; those whose device is a dummy are none. */
const tunnels = ({ switch: sw }: Vswitchd): string => {
  const ports = [...sw.bridges.values()].flatMap(({ ports }) => [...ports.values()])
  const shared = new Set(sw.tunnels.ports.values())
  const own = ports.filter(({ type, datapathPort }) => type === 'vxlan' && shared.has(datapathPort ?? -1))
  return lines(own.sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap(formatTunnel))
}

export const tunnelCommands: UnixctlCommands = {
  'ofproto/list-tunnels': command('', 0, 0, daemon => reply(tunnels(daemon))),
  ...neighbourCommands('arp'),
  ...neighbourCommands('neigh'),
  'tnl/egress_port_range': command('min max', 0, 2, portRange),
  'tnl/ports/show': command('-v', 0, 1, (daemon, words) => reply(listening(daemon, words))),
  'ovs/route/add': command('ip_addr/prefix_len out_br_name [gw] [pkt_mark=mark]', 2, 4, addRoute),
  'ovs/route/del': command('ip_addr/prefix_len [pkt_mark=mark]', 1, 2, removeRoute),
  'ovs/route/lookup': command('ip_addr [pkt_mark=mark]', 1, 2, lookUp),
  'ovs/route/show': command('', 0, 0, daemon => reply(daemon.underlay.routes.show())),
}
