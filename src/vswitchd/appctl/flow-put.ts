/** `dpctl/add-flow`, `mod-flow` and their like, which take flows from files. */
import type { Action } from '../../datapath/action.ts'
import { parseOdpActions } from '../../datapath/actions-parse.ts'
import { formatActions } from '../../datapath/actions-text.ts'
import type { Datapath } from '../../datapath/datapath.ts'
import { word } from '../../flow/layout.ts'
import { fitOdpKey, matchOdpFlow } from '../../flow/odp-fit.ts'
import { formatOdpFlow } from '../../flow/odp-flow-text.ts'
import type { OdpFlow } from '../../flow/odp-parse.ts'
import { fromUtf8 } from '../../runtime/index.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, refuse, reply, type UnixctlCommands } from './command.ts'
import {
  chosenDatapath,
  type DpctlOptions,
  type DpctlRun,
  datapathNamed,
  dpctlError,
  readDpctl,
  withDatapath,
} from './datapath-name.ts'
import { removeFlow } from './flow-commands.ts'
import { formatStats, ufidOfWords } from './flow-dump.ts'
import { agreesWith, formatFlowError, portNumberOf, readFlow } from './flow-text.ts'
import { settingsOf } from './settings.ts'
import { systemError } from './system-error.ts'

type Verb = 'create' | 'modify'
type About = { datapath: Datapath; options: DpctlOptions }

const put =
  (verb: Verb): DpctlRun =>
  (daemon, [flowText = '', actionsText = ''], about) => {
    const read = readFlow(flowText, portNumberOf(about.datapath))
    if (!read.ok) return dpctlError(`parsing flow key (${formatFlowError(read)}) (Invalid argument)`)
    const actions = parseOdpActions(actionsText)
    if (!actions.ok) return dpctlError(`parsing actions (${systemError(actions.error)})`)
    return install(daemon, verb, read.flow, actions.actions, about)
  }

const install = (daemon: Vswitchd, verb: Verb, flow: OdpFlow, actions: Action[], about: About): Reply => {
  const { datapath, options } = about
  const { log } = daemon.switch
  const failed = (error: string, level: 'warn' | 'dbg' = 'warn'): Reply => {
    log('dpif', level, `${datapath.name}: failed to ${putText(verb, options)} (${error}) ${flowText(flow, actions)}`)
    return dpctlError(`updating flow table (${error})`)
  }
  const wrong = whatIsWrong(flow, verb)
  if ('lines' in wrong) {
    for (const { module, level, text } of wrong.lines) log(module, level, text)
    return failed('Invalid argument')
  }
  const { match } = wrong
  const present = [...datapath.flows()].find(each => agreesWith(each.flow, flow.key))
  if (present !== undefined && verb === 'create') return failed('File exists', 'dbg')
  if (present === undefined && verb === 'modify' && !options.mayCreate) return failed('No such file or directory')
  log('dpif', 'dbg', `${datapath.name}: ${putText(verb, options)} ${flowText(flow, actions)}`)
  const told = (stats: Parameters<typeof formatStats>[0]): Reply =>
    reply(options.statistics ? `${formatStats(stats, daemon.switch.clock.now())}\n` : '')
  if (present !== undefined) {
    datapath.replaceActions(present.id, actions)
    return told(present)
  }
  const id = datapath.addFlow({ ...match, actions })
  if (id === undefined) return failed('File exists', 'dbg')
  keepAdded(daemon, datapath, id, flow.ufid)
  return told({ stats: { packets: 0, bytes: 0, used: undefined, tcpFlags: 0 } })
}

/** Those of flows that are gone are forgotten. */
const keepAdded = (daemon: Vswitchd, datapath: Datapath, id: number, ufid: string | undefined): void => {
  const { added } = settingsOf(daemon)
  const known = added.get(datapath) ?? new Map<number, string | undefined>()
  const live = new Set([...datapath.flows()].map(each => each.id))
  for (const each of known.keys()) if (!live.has(each)) known.delete(each)
  known.set(id, ufid)
  added.set(datapath, known)
}

type Line = { module: string; level: 'err' | 'warn'; text: string }

/** The match of a flow that a datapath can have, or what the log says of one that it cannot. */
const whatIsWrong = (
  flow: OdpFlow,
  verb: Verb,
): { match: { key: OdpFlow['key']; mask: OdpFlow['mask'] } } | { lines: Line[] } => {
  const key = formatOdpFlow(flow, { masks: false, all: false })
  const fit = fitOdpKey(flow)
  if (fit.fit !== 'perfect') {
    const why = fit.fit === 'wrong' ? fit.why.split('; ') : []
    const said = why.map((text): Line => ({ module: 'odp_util', level: 'warn', text }))
    return {
      lines: [...said, { module: 'dpif_netdev', level: 'err', text: `internal error parsing flow key ${key}` }],
    }
  }
  if (flow.key[word.inPort] === 0xffffffff) return { lines: [] }
  const match = matchOdpFlow(flow)
  if (!match.ok) {
    const mask = formatOdpFlow(flow, { masks: true, all: true })
    const said = match.log.map((text): Line => ({ module: 'odp_util', level: 'warn', text }))
    return {
      lines: [
        ...said,
        { module: 'dpif_netdev', level: 'err', text: `internal error parsing flow mask ${mask} (error)` },
      ],
    }
  }
  if (flow.mask[word.inPort] !== 0xffffffff && flow.parts.some(({ name }) => name === 'in_port')) {
    const text = `failed to put[${verb}] flow: in_port is not an exact match`
    return { lines: [{ module: 'dpif_netdev', level: 'err', text }] }
  }
  return { match: match.match }
}

const putText = (verb: Verb, { mayCreate, clear }: DpctlOptions): string =>
  `put${verb === 'create' || mayCreate ? '[create]' : ''}${verb === 'modify' ? '[modify]' : ''}${clear ? '[zero]' : ''}`

const flowText = (flow: OdpFlow, actions: readonly Action[]): string => {
  const ufid = flow.ufid ?? ufidOfWords([...flow.key])
  return `ufid:${ufid} ${formatOdpFlow(flow, { masks: true, all: true })}, actions:${formatActions(actions)}`
}

/** What a line of a file says is to be done; without a word for it, what the command does. */
const verbs: Readonly<Record<string, 'add' | 'modify' | 'delete'>> = { add: 'add', modify: 'modify', delete: 'delete' }

/** Takes flows from a file, line by line; what is wrong with some of them does not keep it from taking the others. */
const putFile =
  (usual: 'add' | 'modify' | 'delete') =>
  (daemon: Vswitchd, args: readonly string[]): Reply => {
    const read = readDpctl(args)
    if (typeof read === 'string') return refuse(read)
    const { words, options } = read
    const named = words.length > 1 ? datapathNamed(daemon, words[0] as string) : undefined
    const datapath = named ?? chosenDatapath(daemon, undefined)
    if ('ok' in datapath) return datapath
    const path = words.at(-1) ?? ''
    const file = daemon.readFile(path)
    if (typeof file === 'string') return reply(`ovs-vswitchd: Opening file "${path}" failed (${file})`)
    const said = fromUtf8(file)
      .split('\n')
      .flatMap((line, i) => takeLine(daemon, line, i + 1, usual, { datapath, options }))
    return reply(lines(said))
  }

/** What is said of a line. */
const takeLine = (
  daemon: Vswitchd,
  line: string,
  number: number,
  usual: 'add' | 'modify' | 'delete',
  about: About,
): string[] => {
  const text = line.replace(/#.*/, '').trim()
  if (text === '') return []
  const [, said = '', behind = ''] = /^(\S+)\s+(.*)$/.exec(text) ?? []
  const verb = Object.hasOwn(verbs, said) ? verbs[said] : undefined
  const done = verb ?? usual
  const rest = verb === undefined ? text : behind
  const words = /^(\S+)\s+(.*)$/.exec(rest)?.slice(1) ?? [rest]
  if (words.length !== (done === 'delete' ? 1 : 2))
    return [`ovs-vswitchd: Failed parsing line number ${number}, skipped!`]
  const run = done === 'delete' ? removeFlow : put(done === 'add' ? 'create' : 'modify')
  const answer = run(daemon, words, about)
  const told = answer.ok ? answer.text : answer.error
  return told === '' ? [] : [told.trimEnd()]
}

/** One word is a datapath's name, or a file's. */
const removeFlows = (daemon: Vswitchd, args: readonly string[]): Reply => {
  const read = readDpctl(args)
  if (typeof read === 'string') return refuse(read)
  const [first, file] = read.words
  if (file !== undefined || (first !== undefined && datapathNamed(daemon, first) === undefined))
    return putFile('delete')(daemon, args)
  const datapath = chosenDatapath(daemon, first)
  if ('ok' in datapath) return datapath
  if (datapath === daemon.switch.datapath) daemon.switch.flush()
  else datapath.clear()
  return reply('')
}

export const putCommands: UnixctlCommands = {
  'dpctl/add-flow': { usage: '[dp] flow actions', min: 2, max: 3, run: withDatapath(2, put('create')) },
  'dpctl/mod-flow': { usage: '[dp] flow actions', min: 2, max: 3, run: withDatapath(2, put('modify')) },
  'dpctl/add-flows': { usage: '[dp] file', min: 1, max: 2, run: putFile('add') },
  'dpctl/mod-flows': { usage: '[dp] file', min: 1, max: 2, run: putFile('modify') },
  'dpctl/del-flows': { usage: '[dp] [file]', min: 0, max: 2, run: removeFlows },
}
