/** OFPT_PORT_STATUS and OFPT_PORT_MOD. */
import { formatMac } from '../../wire/address.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { formatPortConfig, formatPortDesc, formatPortFeatures } from '../port-desc-text.ts'
import { featuresFrom10, featuresTo10 } from '../port-features.ts'
import { readPort, writePort } from '../port-number.ts'
import { formatPort } from '../port-text.ts'
import { decodePort, encodePort, readMac, writeMac } from '../port-wire.ts'
import { beginProperty, takeProperty } from '../property.ts'
import type { MessageCodec } from './codec.ts'
import { formIn, plainForm } from './forms.ts'

const statusForms = [plainForm('PORT_STATUS', 12)]
const reasons = ['add', 'delete', 'modify'] as const
const reasonNames = { add: 'ADD', delete: 'DEL', modify: 'MOD' } as const

export const portStatus: MessageCodec<'port_status'> = {
  type: 'port_status',
  forms: statusForms,
  choose: (_, speech) => formIn(statusForms, speech),
  encode({ reason, port }, out, { version }) {
    out.u8(reasons.indexOf(reason))
    out.zeros(7)
    encodePort(port, out, version)
  },
  decode(bytes, { version, warn }) {
    const reason = reasons[bytes.u8()]
    if (reason === undefined) return refused('NXBRC_BAD_REASON')
    bytes.skip(7)
    const port = decodePort(bytes, version, warn)
    return port.ok ? decoded({ type: 'port_status', reason, port: port.value }) : port
  },
  // The number, whether names are shown or not: the name stands behind it.
  print: ({ reason, port }) => ` ${reasonNames[reason]}:${formatPortDesc(port)}`,
}

const modForms = [plainForm('PORT_MOD', 15, 1, 1), plainForm('PORT_MOD', 16, 2)]
/** OFPPC_* that 1.0 has, and later versions. */
const config10 = 0x7f
const config11 = 0x65
const ethernetProperty = 0

/** Reads 1.4's properties, of which the Ethernet one says what to advertise. */
const readAdvertised = (bytes: Reader): Decoded<number> => {
  let advertise = 0
  while (bytes.left > 0) {
    const property = takeProperty(bytes)
    if (!property.ok) return property
    if (property.value.type !== ethernetProperty) continue
    if (property.value.bytes.left !== 4) return refused('OFPBPC_BAD_LEN')
    advertise = property.value.bytes.u32() & 0xffff
  }
  return decoded(advertise)
}

const writeAdvertised = (advertise: number, out: Writer): void => {
  if (advertise === 0) return
  const end = beginProperty(out, ethernetProperty)
  out.u32(advertise)
  end()
}

export const portMod: MessageCodec<'port_mod'> = {
  type: 'port_mod',
  forms: modForms,
  choose: (_, speech) => formIn(modForms, speech),
  encode({ port, mac, config, mask, advertise }, out, { version }) {
    const known = version === 1 ? config10 : config11
    writePort(port, out, version)
    if (version > 1) out.zeros(4)
    writeMac(mac, out)
    if (version > 1) out.zeros(2)
    out.u32(config & known)
    out.u32(mask & known)
    if (version >= 5) {
      writeAdvertised(advertise, out)
      return
    }
    out.u32(version === 1 ? featuresTo10(advertise) : advertise)
    out.zeros(4)
  },
  decode(bytes, { version, warn }) {
    const known = version === 1 ? config10 : config11
    const port = readPort(bytes, version, warn)
    if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
    if (version > 1) bytes.skip(4)
    const mac = readMac(bytes)
    if (version > 1) bytes.skip(2)
    const config = bytes.u32() & known
    const mask = bytes.u32() & known
    if (version < 5) {
      const bits = bytes.u32()
      const advertise = version === 1 ? featuresFrom10(bits) : bits & 0xffff
      return decoded({ type: 'port_mod', port, mac, config: config & mask, mask, advertise })
    }
    const advertise = readAdvertised(bytes)
    if (!advertise.ok) return advertise
    return decoded({ type: 'port_mod', port, mac, config: config & mask, mask, advertise: advertise.value })
  },
  print: ({ port, mac, config, mask, advertise }, { ports }) =>
    ` port: ${formatPort(port, ports)}: addr:${formatMac(mac)}\n` +
    `     config: ${formatPortConfig(config)}\n` +
    `     mask:   ${formatPortConfig(mask)}\n` +
    `     advertise: ${advertise === 0 ? 'UNCHANGED' : formatPortFeatures(advertise)}\n`,
}
