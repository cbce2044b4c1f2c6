/**
 * What `ofproto/trace` prints: the flow, every step with its reasons, and what came out. Steps are a tree; it is drawn
 * as Open vSwitch draws it, where the last of its siblings, unless it is an action or a remark, is not indented more.
 */
import { formatActions as formatDatapathActions } from '../datapath/actions-text.ts'
import { type FlowKey, newKey, tunnelFlag, word } from '../flow/layout.ts'
import { formatMatch } from '../flow/match-text.ts'
import { packetMask } from '../flow/packet-mask.ts'
import type { TlvLayout } from '../flow/tlv.ts'
import { EtherType } from '../wire/ethernet.ts'
import { failures, formatDetail } from './trace-detail.ts'
import { byName, formatRule, formatRunnables, type TraceNames } from './trace-parts.ts'
import type { Step, StepNode } from './translate/recorder.ts'
import type { SlowReason, Translation } from './translate/translation.ts'

export type { TraceNames } from './trace-parts.ts'

/**
 * The whole answer of `ofproto/trace`; `key` has OpenFlow's port number. Ends with a line feed. Of a packet that was given as
 * bytes Open vSwitch does not tell tunnel options (`tellsOptions`).
 */
export const formatTrace = (
  key: FlowKey,
  translation: Translation,
  steps: readonly StepNode[],
  names?: TraceNames,
  tlv?: TlvLayout,
  tellsOptions = true,
): string => {
  const { finalKey, failure, slow } = translation
  const same = key.every((value, i) => value === finalKey[i])
  const lines = [
    `Flow: ${formatFlow(key, names, tlv, tellsOptions)}`,
    ...formatSteps(steps, names, tlv),
    '',
    `Final flow: ${same ? 'unchanged' : formatFlow(finalKey, names, tlv, tellsOptions)}`,
    `Megaflow: ${formatMegaflow(key, translation.mask, names, translation.isMaskWhole, tlv, tellsOptions)}`,
    `Datapath actions: ${formatDatapathActions(translation.actions, isIp(finalKey) ? finalKey : key, names?.vportName)}`,
  ]
  if (failure !== undefined) lines.push(`Translation failed (${failures[failure].name}), packet is dropped.`)
  else if (slow.size > 0)
    lines.push(
      'This flow is handled by the userspace slow path because it:',
      ...[...slow].map(reason => `  - ${slowReasons[reason]}.`),
    )
  return `${lines.join('\n')}\n`
}

const slowReasons: { readonly [R in SlowReason]: string } = {
  stp: 'Consists of STP packets',
  controller: 'Sends "packet-in" messages to the OpenFlow controller',
  action: 'Uses action(s) not supported by datapath',
}

/** Metadata fields of several words, shown whole or not at all. */
const longFields: [first: number, count: number][] = [
  [word.tunIdHigh, 2],
  [word.tunIpv6Src, 4],
  [word.tunIpv6Dst, 4],
  [word.metadataHigh, 2],
  [word.ctLabel, 4],
]

/** A packet's flow: the fields that it has, and of its metadata what is not zero. */
export const formatFlow = (key: FlowKey, names?: TraceNames, tlv?: TlvLayout, tellsOptions = true): string => {
  const mask = packetMask(key)
  for (let at: number = word.skbPriority; at < key.length; at++) if (key[at] !== 0) mask[at] = 0xffffffff
  for (const [first, count] of longFields)
    if (key.subarray(first, first + count).some(value => value !== 0)) mask.fill(0xffffffff, first, first + count)
  mask[word.actsetOutput] = 0
  maskTuple(key, mask)
  mask.fill(0xffffffff, word.tunMetadata)
  mask.set(key.subarray(word.tunMetadataPresent, word.tunMetadata), word.tunMetadataPresent)
  if (key[word.packetType] !== 0) {
    // Without Ethernet, the packet type says what the type would.
    mask.fill(0, word.ethernet, word.ip)
    mask[word.packetType] = 0xffffffff
    maskConnection(key, mask)
  }
  maskTunnel(key, mask)
  if (!tellsOptions) mask.fill(0, word.tunMetadataPresent)
  return formatMatch({ key, mask, ...laid(tlv) }, byName(names))
}

/** A connection has addresses and ports if it has a protocol: then all of them. */
const maskTuple = (key: FlowKey, mask: FlowKey): void => {
  mask.fill(0, word.ctIpv4Src, word.tunIdHigh)
  if (key[word.ctProto] === 0) return
  const type = key[word.ethType]! >>> 16
  if (type === EtherType.ipv4) mask.fill(0xffffffff, word.ctIpv4Src, word.ctIpv6Src)
  else if (type === EtherType.ipv6) mask.fill(0xffffffff, word.ctIpv6Src, word.ctTransport)
  mask.fill(0xffffffff, word.ctTransport, word.tunIdHigh)
}

/** Of a packet whose type is not what its frame's was, Open vSwitch tells the connection's addresses, though there are none. */
const maskConnection = (key: FlowKey, mask: FlowKey): void => {
  const type = key[word.packetType]! & 0xffff
  if (key[word.packetType]! >>> 16 !== 1 || type === key[word.ethType]! >>> 16) return
  if (type === EtherType.ipv4) mask.fill(0xffffffff, word.ctIpv4Src, word.ctIpv6Src)
  else if (type === EtherType.ipv6) mask.fill(0xffffffff, word.ctIpv6Src, word.ctTransport)
}

/** A frame has outer headers if they say where it went: then all of them, with the VNI if they say that they have one. */
const maskTunnel = (key: FlowKey, mask: FlowKey): void => {
  const hasId = (key[word.tunFlags]! >>> 16) & tunnelFlag.key
  if (key[word.tunDst] === 0 && key.subarray(word.tunIpv6Dst, word.tunIpv6Dst + 4).every(value => value === 0)) {
    mask.fill(0, word.tunSrc, word.metadataHigh)
    mask.fill(0, word.tunMetadataPresent, word.tunMetadataPresent + 2)
    return
  }
  if (hasId === 0) mask.fill(0, word.tunIdHigh, word.tunSrc)
  else mask.fill(0xffffffff, word.tunIdHigh, word.tunSrc)
  mask.fill(0xffffffff, word.tunSrc, word.tunFlags)
  mask[word.tunFlags] = 0x000fffff
  mask[word.tunGbp] = 0x00ffffff
  mask[word.tunErspan] = 0xffffff00
  mask[word.tunErspanIndex] = 0xffffffff
  mask[word.tunGtpu] = 0xffff0000
}

/** The key under the mask. Without a tag there is no VLAN to tell, though the mask must look whether there is one. */
export const formatMegaflow = (
  key: FlowKey,
  mask: FlowKey,
  names?: TraceNames,
  whole = true,
  tlv?: TlvLayout,
  tellsOptions = true,
): string => {
  const shown = mask.slice()
  if (whole && key[word.vlan]! >>> 16 === 0) shown[word.vlan] = 0
  if (whole && key[word.vlan1]! >>> 16 === 0) shown[word.vlan1] = 0
  if (!tellsOptions) shown.fill(0, word.tunMetadataPresent)
  const value = newKey()
  for (let at = 0; at < key.length; at++) value[at] = key[at]! & shown[at]!
  return formatMatch({ key: value, mask: shown, ...laid(tlv) }, byName(names))
}

/** Labels may lie over the header that a `set` before them was for. */
const isIp = (key: FlowKey): boolean => {
  const type = key[word.ethType]! >>> 16
  return type === EtherType.ipv4 || type === EtherType.ipv6
}

const laid = (tlv: TlvLayout | undefined): { tlv?: TlvLayout } => (tlv === undefined ? {} : { tlv })

const isRemark = ({ kind }: Step): boolean =>
  kind === 'action' || kind === 'drop' || kind === 'detail' || kind === 'bucket'

const formatSteps = (
  nodes: readonly StepNode[],
  names: TraceNames | undefined,
  tlv: TlvLayout | undefined,
  level = 0,
): string[] =>
  nodes.flatMap(({ step, steps }, i) => {
    const more = i < nodes.length - 1 || isRemark(step) ? 1 : 0
    const indent = ' '.repeat((level + more) * 4)
    const lines = formatStep(step, names, tlv).map(line => `${indent}${line}`)
    return [...(step.kind === 'bridge' ? [''] : []), ...lines, ...formatSteps(steps, names, tlv, level + 2 * more)]
  })

const formatStep = (step: Step, names: TraceNames | undefined, tlv: TlvLayout | undefined): string[] => {
  switch (step.kind) {
    case 'bridge': {
      const title = `bridge("${step.name}")`
      return [title, '-'.repeat(title.length)]
    }
    case 'table':
      return [`${String(step.table).padStart(2)}. ${formatRule(step.rule, step.internal, names, tlv)}`]
    case 'action':
      return [formatRunnables([step.action], names)]
    case 'bucket':
      return [`bucket ${step.bucket}`]
    case 'action_set':
      return ['--. Executing action set:']
    case 'thaw':
      return ['thaw']
    case 'drop':
      return ['drop']
    case 'detail':
    case 'thawed':
      return formatDetail(step.detail, names)
  }
}
