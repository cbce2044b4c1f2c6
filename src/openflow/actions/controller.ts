import { OfPort, type PacketInReason } from '../action.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { parse32, parseUpTo } from '../number.ts'
import { writePort } from '../port-number.ts'
import type { Warn } from '../port-text.ts'
import { beginProperty, type Property, takeProperty } from '../property.ts'
import { splitWords } from '../words.ts'
import { type ActionFormatter, type ActionKind, type ActionOf, type ActionParser, begin, nicira } from './codec.ts'
import { extension } from './form.ts'
import { formatHex, parseHex } from './hex.ts'

type Controller = ActionOf<'controller'>

/** OFPR_*: why a frame goes to a controller, by number. */
export const packetInReasons = [
  'no_match',
  'action',
  'invalid_ttl',
  'action_set',
  'group',
  'packet_out',
  'explicit_miss',
  'implicit_miss',
] as const satisfies readonly PacketInReason[]

const plain: Controller = { type: 'controller', maxLength: 0xffff, reason: 'action', controllerId: 0 }

/** `controller`, `CONTROLLER:128`, `controller(reason=no_match,max_len=128,id=3,userdata=01.02,pause,meter_id=4)`. */
const parse: ActionParser = argument => {
  if (/^[0-9]+$/.test(argument)) {
    const maxLength = parseUpTo(argument, 0xffff)
    return maxLength === undefined ? `invalid max_len "${argument}"` : { ...plain, maxLength }
  }
  let action = plain
  for (const { name, value } of splitWords(argument)) {
    const next = takeWord(action, name, value)
    if (typeof next === 'string') return next
    action = next
  }
  return action
}

const takeWord = (action: Controller, name: string, value: string): Controller | string => {
  switch (name) {
    case 'reason': {
      const reason = packetInReasons.find(known => reasonText(known) === value)
      return reason === undefined ? `unknown reason "${value}"` : { ...action, reason }
    }
    case 'max_len':
    case 'id': {
      const number = parseUpTo(value, 0xffff)
      if (number === undefined) return `invalid ${name} "${value}"`
      return name === 'id' ? { ...action, controllerId: number } : { ...action, maxLength: number }
    }
    case 'userdata': {
      const userdata = parseHex(value)
      if (userdata === undefined) return "bad hex digit in `controller' action `userdata'"
      return withUserdata(action, userdata)
    }
    case 'pause':
      return { ...action, pause: true }
    case 'meter_id': {
      const meter = parse32(value)
      if (typeof meter === 'string') return meter
      return withMeter(action, meter)
    }
    default:
      return `unknown key "${name}" parsing controller action`
  }
}

/** 0 is no meter, and takes one away that was said before. */
const withMeter = ({ meter: _, ...rest }: Controller, meter: number): Controller =>
  meter === 0 ? rest : { ...rest, meter }

const withUserdata = ({ userdata: _, ...rest }: Controller, userdata: readonly number[]): Controller =>
  userdata.length === 0 ? rest : { ...rest, userdata }

/** Whether nothing is said that an output to the reserved port could not say. */
const isPlain = (action: Controller): boolean =>
  reasonNumber(action) === plainReason && action.controllerId === 0 && !needsProperties(action)

const needsProperties = ({ userdata, pause, meter }: Controller): boolean =>
  userdata !== undefined || pause === true || meter !== undefined

/** Two reasons are Open vSwitch's own; it writes nothing for them, and reads them neither. */
const reasonText = (reason: PacketInReason): string => (reason.endsWith('_miss') ? '' : reason)

const plainReason = packetInReasons.indexOf('action')
const reasonNumber = ({ reason, otherReason }: Controller): number => otherReason ?? packetInReasons.indexOf(reason)

/** The action with a reason by its number. */
const withReason = ({ otherReason: _, ...rest }: Controller, number: number): Controller => {
  const reason = packetInReasons[number]
  return reason === undefined ? { ...rest, reason: 'action', otherReason: number } : { ...rest, reason }
}

const format: ActionFormatter<'controller'> = (action, { paint }) => {
  const { maxLength, reason, controllerId, userdata, pause, meter } = action
  if (isPlain(action)) return `CONTROLLER:${maxLength}`
  const parts: string[] = []
  if (reasonNumber(action) !== plainReason)
    parts.push(`${paint.param('reason=')}${action.otherReason ?? reasonText(reason)}`)
  if (maxLength !== 0xffff) parts.push(`${paint.param('max_len=')}${maxLength}`)
  if (controllerId !== 0) parts.push(`${paint.param('id=')}${controllerId}`)
  if (userdata !== undefined) parts.push(`${paint.param('userdata=')}${formatHex(userdata)}`)
  if (pause === true) parts.push(paint.value('pause'))
  if (meter !== undefined) parts.push(`${paint.param('meter_id=')}${meter}`)
  return `${paint.paren('controller(')}${parts.join(',')}${paint.paren(')')}`
}

const decodeOld = (bytes: Reader): Decoded<Controller> => {
  const maxLength = bytes.u16()
  const controllerId = bytes.u16()
  return decoded(withReason({ ...plain, maxLength, controllerId, as: 'controller' }, bytes.u8()))
}

/** NXAC2PT_*: properties of NXAST_CONTROLLER2. */
const propertyType = { maxLength: 0, controllerId: 1, reason: 2, userdata: 3, pause: 4, meter: 5 } as const

const decodeProperties = (bytes: Reader, warn: Warn): Decoded<Controller> => {
  if (bytes.raw(6).some(byte => byte !== 0)) return refused('NXBRC_MUST_BE_ZERO')
  let action: Controller = { ...plain, as: 'controller2' }
  while (bytes.left > 0) {
    const property = takeProperty(bytes)
    if (!property.ok) return property
    const next = takeProperty2(action, property.value, warn)
    if (!next.ok) return next
    action = next.value
  }
  return decoded(action)
}

const takeProperty2 = (
  action: Controller,
  { type, bytes, experimenter, subtype }: Property,
  warn: Warn,
): Decoded<Controller> => {
  if (experimenter !== undefined) {
    const which = `exp_id 0x${experimenter.toString(16)}, exp_type ${subtype}`
    warn('ofp_actions', `unknown NXAST_RAW_CONTROLLER2 property type for ${which}`)
    return refused('OFPBPC_BAD_EXP_TYPE')
  }
  const next = withProperty(action, type, bytes)
  if (next === undefined) {
    warn('ofp_actions', `unknown NXAST_RAW_CONTROLLER2 property type ${type}`)
    return refused('OFPBPC_BAD_TYPE')
  }
  if (bytes.short) return refused('OFPBPC_BAD_LEN')
  return decoded(next)
}

const withProperty = (action: Controller, type: number, bytes: Reader): Controller | undefined => {
  switch (type) {
    case propertyType.maxLength:
      return { ...action, maxLength: bytes.u16() }
    case propertyType.controllerId:
      return { ...action, controllerId: bytes.u16() }
    case propertyType.reason:
      return withReason(action, bytes.u8())
    case propertyType.userdata:
      return withUserdata(action, [...bytes.rest()])
    case propertyType.pause:
      return { ...action, pause: true }
    case propertyType.meter: {
      const meter = bytes.u32()
      bytes.short ||= bytes.left > 0
      return withMeter(action, meter)
    }
    default:
      return undefined
  }
}

const encodeProperties = (action: Controller, out: Writer): void => {
  const { maxLength, controllerId, userdata, pause, meter } = action
  const end = begin(out, 37, nicira)
  out.zeros(6)
  if (maxLength !== 0xffff) put16(out, propertyType.maxLength, maxLength)
  if (controllerId !== 0) put16(out, propertyType.controllerId, controllerId)
  const reason = reasonNumber(action)
  if (reason !== plainReason) put(out, propertyType.reason, () => out.u8(reason))
  if (userdata !== undefined) put(out, propertyType.userdata, () => out.raw(userdata))
  if (pause === true) put(out, propertyType.pause, () => {})
  if (meter !== undefined) put(out, propertyType.meter, () => out.u32(meter))
  end()
}

const put = (out: Writer, type: number, write: () => void): void => {
  const end = beginProperty(out, type)
  write()
  end()
}
const put16 = (out: Writer, type: number, value: number): void =>
  put(out, type, () => {
    out.u16(value)
    out.zeros(2)
  })

/** To controllers, as packet-ins. */
export const controller: ActionKind<'controller'> = {
  type: 'controller',
  parsers: { controller: parse },
  format,
  forms: [
    extension('NXAST_CONTROLLER', 20, 16, decodeOld),
    extension('NXAST_CONTROLLER2', 37, 16, (bytes, { warn }) => decodeProperties(bytes, warn), { exact: false }),
  ],
  encode(action, out, { version }) {
    if (action.as === 'controller2' || needsProperties(action)) {
      encodeProperties(action, out)
      return
    }
    const asOutput = action.as === undefined && isPlain(action)
    const end = asOutput ? begin(out, 0) : begin(out, 20, nicira)
    if (asOutput) writePort(OfPort.controller, out, version)
    out.u16(action.maxLength)
    if (!asOutput) {
      out.u16(action.controllerId)
      out.u8(reasonNumber(action))
      out.u8(0)
    }
    end()
  },
}
