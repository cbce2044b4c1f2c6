/** One packet's flow as text: each field at most once, whole, and after what it needs. */
import { type FieldName, fieldNamed, fieldNames, fullMask, readField, writeField } from '../flow/fields.ts'
import { type FlowKey, newKey, word } from '../flow/layout.ts'
import { allows, type Match } from '../flow/match.ts'
import { shorthandOf } from '../flow/match-text.ts'
import { markOption, optionNumber, type TlvLayout } from '../flow/tlv.ts'
import { OfPort } from './action.ts'
import { parseFieldValue } from './field-text.ts'
import type { PortNames, Warn } from './port-text.ts'
import { splitWords } from './words.ts'

export type ExactFlow = { ok: true; key: FlowKey } | { ok: false; error: string }
/** `layout`: where tunnel options lie. */
export type ExactFlowOptions = { ports?: PortNames | undefined; warn?: Warn; layout?: TlvLayout | undefined }

/**
 * Reads `tcp,nw_src=10.0.0.1,tp_dst=80`: what is not said is zero, the port that it comes in by is none. An error is in the
 * words of ovs-ofctl's `compose-packet`.
 */
export const parseExactFlow = (text: string, options: ExactFlowOptions = {}): ExactFlow => {
  const key = newKey()
  for (const { name, value } of splitWords(text)) {
    const wrong = takeProtocol(name, key) ?? (isProtocol(name) ? undefined : takeField(name, value, key, options))
    if (wrong !== undefined) return { ok: false, error: `${text}: ${wrong}` }
  }
  if (key[word.inPort] === 0) key[word.inPort] = OfPort.none
  key[word.conjId] = 0
  return { ok: true, key }
}

/** `eth` stands for no type. */
const isProtocol = (name: string): boolean => shorthandOf(name)?.[0] !== undefined

const takeProtocol = (name: string, key: FlowKey): string | undefined => {
  const [type, protocol] = shorthandOf(name) ?? []
  if (type === undefined) return undefined
  if (key[word.ethType]! >>> 16 !== 0) return 'Ethernet type set multiple times'
  writeField(key, 'eth_type', type)
  if (protocol === undefined) return undefined
  if ((key[word.ip]! & 0xff) !== 0) return 'network protocol set multiple times'
  writeField(key, 'nw_proto', protocol)
  return undefined
}

const takeField = (
  name: string,
  text: string,
  key: FlowKey,
  { ports, warn = () => {}, layout }: ExactFlowOptions,
): string | undefined => {
  const found = /^[A-Z]/.test(name) ? undefined : fieldNamed(name)
  if (found === undefined) return `unknown field ${name}`
  // Nothing here says that a connection is not invalid.
  const match: Match = { key, mask: nothing }
  if (!allows(match, found)) return `prerequisites not met for setting ${name}`
  if (readField(key, found, layout) !== 0n) return `field ${name} set multiple times`
  // Bits that no value of the field may have are let pass, and are lost.
  const parsed = parseFieldValue(found, text, ports, warn, true)
  if (typeof parsed === 'string') return `bad value for ${name} (${parsed})`
  if (parsed.mask !== fullMask(found) || (found === 'tun_flags' && /^[+-]/.test(text)))
    return `bad value for ${name} (${text}: wildcards not allowed here)`
  put(key, found, parsed.value, layout)
  return undefined
}

const nothing = newKey()

const vlanFields: ReadonlySet<FieldName> = new Set(
  fieldNames.filter(name => name.startsWith('dl_vlan') || name.startsWith('vlan_')),
)

const put = (key: FlowKey, name: FieldName, value: bigint, layout: TlvLayout | undefined): void => {
  const option = optionNumber(name)
  if (option !== undefined) markOption(key, option)
  if (name === 'dl_vlan') writeField(key, 'vlan_vid', value === 0xffffn ? 0n : (value & 0xfffn) | 0x1000n)
  else writeField(key, name, value, -1n, layout)
  if (name === 'dl_vlan_pcp' || name === 'vlan_pcp') key[word.vlan]! |= 0x1000
  if (vlanFields.has(name) && key[word.vlan]! >>> 16 === 0 && (key[word.vlan]! & 0xffff) !== 0)
    key[word.vlan]! |= 0x81000000
}
