import { hex } from '../../flow/field-text.ts'
import { type FieldName, field, fullMask } from '../../flow/fields.ts'
import type { OfAction } from '../action.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { formatFieldValue, isWritable, maskAsSaid, parseFieldValue, setFieldName, widthOf } from '../field-text.ts'
import { ones } from '../number.ts'
import { pullField } from '../oxm.ts'
import type { Warn } from '../port-text.ts'
import { type Protocols, protocol, type Version } from '../protocol.ts'
import { setOuterTag } from './check.ts'
import { type ActionKind, type ActionOf, type ActionParser, type ActionWireContext, begin, nicira } from './codec.ts'
import { extension, standard } from './form.ts'
import { splitLoad } from './load-move.ts'
import { checkMod, encodeMod, formatMod, modForms, modParsers } from './mod.ts'
import { checkSetPrerequisites } from './set-check.ts'
import { isLong, putEntry } from './subfield-wire.ts'

type SetField = ActionOf<'set_field'>

/** `set_field:100->tun_id`, `set_field:5/7->reg0`: the name is the field's own, without brackets. */
const parse: ActionParser = (argument, { ports, warn }) => {
  const arrow = argument.indexOf('->')
  if (arrow < 0) return `${argument}: missing \`->'`
  const name = argument.slice(arrow + 2)
  if (name === '') return `${argument}: missing field name following \`->'`
  const known = setFieldName(name)
  if (known === undefined) return `${name} is not a valid OXM field name`
  if (!isWritable(known)) return `${name} is read-only`
  const parsed = parseFieldValue(known, argument.slice(0, arrow), ports, warn)
  if (typeof parsed === 'string') return parsed
  return { type: 'set_field', field: known, ...parsed }
}

const isWhole = (action: SetField): boolean => action.mask === fullMask(action.field) && action.partial === undefined

/** The bit of a VLAN ID that says that there is one; 1.5 says that it must be set. */
const present = 0x1000n

const decodeSetField = (bytes: Reader, { version, warn }: ActionWireContext): Decoded<SetField> => {
  const pulled = pullEntry(bytes, version === 6, warn)
  if (!pulled.ok) return pulled
  const { field: name, value, mask } = pulled.value
  if (name === 'in_port_oxm') return refused('OFPBAC_BAD_SET_ARGUMENT')
  if ((value & ~fullMask(name)) !== 0n && !name.startsWith('tun_erspan')) return invalidValue(name, value, mask, warn)
  if (name === 'nsh_ttl' && value > 63n) return invalidValue(name, value, mask, warn)
  const absent = name === 'vlan_vid' && ((value & present) === 0n || (mask & present) === 0n)
  return absent ? invalidValue(name, value, mask, warn) : pulled
}

const invalidValue = (name: FieldName, value: bigint, mask: bigint, warn: Warn): Decoded<never> => {
  warn('ofp_actions', `Invalid value for set field ${name}: ${formatFieldValue(name, value, mask)}`)
  return refused('OFPBAC_BAD_SET_ARGUMENT')
}

/** Header, value and, if it may have one, mask; zeros must follow. */
const pullEntry = (bytes: Reader, mayMask: boolean, warn: Warn): Decoded<SetField> => {
  const pulled = pullField(bytes, { warn, action: true })
  if (!pulled.ok) return pulled.error === 'OFPBMC_BAD_MASK' ? refused('OFPBAC_BAD_SET_MASK') : pulled
  const { field: name, value, mask } = pulled.value
  if (mask !== undefined && !mayMask) return refused('OFPBAC_BAD_SET_MASK')
  if (bytes.rest().some(byte => byte !== 0)) return refused('OFPBAC_BAD_SET_ARGUMENT')
  if (!isWritable(name)) {
    warn('ofp_actions', `destination field ${name} is not writable`)
    return refused('OFPBAC_BAD_SET_ARGUMENT')
  }
  const said = mask === undefined ? { mask: fullMask(name) } : maskAsSaid(name, mask)
  return decoded({ type: 'set_field', field: name, value, ...said })
}

const decodeLoad2 = (bytes: Reader, warn: Warn): Decoded<SetField> => {
  const pulled = pullEntry(bytes, true, warn)
  return pulled.ok ? decoded({ ...pulled.value, as: 'reg_load2' }) : pulled
}

/**
 * 1.0 and 1.1: the action of the field if it has one, else loads. As in Open vSwitch such an action forgets the mask,
 * and overwrites all of the field.
 */
const oldSetField = (version: Version, action: SetField): OfAction | OfAction[] => {
  const { field: name, value, mask } = action
  switch (name) {
    case 'eth_src':
    case 'eth_dst':
    case 'ip_src':
    case 'ip_dst':
    case 'ip_dscp':
      return { ...action, mask: fullMask(name), as: 'mod' }
    case 'nw_tos':
      return { type: 'set_field', field: 'ip_dscp', value: value >> 2n, mask: ones(6), as: 'mod' }
    case 'nw_ecn':
      return version === 2 ? { ...action, as: 'mod' } : splitLoad(name, value, mask)
    case 'nw_ttl':
      return version === 2 && action.as === 'mod' ? action : splitLoad(name, value, mask)
    case 'tcp_src':
    case 'udp_src':
      return { type: 'set_transport', side: 'src', port: Number(value) }
    case 'tcp_dst':
    case 'udp_dst':
      return { type: 'set_transport', side: 'dst', port: Number(value) }
    case 'vlan_vid':
      return { type: 'set_vlan_vid', vid: Number(value & 0xfffn), push: version === 1 }
    case 'vlan_pcp':
      return { type: 'set_vlan_pcp', pcp: Number(value), push: version === 1 }
    case 'vlan_tci':
      if ((value & present) === 0n) return { type: 'strip_vlan', ...(version === 1 ? {} : { as: 'pop_vlan' }) }
      return [
        { type: 'set_vlan_vid', vid: Number(value & 0xfffn), push: version === 1 },
        { type: 'set_vlan_pcp', pcp: Number(value >> 13n), push: version === 1 },
      ]
    default:
      return loads(action)
  }
}

const loads = (action: SetField): OfAction | OfAction[] => {
  if (isLong(action.field)) return { ...action, as: 'reg_load2' }
  return splitLoad(action.field, action.value, isWhole(action) ? ones(widthOf(action.field)) : action.mask)
}

const seenBy = (action: SetField, version: Version): OfAction | OfAction[] => {
  const { field: name, as } = action
  if (version === 6) return as === undefined || (name === 'nw_ttl' && as === 'mod') ? action : plain(action)
  if (as === 'reg_load2') return action
  if (version <= 2) return as === 'set_tunnel' || as === 'set_tunnel64' ? action : oldSetField(version, action)
  if (name === 'nw_ttl' && as === 'mod') return action
  return isWhole(action) ? plain(action) : loads(action)
}

/** The same without an older name. */
const plain = ({ as: _, ...action }: SetField): OfAction => action

const encode = (action: SetField, out: Writer, version: Version): void => {
  const { field: name, value, mask, as } = action
  if (as === 'mod' || as === 'set_tunnel' || as === 'set_tunnel64') {
    encodeMod(action, out, version)
    return
  }
  const load2 = as === 'reg_load2'
  const end = load2 ? begin(out, 33, nicira) : begin(out, 25)
  putEntry(out, name, value, isWhole(action) ? undefined : mask, load2 ? 0 : version)
  end()
}

/** Fields that 1.0 and 1.1 have actions for, or loads of which every version takes. */
const always: ReadonlySet<FieldName> = new Set<FieldName>([
  'eth_src',
  'eth_dst',
  'ip_src',
  'ip_dst',
  'ip_dscp',
  'nw_tos',
  'tcp_src',
  'tcp_dst',
  'udp_src',
  'udp_dst',
  'vlan_vid',
  'vlan_pcp',
  'vlan_tci',
  'in_port',
])
const since11: ReadonlySet<FieldName> = new Set<FieldName>([
  'in_port_oxm',
  'nw_ecn',
  'metadata',
  'sctp_src',
  'sctp_dst',
  'mpls_label',
  'mpls_tc',
])
/** In 1.0's match, but not in its actions. */
const older: ReadonlySet<FieldName> = new Set<FieldName>(['nw_ecn', 'nw_ttl'])

const protocols = ({ field: name, as }: SetField): Protocols => {
  if (as !== undefined) return protocol.any
  if ((field(name).of10 !== undefined && !older.has(name)) || always.has(name)) return protocol.any
  const extended = protocol.nxm | protocol.oxm
  return since11.has(name) ? extended | protocol.of11 : extended
}

/** Writes a field, or with a mask a part of one; also under the older names, `mod_dl_src` and the like. */
export const setField: ActionKind<'set_field'> = {
  type: 'set_field',
  parsers: { set_field: parse, ...modParsers },
  format({ field: name, value, mask, partial, as }, { ports, paint }) {
    if (as === 'set_tunnel' || as === 'set_tunnel64') return `${paint.param(`${as}:`)}${hex(value)}`
    const mod = as === 'mod' && mask !== 0n ? formatMod(name, value, paint) : undefined
    const written = mask === 0n ? 'ANY' : formatFieldValue(name, value, mask, ports, partial)
    return mod ?? `${paint.special('set_field:')}${written}${paint.special('->')}${name}`
  },
  forms: [
    ...modForms,
    standard('OFPAT_SET_FIELD', 25, 8, decodeSetField, { from: 3, exact: false }),
    extension('NXAST_REG_LOAD2', 33, 16, (bytes, { warn }) => decodeLoad2(bytes, warn), { to: 5, exact: false }),
  ],
  encode: (action, out, { version }) => encode(action, out, version),
  seenBy(action, version, state) {
    const isTci = action.field === 'vlan_tci'
    const adds = isTci && (action.value & present) !== 0n
    const implied = adds && version === 2 && !state.tagged && action.as === undefined
    if (isTci) state.tagged = adds
    const seen = seenBy(action, version)
    if (!implied) return seen
    return [{ type: 'push_vlan', ethType: 0x8100 }, ...(Array.isArray(seen) ? seen : [seen])]
  },
  protocols,
  check(action, state) {
    const { field: name, value, as } = action
    if (as === 'set_tunnel' || as === 'set_tunnel64') return undefined
    if (as === 'mod') return checkMod(name, state)
    const error = checkSetPrerequisites(name, state)
    if (error !== undefined) return error
    if (name === 'vlan_tci') setOuterTag(state, (value & 0x1000n) !== 0n)
    return undefined
  },
}
