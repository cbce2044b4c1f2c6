import type { Datapath, Vport } from '../../datapath/datapath.ts'
import type { BridgePort } from '../../switch/port.ts'
import { VxlanPort } from '../../wire/vxlan.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, refuse, reply, type UnixctlCommands } from './command.ts'
import { scanned } from './conntrack-tuple.ts'
import {
  datapathNamed,
  datapathsOf,
  dpctlError,
  isOfDummies,
  readDpctl,
  whyNot,
  withDatapath,
} from './datapath-name.ts'

/** A bridge's port as `dpif/show` has it: dummies may stand for devices of many types. */
const formatPortLine = (vports: ReadonlyMap<number, Vport>, port: BridgePort): string => {
  const { name, ofport, datapathPort, type, options, peer } = port
  const said = type === 'patch' ? [['peer', peer ?? '']] : Object.entries(options)
  const detail = said
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(', ')
  const isNamed = type === 'internal' || type === 'dummy'
  const vport = isNamed && datapathPort !== undefined ? vports.get(datapathPort) : undefined
  return `    ${name} ${ofport}/${datapathPort ?? 'none'}: (${vport?.type ?? type}${detail === '' ? '' : `: ${detail}`})`
}

const byName = <T extends { name: string }>(items: Iterable<T>): T[] =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1))

const show = ({ switch: sw }: Vswitchd): string => {
  if (sw.bridges.size === 0) return ''
  const { hit, missed } = sw.datapath.stats()
  const texts = [`${sw.datapath.name}: hit:${hit} missed:${missed}`]
  const vports = sw.datapath.ports()
  for (const bridge of byName(sw.bridges.values())) {
    texts.push(`  ${bridge.name}:`, ...byName(bridge.ports.values()).map(port => formatPortLine(vports, port)))
  }
  return lines(texts)
}

/** Counts of a port; those that a device in software does not have are `?`. */
const formatCounts = (datapath: Datapath, number: number): string[] => {
  const { rxPackets = 0, rxBytes = 0, txPackets = 0, txBytes = 0 } = datapath.portStats(number) ?? {}
  return [
    `    RX packets:${rxPackets} errors:? dropped:? overruns:? frame:?`,
    `    TX packets:${txPackets} errors:? dropped:? aborted:? carrier:?`,
    '    collisions:?',
    `    RX bytes:${rxBytes}${inUnits(rxBytes)}  TX bytes:${txBytes}${inUnits(txBytes)}`,
  ]
}

/** ` (1.5 KiB)`, nothing below that. */
const inUnits = (size: number): string => {
  const unit = ['TiB', 'GiB', 'MiB', 'KiB'].find((_, i) => size >= 1024 ** (4 - i))
  if (unit === undefined) return ''
  return ` (${(size / 1024 ** ('KMGT'.indexOf(unit[0] as string) + 1)).toFixed(1)} ${unit})`
}

/** Open vSwitch's tunnel ports carry frames of any type. */
const formatKind = (name: string, type: string): string => {
  const [, udpPort] = /_sys_([0-9]+)$/.exec(name) ?? []
  const other = udpPort === undefined || Number(udpPort) === VxlanPort.iana ? '' : `dst_port=${udpPort}, `
  if (type === 'vxlan' && udpPort !== undefined) return ` (vxlan: ${other}packet_type=ptap)`
  return type === 'system' ? '' : ` (${type})`
}

const showDatapath = (datapath: Datapath, withCounts: boolean): string => {
  const { hit, missed, lost, flows, masks, maskHits, cacheHits } = datapath.stats()
  const all = hit + missed
  const share = (count: number): string => (all === 0 ? '0.00' : (count / all).toFixed(2))
  // Only a kernel's datapath tells of its masks.
  const inside =
    datapath.name.startsWith('system@') && !isOfDummies(datapath)
      ? [
          `  masks: hit:${maskHits} total:${masks} hit/pkt:${share(maskHits)}`,
          `  cache: hit:${cacheHits} hit-rate:${all === 0 ? '0.00' : ((100 * cacheHits) / all).toFixed(2)}%`,
        ]
      : []
  return lines([
    `${datapath.name}:`,
    `  lookups: hit:${hit} missed:${missed} lost:${lost}`,
    `  flows: ${flows}`,
    ...inside,
    ...[...datapath.ports()]
      .sort(([a], [b]) => a - b)
      .flatMap(([number, { name, type }]) => [
        `  port ${number}: ${name}${formatKind(name, type)}`,
        ...(withCounts ? formatCounts(datapath, number) : []),
      ]),
  ])
}

/** Of one that is not there the error stands among those that are. */
const showDatapaths = (daemon: Vswitchd, args: readonly string[]): Reply => {
  const read = readDpctl(args)
  if (typeof read === 'string') return refuse(read)
  const { options, words } = read
  const wanted = words.length === 0 ? [...datapathsOf(daemon).keys()] : words
  let isWrong = false
  const texts = wanted.map(name => {
    const datapath = datapathNamed(daemon, name)
    if (datapath !== undefined) return showDatapath(datapath, options.statistics)
    isWrong = true
    return `ovs-vswitchd: opening datapath ${name} failed (${whyNot(daemon, name)})\n`
  })
  return isWrong ? refuse(texts.join('')) : reply(texts.join(''))
}

const flush = ({ switch: sw }: Vswitchd): Reply => {
  sw.flush()
  return reply('')
}

const settle = ({ switch: sw }: Vswitchd): Reply => {
  sw.settle()
  return reply('')
}

const showCache = (daemon: Vswitchd, args: readonly string[]): Reply => {
  const read = readDpctl(args)
  if (typeof read === 'string') return refuse(read)
  const [name] = read.words
  const named = name === undefined ? [...datapathsOf(daemon).values()] : [datapathNamed(daemon, name)]
  const [first] = named
  if (name !== undefined && first === undefined)
    return refuse(`ovs-vswitchd: Opening datapath ${name} failed (${whyNot(daemon, name)})`)
  return reply(lines(named.map(datapath => `${datapath?.name}:`)))
}

/** There are none whose size could be set. */
const setCache = (daemon: Vswitchd, args: readonly string[]): Reply => {
  const read = readDpctl(args)
  if (typeof read === 'string') return refuse(read)
  const [name = '', , size = ''] = read.words
  if (scanned(size, 32) === undefined) return dpctlError('size is malformed (Invalid argument)')
  if (datapathNamed(daemon, name) === undefined)
    return dpctlError(`Opening datapath ${name} failed (${whyNot(daemon, name)})`)
  return dpctlError('Setting caches not supported (Operation not supported)')
}

const any = Number.POSITIVE_INFINITY

const changePortNumber = (daemon: Vswitchd, [name = '', portName = '', number = '']: readonly string[]): Reply => {
  const { datapath } = daemon.switch
  if (!isOfDummies(datapath) || datapath.name.split('@')[1] !== name) return refuse('unknown datapath or not a dummy')
  const bridges = [...daemon.switch.bridges.values()]
  if (!bridges.some(bridge => bridge.portByName(portName)?.datapathPort !== undefined)) return refuse('unknown port')
  if (!/^[0-9]+$/.test(number) || Number(number) < 1 || Number(number) >= 0xffffffff) return refuse('bad port number')
  if (datapath.ports().has(Number(number))) return refuse('port number already in use')
  daemon.switch.renumberPort(portName, Number(number))
  return reply('')
}

export const datapathCommands: UnixctlCommands = {
  'dpif/show': { usage: '', min: 0, max: 0, run: daemon => reply(show(daemon)) },
  'dpif/dump-dps': {
    usage: '',
    min: 0,
    max: 0,
    run: ({ switch: { datapath, bridges } }) =>
      reply(lines([...bridges.keys()].sort().map(name => `${datapath.name.split('@')[0]}@${name}`))),
  },
  'dpctl/dump-dps': {
    usage: '',
    min: 0,
    max: 0,
    run: daemon => reply(lines([...datapathsOf(daemon).keys()])),
  },
  'revalidator/purge': { usage: '', min: 0, max: 0, run: flush },
  'revalidator/wait': { usage: '', min: 0, max: 0, run: settle },
  'dpctl/show': { usage: '[-s] [dp...]', min: 0, max: any, run: showDatapaths },
  'dpctl/cache-get-size': { usage: '[dp]', min: 0, max: 1, run: showCache },
  'dpctl/cache-set-size': {
    usage: 'dp cache <size>',
    min: 3,
    max: 3,
    run: setCache,
  },
  'dpctl/offload-stats-show': {
    usage: '[dp]',
    min: 0,
    max: 1,
    run: withDatapath(0, () => refuse('ovs-vswitchd: retrieving offload statistics (Invalid argument)')),
  },
  'dpif-dummy/change-port-number': { usage: 'dp port new-number', min: 3, max: 3, run: changePortNumber },
}
