import { formatActions } from '../../datapath/actions-text.ts'
import type { CachedFlow } from '../../datapath/datapath.ts'
import { formatOdpKey } from '../../flow/odp-text.ts'
import { second } from '../../runtime/clock.ts'
import type { Bridge } from '../../switch/bridge.ts'
import type { BridgePort } from '../../switch/port.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, refuse, reply, type UnixctlCommands, withBridge } from './command.ts'

/** `recirc_id(0),in_port(1),…, packets:3, bytes:222, used:0.040s, actions:2`. */
const formatFlow = ({ flow, stats }: CachedFlow, now: number): string => {
  const used = stats.used === undefined ? 'never' : `${((now - stats.used) / second).toFixed(3)}s`
  const flags = stats.tcpFlags === 0 ? '' : `, flags:${tcpFlags(stats.tcpFlags)}`
  const { key, mask, actions } = flow
  return `${formatOdpKey({ key, mask })}, packets:${stats.packets}, bytes:${stats.bytes}, used:${used}${flags}, actions:${formatActions(actions, key)}`
}

const tcpFlags = (flags: number): string => [...'FSRP.UEC'].filter((_, bit) => ((flags >> bit) & 1) === 1).join('')

const formatPortLine = ({ name, ofport, datapathPort, type, options, peer }: BridgePort): string => {
  const said = type === 'patch' ? [['peer', peer ?? '']] : Object.entries(options)
  const detail = said
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(', ')
  return `    ${name} ${ofport}/${datapathPort ?? 'none'}: (${type}${detail === '' ? '' : `: ${detail}`})`
}

const byName = <T extends { name: string }>(items: Iterable<T>): T[] =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1))

const show = ({ switch: sw }: Vswitchd): string => {
  const { hit, missed } = sw.datapath.stats()
  const texts = [`${sw.datapath.name}: hit:${hit} missed:${missed}`]
  for (const bridge of byName(sw.bridges.values())) {
    texts.push(`  ${bridge.name}:`, ...byName(bridge.ports.values()).map(formatPortLine))
  }
  return lines(texts)
}

const showDatapath = ({ switch: { datapath } }: Vswitchd): string => {
  const { hit, missed, lost, flows, masks, maskHits, cacheHits } = datapath.stats()
  const all = hit + missed
  const share = (count: number): string => (all === 0 ? '0.00' : (count / all).toFixed(2))
  return lines([
    `${datapath.name}:`,
    `  lookups: hit:${hit} missed:${missed} lost:${lost}`,
    `  flows: ${flows}`,
    `  masks: hit:${maskHits} total:${masks} hit/pkt:${share(maskHits)}`,
    `  cache: hit:${cacheHits} hit-rate:${all === 0 ? '0.00' : ((100 * cacheHits) / all).toFixed(2)}%`,
    ...[...datapath.ports()]
      .sort(([a], [b]) => a - b)
      .map(([number, { name, type }]) => `  port ${number}: ${name}${type === 'system' ? '' : ` (${type})`}`),
  ])
}

const dumpFlows = ({ switch: sw }: Vswitchd, bridge?: Bridge): string => {
  sw.settle()
  const own = bridge === undefined ? undefined : new Set([...bridge.ports.values()].map(port => port.datapathPort))
  const now = sw.clock.now()
  return lines(
    [...sw.datapath.flows()]
      .filter(({ flow }) => own === undefined || own.has(flow.key[0]))
      .map(flow => formatFlow(flow, now)),
  )
}

/** Why frames went nowhere, of the datapath and of the switch, and what happened how often. */
const coverage = ({ switch: sw }: Vswitchd): string =>
  lines(sw.counters().map(([name, count]) => `${name.padEnd(26)} total: ${count}`))

const flush = ({ switch: sw }: Vswitchd): Reply => {
  sw.flush()
  return reply('')
}

/** Other datapaths than the one there is cannot be opened. */
const ofDatapath =
  (run: (daemon: Vswitchd) => Reply, unknown: (name: string) => string) =>
  (daemon: Vswitchd, [name]: readonly string[]): Reply => {
    const own = daemon.switch.datapath.name
    return name === undefined || name === own || name === own.split('@')[1] ? run(daemon) : refuse(unknown(name))
  }

const settle = ({ switch: sw }: Vswitchd): Reply => {
  sw.settle()
  return reply('')
}

const noDatapath = (name: string): string => `ovs-vswitchd: opening datapath ${name} failed (No such device)`

const readCounter = ({ switch: sw }: Vswitchd, [name]: readonly string[]): Reply => {
  const found = sw.counters().find(([each]) => each === name)
  return found === undefined ? refuse('No such counter') : reply(`${found[1]}\n`)
}

export const datapathCommands: UnixctlCommands = {
  'dpif/show': { usage: '', min: 0, max: 0, run: daemon => reply(show(daemon)) },
  'dpif/dump-flows': {
    usage: '[-m] [--names | --no-names] bridge',
    min: 1,
    max: 1,
    run: withBridge((daemon, bridge) => reply(dumpFlows(daemon, bridge))),
  },
  'dpif/dump-dps': {
    usage: '',
    min: 0,
    max: 0,
    run: ({ switch: { datapath, bridges } }) =>
      reply(lines([...bridges.keys()].sort().map(name => `${datapath.name.split('@')[0]}@${name}`))),
  },
  'dpctl/dump-dps': { usage: '', min: 0, max: 0, run: daemon => reply(`${daemon.switch.datapath.name}\n`) },
  'dpctl/del-flows': { usage: '[dp]', min: 0, max: 1, run: ofDatapath(flush, noDatapath) },
  'revalidator/purge': { usage: '', min: 0, max: 0, run: flush },
  'revalidator/wait': { usage: '', min: 0, max: 0, run: settle },
  'dpctl/show': {
    usage: '[-s] [dp...]',
    min: 0,
    max: 1,
    run: ofDatapath(daemon => reply(showDatapath(daemon)), noDatapath),
  },
  'dpctl/dump-flows': {
    usage: '[-m] [--names] [dp] [filter=..] [type=..] [pmd=..]',
    min: 0,
    max: 1,
    run: daemon => reply(`flow-dump from the main thread:\n${dumpFlows(daemon)}`),
  },
  'coverage/read-counter': { usage: 'COUNTER', min: 1, max: 1, run: readCounter },
  'coverage/show': { usage: '', min: 0, max: 0, run: daemon => reply(coverage(daemon)) },
}
