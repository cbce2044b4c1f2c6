/** OFPT_BUNDLE_CONTROL and OFPT_BUNDLE_ADD_MESSAGE (OpenFlow 1.4 §7.3.9; the ONF's extension 230 for 1.3). */
import { decoded, refused } from '../error.ts'
import { bundleControls } from '../message.ts'
import { headerSize, readHead } from '../message-header.ts'
import { formatBits } from '../port-desc-text.ts'
import type { MessageCodec } from './codec.ts'
import { formIn, onfForm, plainForm } from './forms.ts'

const flagNames = [
  [1, 'atomic'],
  [2, 'ordered'],
] as const

const formatFlags = (flags: number): string => formatBits(flags, flagNames)

const controlForms = [onfForm('BUNDLE_CONTROL', 2300), plainForm('BUNDLE_CONTROL', 33, 5)]

export const bundleControl: MessageCodec<'bundle_control'> = {
  type: 'bundle_control',
  forms: controlForms,
  choose: (_, speech) => formIn(controlForms, speech),
  encode({ bundle, control, flags }, out) {
    out.u32(bundle)
    out.u16(typeof control === 'number' ? control : bundleControls.indexOf(control))
    out.u16(flags)
  },
  decode(bytes) {
    const bundle = bytes.u32()
    const number = bytes.u16()
    return decoded({ type: 'bundle_control', bundle, control: bundleControls[number] ?? number, flags: bytes.u16() })
  },
  print: ({ bundle, control, flags }) =>
    `\n bundle_id=${hex(bundle)} type=${typeof control === 'number' ? '' : control.toUpperCase()} flags=${formatFlags(flags)}\n`,
}

/** A number as C's `%#x` has it: zero without the `0x`. */
const hex = (value: number): string => (value === 0 ? '0' : `0x${value.toString(16)}`)

const addForms = [onfForm('BUNDLE_ADD_MESSAGE', 2301), plainForm('BUNDLE_ADD_MESSAGE', 34, 5)]

/** What a bundle may change: flows, groups and ports, and it may send packets. */
const isAllowed = (name: string): boolean =>
  ['OFPT_FLOW_MOD', 'NXT_FLOW_MOD', 'OFPT_GROUP_MOD', 'NXT_GROUP_MOD', 'OFPT_PORT_MOD', 'OFPT_PACKET_OUT'].includes(
    name,
  )

export const bundleAdd: MessageCodec<'bundle_add'> = {
  type: 'bundle_add',
  forms: addForms,
  choose: (_, speech) => formIn(addForms, speech),
  encode({ bundle, flags, message }, out) {
    out.u32(bundle)
    out.u16(0)
    out.u16(flags)
    out.raw(message)
  },
  decode(bytes, { version, xid, warn, formNameOf }) {
    const bundle = bytes.u32()
    bytes.skip(2)
    const flags = bytes.u16()
    const rest = bytes.rest()
    if (rest.length < headerSize) return refused('OFPBFC_MSG_BAD_LEN')
    if (rest[0] !== version) return refused('OFPBFC_BAD_VERSION')
    const length = (rest[2]! << 8) | rest[3]!
    if (length < headerSize || length > rest.length) return refused('OFPBFC_MSG_BAD_LEN')
    const message = rest.subarray(0, length)
    const head = readHead(message, () => {})
    if (head.ok && head.value.xid !== xid) return refused('OFPBFC_MSG_BAD_XID')
    const name = formNameOf(message)
    if (!name.ok) {
      warn('ofp_bundle', `OFPT14_BUNDLE_ADD_MESSAGE contained message is unparsable (${name.error})`)
      return refused('OFPBFC_MSG_UNSUP')
    }
    if (isAllowed(name.value)) return decoded({ type: 'bundle_add', bundle, flags, message })
    warn('ofp_bundle', `${name.value} message not allowed inside OFPT14_BUNDLE_ADD_MESSAGE`)
    return refused('OFPBFC_MSG_UNSUP')
  },
  print: ({ bundle, flags, message }, { verbosity, printMessage }) =>
    `\n bundle_id=${hex(bundle)} flags=${formatFlags(flags)}\n${printMessage(message, verbosity)}`,
}
