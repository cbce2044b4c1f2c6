/**
 * What `ofproto/trace` prints: the flow, every step with its reasons, and what came out. Steps are a tree; it is drawn
 * as Open vSwitch draws it, where the last of its siblings, unless it is an action or a remark, is not indented more.
 */
import { formatActions as formatDatapathActions, type VportName } from '../datapath/actions-text.ts'
import { formatFieldValue } from '../flow/field-text.ts'
import { field, fullMask } from '../flow/fields.ts'
import { type FlowKey, newKey, tunnelFlag, word } from '../flow/layout.ts'
import { formatMatch } from '../flow/match-text.ts'
import { packetMask } from '../flow/packet-mask.ts'
import type { PortName } from '../flow/port-text.ts'
import type { Subfield } from '../openflow/action.ts'
import { formatActions } from '../openflow/action-text.ts'
import type { PortNames } from '../openflow/port-text.ts'
import { formatMac } from '../wire/address.ts'
import type { Rule } from './rule.ts'
import { maxDepth, maxResubmits } from './translate/context.ts'
import type { Detail, Step, StepNode } from './translate/recorder.ts'
import type { Translation } from './translate/translation.ts'

/** `--names`: ports of the bridge and of the datapath by name; without it all are numbers. */
export type TraceNames = { ports: PortNames; vportName: VportName }

/** The whole answer of `ofproto/trace`; `key` has OpenFlow's port number. Ends with a line feed. */
export const formatTrace = (
  key: FlowKey,
  translation: Translation,
  steps: readonly StepNode[],
  names?: TraceNames,
): string => {
  const { finalKey, failure } = translation
  const same = key.every((value, i) => value === finalKey[i])
  const lines = [
    `Flow: ${formatFlow(key, names)}`,
    ...formatSteps(steps, names),
    '',
    `Final flow: ${same ? 'unchanged' : formatFlow(finalKey, names)}`,
    `Megaflow: ${formatMegaflow(key, translation.mask, names)}`,
    `Datapath actions: ${formatDatapathActions(translation.actions, finalKey, names?.vportName)}`,
  ]
  if (failure !== undefined) lines.push(`Translation failed (${failures[failure].name}), packet is dropped.`)
  return `${lines.join('\n')}\n`
}

const failures = {
  depth: { name: 'Recursion too deep', remark: `over max translation depth ${maxDepth}` },
  resubmits: { name: 'Too many resubmits', remark: `over ${maxResubmits} resubmit actions` },
} as const

/** Metadata fields of several words, shown whole or not at all. */
const longFields: [first: number, count: number][] = [
  [word.tunIdHigh, 2],
  [word.tunIpv6Src, 4],
  [word.tunIpv6Dst, 4],
  [word.metadataHigh, 2],
  [word.ctLabel, 4],
]

/** A packet's flow: the fields that it has, and of its metadata what is not zero. */
export const formatFlow = (key: FlowKey, names?: TraceNames): string => {
  const mask = packetMask(key)
  for (let at: number = word.skbPriority; at < key.length; at++) if (key[at] !== 0) mask[at] = 0xffffffff
  for (const [first, count] of longFields)
    if (key.subarray(first, first + count).some(value => value !== 0)) mask.fill(0xffffffff, first, first + count)
  mask[word.recircId] = 0
  maskTunnel(key, mask)
  return formatMatch({ key, mask }, { packet: true, ...byName(names) })
}

/** A frame has outer headers if they say where it went: then all of them, with the VNI if they say that they have one. */
const maskTunnel = (key: FlowKey, mask: FlowKey): void => {
  const hasId = (key[word.tunFlags]! >>> 16) & tunnelFlag.key
  if (key[word.tunDst] === 0 && key.subarray(word.tunIpv6Dst, word.tunIpv6Dst + 4).every(value => value === 0)) {
    mask.fill(0, word.tunSrc, word.metadataHigh)
    return
  }
  if (hasId === 0) mask.fill(0, word.tunIdHigh, word.tunSrc)
  else mask.fill(0xffffffff, word.tunIdHigh, word.tunSrc)
  mask.fill(0xffffffff, word.tunSrc, word.tunFlags)
  mask[word.tunFlags] = 0x000fffff
  mask[word.tunGbp] = 0x00ffffff
  mask[word.tunErspan] = 0xff000000
  mask[word.tunGtpu] = 0xffff0000
}

/** The key under the mask. Without a tag there is no VLAN to tell, though the mask must look whether there is one. */
export const formatMegaflow = (key: FlowKey, mask: FlowKey, names?: TraceNames): string => {
  const shown = mask.slice()
  if (key[word.vlan]! >>> 16 === 0) shown[word.vlan] = 0
  if (key[word.vlan1]! >>> 16 === 0) shown[word.vlan1] = 0
  const value = newKey()
  for (let at = 0; at < key.length; at++) value[at] = key[at]! & shown[at]!
  return formatMatch({ key: value, mask: shown }, byName(names))
}

const byName = (names: TraceNames | undefined): { portName?: PortName } =>
  names === undefined ? {} : { portName: names.ports.name }

const isRemark = ({ kind }: Step): boolean => kind === 'action' || kind === 'drop' || kind === 'detail'

const formatSteps = (nodes: readonly StepNode[], names: TraceNames | undefined, level = 0): string[] =>
  nodes.flatMap(({ step, steps }, i) => {
    const more = i < nodes.length - 1 || isRemark(step) ? 1 : 0
    const indent = ' '.repeat((level + more) * 4)
    const lines = formatStep(step, names).map(line => `${indent}${line}`)
    return [...(step.kind === 'bridge' ? [''] : []), ...lines, ...formatSteps(steps, names, level + 2 * more)]
  })

const formatStep = (step: Step, names: TraceNames | undefined): string[] => {
  switch (step.kind) {
    case 'bridge': {
      const title = `bridge("${step.name}")`
      return [title, '-'.repeat(title.length)]
    }
    case 'table':
      return [`${String(step.table).padStart(2)}. ${formatRule(step.rule, step.internal, names)}`]
    case 'action':
      return [formatActions([step.action], names?.ports)]
    case 'drop':
      return ['drop']
    case 'detail':
      return formatDetail(step.detail)
  }
}

const formatRule = (rule: Rule | undefined, internal: string | undefined, names: TraceNames | undefined): string => {
  if (rule === undefined) return internal === undefined ? 'No match.' : `${internal}, priority 0`
  const match = formatMatch(rule.match, byName(names))
  const cookie = rule.cookie === 0n ? '' : `, cookie 0x${rule.cookie.toString(16)}`
  return `${match}${match === '' ? '' : ', '}priority ${rule.priority}${cookie}`
}

const info = (text: string): string[] => [` -> ${text}`]
const warning = (text: string): string => ` >> ${text}`
const error = (text: string): string => ` >>>> ${text} <<<<`
const badVlan = warning('disallowed VLAN VID for this input port, dropping')

const formatDetail = (detail: Detail): string[] => {
  switch (detail.what) {
    case 'learned':
      return info(`learned that ${formatMac(detail.mac)} is on port ${detail.port} in VLAN ${detail.vlan}`)
    case 'no_header':
      return [warning(`unmet prerequisites for ${detail.field}, set_field ignored`)]
    case 'moved':
      return info(`${formatSubfield(detail.target)} is now ${formatValue(detail.target, detail.value)}`)
    case 'output_port':
      return info(`output port is ${detail.port}`)
    case 'no_mac':
      return info('no learned MAC for destination, flooding')
    case 'forward':
      return info('forwarding to learned port')
    case 'learned_is_input':
      return info('learned port is input port, dropping')
    case 'reserved_mac':
      return info('packet has reserved destination MAC, dropping')
    case 'partial_vlan_tag':
      return [warning('partial VLAN tag, dropping')]
    case 'no_input_port':
      return [error(`received packet on unknown port ${detail.ofport}`), warning('no input bundle, dropping')]
    case 'tagged_on_access':
      return [
        error(
          `dropping VLAN ${detail.vlan} tagged packet received on port ${detail.port} configured as VLAN ${detail.tag} access port`,
        ),
        badVlan,
      ]
    case 'vlan_not_trunked':
      return [
        error(
          `dropping VLAN ${detail.vlan} packet received on port ${detail.port} not configured for trunking VLAN ${detail.vlan}`,
        ),
        badVlan,
      ]
    case 'skip_input_port':
      return [warning('skipping output to input port')]
    case 'no_such_port':
      return [warning('Nonexistent output port')]
    case 'port_down':
      return [warning('port is down, skipping output')]
    case 'no_forward':
      return info('OFPPC_NO_FWD set, skipping output')
    case 'no_peer':
      return []
    case 'invalid_ttl':
      return [warning(`IPv${detail.version} decrement TTL exception`)]
    case 'tunnel':
      return info('output to kernel tunnel')
    case 'tunnel_to_ourselves':
      return [warning('Not tunneling to our own address')]
    case 'tunnel_failed':
      return [warning(`Tunneling decided against output: ${detail.why}`)]
    case 'failed':
      return [error(failures[detail.failure].remark)]
  }
}

/** A whole field as matches write it, a part in hexadecimal. */
const formatValue = ({ field: name, count }: Subfield, value: bigint): string =>
  count === field(name).bits
    ? formatFieldValue(name, value, fullMask(name))
    : value === 0n
      ? '0'
      : `0x${value.toString(16)}`

/** `NXM_NX_REG0[0..7]`, `NXM_OF_ETH_SRC[]`. */
const formatSubfield = ({ field: name, start, count }: Subfield): string => {
  const { bits, codes } = field(name)
  const long = codes?.find(code => code.name.startsWith('NXM'))?.name ?? codes?.[0]?.name ?? name
  const range = count === bits ? '' : count === 1 ? `${start}` : `${start}..${start + count - 1}`
  return `${long}[${range}]`
}
