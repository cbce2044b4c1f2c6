/** A flow as it was read (`odp-parse.ts`), told again: what its parts say, in their order. */
import { formatIp4, formatIp6, formatMac } from '../wire/address.ts'
import { ctStates, formatFlags, tcpFlags } from './flags.ts'
import { type FlowKey, fragment, word } from './layout.ts'
import type { OdpFlow } from './odp-parse.ts'
import {
  type OdpKind,
  type OdpPart,
  type OdpRow,
  odpGroups,
  odpLabel,
  odpSingles,
  odpTag,
  odpTunnel,
  odpTunnelGroup,
  onesOf,
  readRow,
} from './odp-parts.ts'

export type OdpShown = {
  /** Whether masks are told. */
  readonly masks: boolean
  /** Whether also what is not looked at is told, under its empty mask. */
  readonly all: boolean
}

type Told = { key: FlowKey; mask: FlowKey; shown: OdpShown }

/** What printf's %#x gives: zero without 0x. */
const hex = (value: bigint | number): string => (BigInt(value) === 0n ? '0' : `0x${value.toString(16)}`)
const decimal = (value: bigint): string => value.toString()

const formats: Readonly<Record<OdpKind, readonly [value: (bits: bigint) => string, mask: (bits: bigint) => string]>> = {
  number: [decimal, hex],
  hex: [hex, hex],
  id: [value => `0x${value.toString(16)}`, hex],
  mac: [value => formatMac(Number(value)), value => formatMac(Number(value))],
  ip4: [value => formatIp4(Number(value)), value => formatIp4(Number(value))],
  ip6: [formatIp6, formatIp6],
  fragment: [value => fragmentName(Number(value)), hex],
}

const fragmentName = (bits: number): string =>
  (bits & fragment.later) !== 0 ? 'later' : (bits & fragment.any) !== 0 ? 'first' : 'no'

/** `value`, or `value/mask`; undefined if it is not to be told. */
const formatRow = (row: OdpRow, { key, mask, shown }: Told, shift = 0): string | undefined => {
  const [value, under] = formats[row.kind]
  const text = value(readRow(row, key, shift))
  if (!shown.masks) return text
  const bits = readRow(row, mask, shift)
  if (bits === 0n && (!shown.all || row.kind === 'fragment')) return undefined
  return bits === onesOf(row.width) ? text : `${text}/${under(bits)}`
}

const labelled = (rows: readonly OdpRow[], told: Told, shift = 0): string[] =>
  rows.flatMap(row => {
    const text = formatRow(row, told, shift)
    return text === undefined ? [] : [`${row.label}=${text}`]
  })

/** The parts of a flow, `<empty>` without any. */
export const formatOdpFlow = ({ key, mask, parts }: Omit<OdpFlow, 'ufid'>, shown: OdpShown): string =>
  parts.length === 0 ? '<empty>' : formatParts(parts, { key, mask, shown }, 0)

const formatParts = (parts: readonly OdpPart[], told: Told, tags: number): string => {
  const isTagged = parts.some(({ name }) => name === 'vlan')
  return parts.map(part => `${part.name}(${formatPart(part, told, tags, isTagged)})`).join(',')
}

/** What is inside the parentheses; `tags` is how many tags are outside of it, `isTagged` whether there is one beside it. */
const formatPart = (part: OdpPart, told: Told, tags: number, isTagged: boolean): string => {
  const { key, mask, shown } = told
  const { name } = part
  const shift = tags === 0 ? 0 : 1
  switch (name) {
    case 'eth_type':
      return formatType(isTagged ? word.vlan + shift : word.ethType, told)
    case 'in_port': {
      const bits = mask[word.inPort]!
      return `${key[word.inPort]}${shown.masks && bits !== 0xffffffff ? `/${hex(bits)}` : ''}`
    }
    case 'tcp_flags':
      return flagText(key[word.tcpFlags]! >>> 16, mask[word.tcpFlags]! >>> 16, tcpFlags, shown)
    case 'ct_state':
      return connectionText(key[word.ctState]!, mask[word.ctState]!, shown)
    case 'ct_zone':
    case 'ct_mark':
    case 'ct_label':
      // Open vSwitch has nothing to say of these where there are no masks.
      return shown.masks ? (formatRow(odpSingles[name] as OdpRow, told) ?? '') : ''
    case 'vlan':
      return formatTag(told, shift)
    case 'encap':
      return formatParts(part.inner ?? [], told, tags + 1)
    case 'mpls':
      return Array.from({ length: part.labels ?? 1 }, (_, i) => formatLabel(told, i)).join(',')
    case 'tunnel':
      return formatTunnel(told)
    case 'nd_ext': {
      const [reserved, type] = odpGroups.nd_ext as readonly [OdpRow, OdpRow]
      const unmasked = { ...told, shown: { masks: false, all: false } }
      const more = formatRow(type, told)
      return `nd_reserved=${formatRow(reserved, unmasked)}${more === undefined ? '' : `,${type.label}=${more}`}`
    }
    case 'ct_tuple6':
      // Its ports have other names when they are told.
      return labelled(odpGroups.ct_tuple6 as readonly OdpRow[], told)
        .join(',')
        .replace('tp_src=', 'src_port=')
        .replace('tp_dst=', 'dst_port=')
    default: {
      const single = odpSingles[name]
      if (single !== undefined) return formatRow(single, { ...told, shown: { ...shown, all: true } }) ?? ''
      return labelled(odpGroups[name] ?? [], told).join(',')
    }
  }
}

const formatType = (at: number, { key, mask, shown }: Told): string => {
  const [type, bits] = [key[at]! >>> 16, mask[at]! >>> 16]
  const text = `0x${(type === 0x05ff ? 0 : type).toString(16).padStart(4, '0')}`
  return shown.masks && bits !== 0xffff ? `${text}/${hex(bits)}` : text
}

/** The bit that says that a tag is there is told only where it is not set. */
const formatTag = (told: Told, shift: number): string => {
  const [vid, pcp] = odpTag
  const isThere = (told.key[word.vlan + shift]! & 0x1000) !== 0
  const isTold = (row: OdpRow): boolean => readRow(row, told.key, shift) !== 0n
  const rows = [vid as OdpRow, pcp as OdpRow].flatMap(row =>
    labelled([row], isTold(row) ? { ...told, shown: { ...told.shown, all: true } } : told, shift),
  )
  return [...rows, ...(isThere ? [] : ['cfi=0'])].join(',')
}

/** Of a label all is told, and its mask always. */
const formatLabel = ({ key, mask, shown }: Told, shift: number): string => {
  const prefixes: Readonly<Record<string, string>> = { label: '0x', ttl: '0x' }
  return odpLabel
    .map(row => {
      const bits = `/${prefixes[row.label] ?? ''}${readRow(row, mask, shift).toString(16)}`
      return `${row.label}=${readRow(row, key, shift)}${shown.masks ? bits : ''}`
    })
    .join(',')
}

const flagText = (value: number, mask: number, names: readonly string[], { masks, all }: OdpShown): string => {
  const full = 2 ** names.length - 1
  if (!masks || mask === full) return formatFlags(BigInt(value), BigInt(full), names)
  return mask === 0 && all ? `${hex(value)}/0` : formatFlags(BigInt(value), BigInt(mask), names)
}

const connectionText = (value: number, mask: number, { masks, all }: OdpShown): string => {
  const full = 2 ** ctStates.length - 1
  if (!masks) return formatFlags(BigInt(value), BigInt(full), ctStates)
  return all ? `${hex(value)}/${hex(mask)}` : formatFlags(BigInt(value), BigInt(mask), ctStates, true)
}

/** Bits of the tunnel's flags that a datapath shows, by their names there; `tunnelFlag` numbers them. */
const tunnelNames = ['oam', 'df', 'csum', 'key']

/** Addresses and ports that are 0 are left out where there are no masks. */
const formatTunnel = (told: Told): string => {
  const { key, mask, shown } = told
  const isTold = (row: OdpRow): boolean => shown.masks || (row.label !== 'tun_id' && readRow(row, key) !== 0n)
  const texts = labelled(odpTunnel.filter(isTold), told)
  const group = labelled(odpTunnelGroup.filter(isTold), told)
  if (group.length > 0) texts.push(`vxlan(gbp(${group.join(',')}))`)
  const [flags, bits] = [key[word.tunFlags]! >>> 16, mask[word.tunFlags]! >>> 16]
  if (!shown.masks || bits === 0xf) texts.push(`flags(${formatFlags(BigInt(flags), 0xfn, tunnelNames)})`)
  else if (bits !== 0) texts.push(`flags(${formatFlags(BigInt(flags), BigInt(bits), tunnelNames, true)})`)
  return texts.join(',')
}
