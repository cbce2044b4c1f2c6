/** What a controller wants to be told of (OpenFlow 1.3 §A.3.10, 1.4 §7.3.10; Nicira's extension before and beside them). */
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import type { AsyncConfig, AsyncMasks } from '../message.ts'
import type { Warn } from '../port-text.ts'
import { beginProperty, property32, takeProperty } from '../property.ts'
import type { Version } from '../protocol.ts'
import type { MessageCodec } from './codec.ts'
import { nxForm, plainForm } from './forms.ts'

type Kind = keyof AsyncMasks
type Partly = { primary: Partial<AsyncMasks>; secondary: Partial<AsyncMasks> }

/**
 * Kinds of messages, in the order of their properties' types: twice the place here for the secondary role, one more for
 * the primary. `bits` are the reasons that there are since 1.4, `before` those before.
 */
const kinds: readonly { kind: Kind; name: string; bits: number; before: number; reasons: readonly string[] }[] = [
  {
    kind: 'packetIn',
    name: 'PACKET_IN',
    bits: 0x3f,
    before: 0x7,
    reasons: ['no_match', 'action', 'invalid_ttl', 'action_set', 'group', 'packet_out'],
  },
  { kind: 'portStatus', name: 'PORT_STATUS', bits: 0x7, before: 0x7, reasons: ['add', 'delete', 'modify'] },
  {
    kind: 'flowRemoved',
    name: 'FLOW_REMOVED',
    bits: 0x3f,
    before: 0x3f,
    reasons: ['idle', 'hard', 'delete', 'group_delete', 'meter_delete', 'eviction'],
  },
  {
    kind: 'roleStatus',
    name: 'ROLE_STATUS',
    bits: 0x7,
    before: 0x7,
    reasons: ['primary_request', 'configuration_changed', 'experimenter_data_changed'],
  },
  {
    kind: 'tableStatus',
    name: 'TABLE_STATUS',
    bits: 0x18,
    before: 0x18,
    reasons: ['', '', '', 'vacancy_down', 'vacancy_up'],
  },
  {
    kind: 'requestForward',
    name: 'REQUESTFORWARD',
    bits: 0x3,
    before: 0x3,
    reasons: ['group_mod_request', 'meter_mod_request'],
  },
]
/** How many kinds the form of fixed size has. */
const fixedKinds = 3

const allowed = (place: number, version: Version): number => kinds[place]![version < 5 ? 'before' : 'bits']

/** The form of fixed size: for each kind the masks of the two roles. */
const writeFixed = ({ primary, secondary }: Partly, out: Writer, version: Version): void => {
  for (let place = 0; place < fixedKinds; place++)
    for (const masks of [primary, secondary]) out.u32((masks[kinds[place]!.kind] ?? 0) & allowed(place, version))
}

const readFixed = (bytes: Reader, version: Version): Partly => {
  const config: Partly = { primary: {}, secondary: {} }
  for (let place = 0; place < fixedKinds; place++)
    for (const role of ['primary', 'secondary'] as const)
      config[role][kinds[place]!.kind] = bytes.u32() & allowed(place, version)
  return config
}

const writeProperties = ({ primary, secondary }: Partly, out: Writer, version: Version): void => {
  for (const [place, { kind }] of kinds.entries())
    for (const [role, masks] of [secondary, primary].entries()) {
      const mask = masks[kind]
      if (mask === undefined) continue
      const end = beginProperty(out, place * 2 + role)
      out.u32(mask & allowed(place, version))
      end()
    }
}

/** Reads properties; a reply's strangeness is passed over, a request's refused. */
const readProperties = (bytes: Reader, version: Version, loose: boolean, warn: Warn): Decoded<Partly> => {
  const config: Partly = { primary: {}, secondary: {} }
  while (bytes.left > 0) {
    const property = takeProperty(bytes, 8, 0xfffe)
    if (!property.ok) return property
    const { type, experimenter, subtype } = property.value
    const place = type >>> 1
    const row = experimenter === undefined ? kinds[place] : undefined
    if (row === undefined) {
      if (loose) continue
      if (experimenter !== undefined) {
        warn(
          'ofp_connection',
          `unknown async config property type for exp_id 0x${experimenter.toString(16)}, exp_type ${subtype}`,
        )
        return refused('OFPBPC_BAD_EXP_TYPE')
      }
      warn('ofp_connection', `unknown async config property type ${type}`)
      return refused('OFPACFC_UNSUPPORTED')
    }
    const mask = property32(property.value)
    if (!mask.ok) return mask
    const known = allowed(place, version)
    if (!loose && (mask.value & ~known) !== 0) {
      warn(
        'ofp_connection',
        `bad value 0x${mask.value.toString(16)} for ${row.name} (allowed mask 0x${known.toString(16)})`,
      )
      return refused('OFPACFC_INVALID')
    }
    config[(type & 1) === 1 ? 'primary' : 'secondary'][row.kind] = mask.value & known
  }
  return decoded(config)
}

const formatMasks = (masks: Partial<AsyncMasks>): string =>
  kinds
    .map(({ kind, name, reasons }) => {
      const mask = masks[kind] ?? 0
      const words = reasons.filter((_, bit) => (mask & (1 << bit)) !== 0)
      return `${name.padStart(16)}:${words.length === 0 ? ' (off)' : words.map(word => ` ${word}`).join('')}\n`
    })
    .join('')

const format = ({ primary, secondary }: Partly): string =>
  `\n primary:\n${formatMasks(primary)}\n secondary:\n${formatMasks(secondary)}`

const noMasks: AsyncMasks = {
  packetIn: 0,
  portStatus: 0,
  flowRemoved: 0,
  roleStatus: 0,
  tableStatus: 0,
  requestForward: 0,
}

const replyForm = plainForm('GET_ASYNC_REPLY', 27, 4)

export const getAsyncReply: MessageCodec<'get_async_reply'> = {
  type: 'get_async_reply',
  forms: [replyForm],
  choose: (_, { version }) => (version < 4 ? undefined : replyForm),
  encode(body, out, { version }) {
    if (version < 5) writeFixed(body, out, version)
    else writeProperties(body, out, version)
  },
  decode(bytes, { version, warn }) {
    const config = version < 5 ? decoded(readFixed(bytes, version)) : readProperties(bytes, version, true, warn)
    if (!config.ok) return config
    const whole: AsyncConfig = {
      primary: { ...noMasks, ...config.value.primary },
      secondary: { ...noMasks, ...config.value.secondary },
    }
    return decoded({ type: 'get_async_reply', ...whole })
  },
  print: format,
}

const fixedForm = nxForm('SET_ASYNC_CONFIG', 19)
const propertiesForm = nxForm('SET_ASYNC_CONFIG2', 27, 1, 4)
const plain = plainForm('SET_ASYNC', 28, 4)

/** Whether masks say all of what the form of fixed size says, and nothing that it cannot say. */
const fitsFixed = (body: Partly): boolean =>
  [body.primary, body.secondary].every(masks =>
    kinds.every(({ kind }, place) => (masks[kind] !== undefined) === place < fixedKinds),
  )

export const setAsync: MessageCodec<'set_async'> = {
  type: 'set_async',
  forms: [fixedForm, propertiesForm, plain],
  choose: (body, { version }) =>
    version >= 5 ? plain : !fitsFixed(body) ? propertiesForm : version === 4 ? plain : fixedForm,
  encode(body, out, { version, form }) {
    if (form === fixedForm || (form === plain && version < 5)) writeFixed(body, out, version)
    else writeProperties(body, out, version)
  },
  decode(bytes, { version, form, warn }) {
    const fixed = form === fixedForm || (form === plain && version < 5)
    const config = fixed ? decoded(readFixed(bytes, version)) : readProperties(bytes, version, false, warn)
    return config.ok ? decoded({ type: 'set_async', ...config.value }) : config
  },
  print: format,
}
