/** `dpctl/dump-flows`, `get-flow`, `del-flow` and their like: the cached flows, one by one. */
import type { CachedFlow } from '../../datapath/datapath.ts'
import type { Match } from '../../flow/match.ts'
import { isMatchWord, parseMatch, splitItems } from '../../flow/match-text.ts'
import { parseOdpKey } from '../../flow/odp-parse.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, refuse, reply, type UnixctlCommands } from './command.ts'
import { dpctlError, isDatapath, noSuchDatapath, withDatapath } from './datapath-name.ts'
import { type DumpOptions, formatFlow, mayMeet, ufidOf } from './flow-dump.ts'

/** What `type=` may be, and whether flows of a datapath in software are that. */
const types: Readonly<Record<string, boolean>> = {
  all: true,
  ovs: true,
  '': false,
  tc: false,
  dpdk: false,
  offloaded: false,
  'non-offloaded': true,
  'partially-offloaded': false,
}

type Read = { options: DumpOptions; filter: Match | undefined; isWanted: boolean; byThread: boolean; words: string[] }

/** A text is what is wrong. */
const readDump = (daemon: Vswitchd, args: readonly string[]): Read | string => {
  const words: string[] = []
  const read: Read = { options: {}, filter: undefined, isWanted: true, byThread: true, words }
  for (const arg of args) {
    const [, name = '', value = ''] = /^(type|filter|pmd)=(.*)$/s.exec(arg) ?? []
    if (arg === '-m' || arg === '--more') read.options.all = true
    else if (arg === '--names' || arg === '--no-names') read.options.names = arg === '--names'
    else if (name === 'type') {
      if (!Object.hasOwn(types, value)) return `ovs-vswitchd: Failed to parse type (${value}) (Invalid argument)`
      read.isWanted &&= types[value] === true
    } else if (name === 'filter') {
      const filter = filterOf(daemon, value)
      if (typeof filter === 'string') return `ovs-vswitchd: Failed to parse filter (${filter})`
      read.filter = filter
    } else if (name === 'pmd') {
      // There is one thread, the main one, and it has no number.
      if (!/^[+-]?[0-9]+$/.test(value)) return ''
      read.byThread = false
      read.isWanted &&= value === '-1'
    } else if (/^--?[a-z]/.test(arg) && arg !== '-s' && arg !== '--statistics') return `Unrecognized option ${arg}`
    else if (!arg.startsWith('-')) words.push(arg)
  }
  return read
}

const filterOf = (daemon: Vswitchd, text: string): Match | string => {
  const unknown = splitItems(text)
    .map(item => item.split('=')[0] as string)
    .find(name => !isMatchWord(name))
  if (unknown !== undefined) return `${text}: unknown field ${unknown}`
  const byName = new Map([...daemon.switch.datapath.ports()].map(([number, { name }]) => [name, number]))
  const parsed = parseMatch(text, { portNumber: name => byName.get(name) })
  return 'wrong' in parsed ? `${text}: ${parsed.wrong}` : parsed.match
}

/** What follows the identifier, and the counts, of a flow told in full. */
const dpctlFull = { behind: ', ', about: ', dp:ovs' }

const dump = (daemon: Vswitchd, args: readonly string[]): Reply => {
  const read = readDump(daemon, args)
  if (typeof read === 'string') return refuse(read)
  const { options, filter, isWanted, byThread, words } = read
  if (words[0] !== undefined && !isDatapath(daemon, words[0])) return noSuchDatapath
  daemon.switch.settle()
  const flows = isWanted ? [...daemon.switch.datapath.flows()] : []
  const wanted = flows.filter(each => filter === undefined || mayMeet(each, filter))
  const head = byThread && wanted.length > 0 ? ['flow-dump from the main thread:'] : []
  return reply(lines([...head, ...wanted.map(each => formatFlow(daemon, each, options, dpctlFull))]))
}

const options = new Set(['-m', '--names', '--no-names'])

/** Leading options, then a bridge; what follows it is not looked at, unless there are more words than that. */
const dumpBridge = (daemon: Vswitchd, args: readonly string[]): Reply => {
  const name = args.at(-1) ?? ''
  const said = args.slice(0, -1).filter(arg => options.has(arg))
  const bridge = daemon.switch.bridges.get(name)
  if (bridge === undefined) return refuse('no such bridge')
  daemon.switch.settle()
  const own = new Set([...bridge.ports.values()].map(port => port.datapathPort))
  const flows = [...daemon.switch.datapath.flows()].filter(({ flow }) => own.has(flow.key[0]))
  const shown = { all: said.includes('-m'), names: said.includes('--names') }
  return reply(lines(flows.map(each => formatFlow(daemon, each, shown))))
}

const byUfid = (daemon: Vswitchd, text: string): CachedFlow | undefined =>
  [...daemon.switch.datapath.flows()].find(each => `ufid:${ufidOf(each)}` === text.trim().toLowerCase())

const isUfid = (text: string): boolean => /^ufid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text.trim())

const get = (daemon: Vswitchd, [text = '']: readonly string[]): Reply => {
  if (!isUfid(text)) return reply('ovs-vswitchd: parsing flow ufid')
  const found = byUfid(daemon, text)
  if (found === undefined) return dpctlError('getting flow (No such file or directory)')
  return reply(lines([formatFlow(daemon, found, { all: true }, dpctlFull)]))
}

const noFlow = 'deleting flow (No such file or directory)'

/** By its identifier, or as it is written in a dump: a key is the flow's that agrees with it in all that is looked at. */
const remove = (daemon: Vswitchd, [text = '']: readonly string[]): Reply => {
  const { datapath } = daemon.switch
  if (isUfid(text)) {
    const found = byUfid(daemon, text)
    if (found === undefined) return dpctlError(noFlow)
    daemon.switch.syncStats()
    datapath.removeFlow(found.id)
    return reply('')
  }
  const read = parseOdpKey(text, name => [...datapath.ports()].find(([, vport]) => vport.name === name)?.[0])
  if (!read.ok) return dpctlError(`syntax error at ${read.wrong} (Invalid argument)`)
  const { key } = read
  const found = [...datapath.flows()].find(({ flow }) =>
    flow.key.every((value, i) => ((value ^ key[i]!) & flow.mask[i]!) === 0),
  )
  if (found === undefined) return dpctlError(`${noFlow}\nPerhaps you need to specify a UFID?`)
  daemon.switch.syncStats()
  datapath.removeFlow(found.id)
  return reply('')
}

export const flowCommands: UnixctlCommands = {
  'dpctl/dump-flows': {
    usage: '[-m] [--names] [dp] [filter=..] [type=..] [pmd=..]',
    min: 0,
    max: 6,
    run: dump,
  },
  'dpif/dump-flows': {
    usage: '[-m] [--names | --no-names] bridge',
    min: 1,
    max: Number.POSITIVE_INFINITY,
    run: dumpBridge,
  },
  'dpctl/get-flow': { usage: '[dp] ufid', min: 1, max: 2, run: withDatapath(1, get) },
  'dpctl/del-flow': { usage: '[dp] flow', min: 1, max: 2, run: withDatapath(1, remove) },
}
