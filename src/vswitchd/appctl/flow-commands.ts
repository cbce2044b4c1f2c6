/** `dpctl/dump-flows`, `get-flow`, `del-flow` and their like: the cached flows, one by one. */
import type { CachedFlow, Datapath } from '../../datapath/datapath.ts'
import type { Match } from '../../flow/match.ts'
import { isMatchWord, parseMatch, splitItems } from '../../flow/match-text.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, refuse, reply, type UnixctlCommands } from './command.ts'
import {
  chosenDatapath,
  type DpctlRun,
  datapathsOf,
  dpctlError,
  noSuchDatapath,
  readDpctl,
  wholeName,
  withDatapath,
} from './datapath-name.ts'
import { type DumpOptions, formatFlow, formatStats, mayMeet, ufidOf } from './flow-dump.ts'
import { agreesWith, formatFlowError, portNumberOf, readFlow } from './flow-text.ts'

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

/** Options, words, and at the end what is wanted of the flows; a text is what is wrong. */
const readDump = (daemon: Vswitchd, args: readonly string[]): Read | string => {
  const said = readDpctl(args)
  if (typeof said === 'string') return said
  const { words } = said
  const options: DumpOptions = {
    all: said.options.more,
    ...(said.options.names === undefined ? {} : { names: said.options.names }),
  }
  const read: Read = { options, filter: undefined, isWanted: true, byThread: true, words }
  for (;;) {
    const [, name, value = ''] = /^(type|filter|pmd)=(.*)$/s.exec(words.at(-1) ?? '') ?? []
    if (name === undefined) return read
    words.pop()
    if (name === 'type') {
      if (!Object.hasOwn(types, value)) return `ovs-vswitchd: Failed to parse type (${value}) (Invalid argument)`
      read.isWanted &&= types[value] === true
    } else if (name === 'filter') {
      const filter = filterOf(daemon, value)
      if (typeof filter === 'string') return `ovs-vswitchd: Failed to parse filter (${filter})`
      read.filter = filter
    } else {
      // There is one thread, the main one, and it has no number.
      if (!/^[+-]?[0-9]+$/.test(value)) return ''
      read.byThread = false
      read.isWanted &&= value === '-1'
    }
  }
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
  const [name = ''] = words
  const named = datapathsOf(daemon).get(wholeName(name))
  const datapath = named ?? (words.length === 1 ? noSuchDatapath : chosenDatapath(daemon, undefined))
  if ('ok' in datapath) return datapath
  if (datapath === daemon.switch.datapath) daemon.switch.settle()
  const flows = isWanted ? [...datapath.flows()] : []
  const wanted = flows.filter(each => filter === undefined || mayMeet(each, filter))
  const head = byThread && wanted.length > 0 ? ['flow-dump from the main thread:'] : []
  return reply(lines([...head, ...wanted.map(each => formatFlow(daemon, datapath, each, options, dpctlFull))]))
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
  const { datapath } = daemon.switch
  const flows = [...datapath.flows()].filter(({ flow }) => own.has(flow.key[0]))
  const shown = { all: said.includes('-m'), names: said.includes('--names') }
  return reply(lines(flows.map(each => formatFlow(daemon, datapath, each, shown))))
}

const byUfid = (daemon: Vswitchd, datapath: Datapath, ufid: string): CachedFlow | undefined =>
  [...datapath.flows()].find(each => ufidOf(daemon, datapath, each) === ufid)

const ufidIn = (text: string): string | undefined =>
  /^ufid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/i.exec(text)?.[1]?.toLowerCase()

const missing = 'No such file or directory'

const get: DpctlRun = (daemon, [text = ''], { datapath, options }) => {
  const ufid = ufidIn(text)
  if (ufid === undefined)
    return reply(`ovs-vswitchd: parsing flow ufid${/^\s*ufid:/.test(text) ? ' (Invalid argument)' : ''}`)
  const found = byUfid(daemon, datapath, ufid)
  if (found === undefined) {
    const about = `ufid:${ufid} <empty>, packets:0, bytes:0, used:never`
    daemon.switch.log('dpif', 'warn', `${datapath.name}: failed to flow_get (${missing}) ${about}`)
    return dpctlError(`getting flow (${missing})`)
  }
  const shown = { all: options.more, names: options.names }
  return reply(lines([formatFlow(daemon, datapath, found, shown, dpctlFull)]))
}

/** By its identifier, or as it is written in a dump: a key is the flow's that agrees with it in all that is looked at. */
export const removeFlow: DpctlRun = (daemon, [text = ''], { datapath, options }) => {
  const ufid = ufidIn(text)
  const read = readFlow(text, portNumberOf(datapath))
  // What is only an identifier has no key to be read.
  if (!read.ok && (ufid === undefined || read.wrong !== ''))
    return dpctlError(`${formatFlowError(read)} (Invalid argument)`)
  const found =
    ufid !== undefined
      ? byUfid(daemon, datapath, ufid)
      : [...datapath.flows()].find(({ flow }) => read.ok && agreesWith(flow, read.flow.key))
  if (found === undefined) return dpctlError(`deleting flow (${missing})\nPerhaps you need to specify a UFID?`)
  if (datapath === daemon.switch.datapath) daemon.switch.syncStats()
  datapath.removeFlow(found.id)
  return reply(options.statistics ? `${formatStats(found, daemon.switch.clock.now())}\n` : '')
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
  'dpctl/del-flow': { usage: '[dp] flow', min: 1, max: 2, run: withDatapath(1, removeFlow) },
}
