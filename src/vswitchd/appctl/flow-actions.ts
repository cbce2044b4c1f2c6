/** `dpctl/parse-actions` and `normalize-actions`: actions of a datapath read and told again. */
import type { Action } from '../../datapath/action.ts'
import { parseOdpActions } from '../../datapath/actions-parse.ts'
import { formatActions } from '../../datapath/actions-text.ts'
import { type FlowKey, word } from '../../flow/layout.ts'
import { fitOdpKey } from '../../flow/odp-fit.ts'
import { formatOdpFlow } from '../../flow/odp-flow-text.ts'
import { parseOdpFlow } from '../../flow/odp-parse.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, refuse, reply, type UnixctlCommands } from './command.ts'
import { readDpctl } from './datapath-name.ts'
import { systemError } from './system-error.ts'

const unread = (error: number): string => `ovs-vswitchd: odp_actions_from_string (${systemError(error)})`

/** Those before one that is wrong are told. */
const parse = (_daemon: Vswitchd, args: readonly string[]): Reply => {
  const read = readDpctl(args)
  if (typeof read === 'string') return refuse(read)
  const told: string[] = []
  for (const text of read.words) {
    const actions = parseOdpActions(text)
    if (!actions.ok) return refuse(lines([...told, unread(actions.error)]))
    told.push(formatActions(actions.actions))
  }
  return reply(lines(told))
}

/** How the tags and labels are that a frame has where some actions are done to it. */
type Stage = { tags: readonly number[]; label: number; actions: Action[] }

/** How Open vSwitch numbers how a flow does not fit. */
const fits = { perfect: 0, much: 1, little: 2, wrong: 3 }

const normalize = (_daemon: Vswitchd, args: readonly string[]): Reply => {
  const read = readDpctl(args)
  if (typeof read === 'string') return refuse(read)
  const [flowText = '', actionsText = '', ...names] = read.words
  const ports = new Map<string, number>()
  for (const text of names) {
    const [, name = '', number] = /^([^=]*)=(.*)$/s.exec(text) ?? []
    if (number === undefined || !/^[0-9]+$/.test(number)) return refuse(`ovs-vswitchd: ${text}: expected NAME=NUMBER`)
    ports.set(name, Number(number))
  }
  const portNumber = (name: string): number | undefined => ports.get(name)
  const flow = parseOdpFlow(flowText, portNumber, false)
  if (!flow.ok)
    return refuse(`ovs-vswitchd: odp_flow_key_from_string (syntax error at ${flow.wrong}) (Invalid argument)`)
  const input = `input flow: ${formatOdpFlow(flow.flow, { masks: false, all: false })}`
  const fit = fitOdpKey(flow.flow)
  if (fit.fit !== 'perfect') {
    const why = fit.fit === 'wrong' ? fit.why : 'reason unknown'
    const error = `odp_flow_key_to_flow failed (${why}) (${systemError(fits[fit.fit])})`
    return refuse(lines([input, `ovs-vswitchd: ${error}`]))
  }
  const actions = parseOdpActions(actionsText, portNumber)
  if (!actions.ok) return refuse(lines([input, unread(actions.error)]))
  const stages = stagesOf(flow.flow.key, actions.actions)
  return reply(lines([input, ...(stages.length === 0 ? [] : [stages.map(formatStage).join('')])]))
}

/** Actions, put together where frames have the same tags, in the order of those. Outputs in a row are by number. */
const stagesOf = (key: FlowKey, actions: readonly Action[]): Stage[] => {
  const stages = new Map<string, Stage>()
  let tags = [key[word.vlan]!, key[word.vlan1]!].filter(tag => (tag & 0x1000) !== 0)
  for (const action of actions) {
    if (action.type === 'push_vlan') tags = [tagOf(action), ...tags].slice(0, 2)
    else if (action.type === 'pop_vlan') tags = tags.slice(1)
    else {
      const stage = stages.get(tags.join()) ?? { tags, label: key[word.mpls]!, actions: [] }
      stage.actions.push(action)
      stages.set(tags.join(), stage)
    }
  }
  const sorted = [...stages.values()].sort((a, b) => compare(a.tags[0], b.tags[0]) || compare(a.tags[1], b.tags[1]))
  for (const stage of sorted) stage.actions = inOrder(stage.actions)
  return sorted
}

const tagOf = ({ tpid, tci }: Action & { type: 'push_vlan' }): number => ((tpid << 16) | 0x1000 | tci) >>> 0
const compare = (a = 0, b = 0): number => a - b

const inOrder = (actions: readonly Action[]): Action[] => {
  const sorted = [...actions]
  for (let from = 0; from < sorted.length; ) {
    let to = from
    const ports: number[] = []
    for (let each = sorted[to]; each?.type === 'output'; each = sorted[++to]) ports.push(each.port)
    ports.sort((a, b) => a - b)
    for (const [i, port] of ports.entries()) sorted[from + i] = { type: 'output', port }
    from = Math.max(to, from + 1)
  }
  return sorted
}

const formatStage = ({ tags, label, actions }: Stage): string => {
  const tagTexts = tags.map(tag => {
    const tpid = tag >>> 16 === 0x8100 ? '' : `tpid=0x${(tag >>> 16).toString(16)},`
    return `vlan(${tpid}vid=${tag & 0xfff},pcp=${(tag >>> 13) & 7}): `
  })
  const labelText =
    label === 0 ? 'no mpls: ' : `mpls(label=${label >>> 12},tc=${(label >>> 9) & 7},ttl=${label & 255}): `
  return `${tagTexts.length === 0 ? 'no vlan: ' : tagTexts.join('')}${labelText}${formatActions(actions)}`
}

export const flowActionCommands: UnixctlCommands = {
  'dpctl/parse-actions': { usage: 'actions', min: 1, max: Number.POSITIVE_INFINITY, run: parse },
  'dpctl/normalize-actions': { usage: 'actions', min: 2, max: Number.POSITIVE_INFINITY, run: normalize },
}
