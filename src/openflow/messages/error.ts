import type { Reader, Writer } from '../bytes.ts'
import {
  type Decoded,
  decoded,
  type ErrorNumbers,
  errorNamed,
  errorNumbers,
  type OfErrorName,
  refused,
} from '../error.ts'
import { hexDump } from '../hex-dump.ts'
import type { Version } from '../protocol.ts'
import type { MessageCodec } from './codec.ts'
import { formIn, plainForm } from './forms.ts'

const forms = [plainForm('ERROR', 1)]
/** NXET_VENDOR and NXVC_VENDOR_ERROR: how 1.0 and 1.1 say errors of extensions. */
const vendorError = 0xb0c2
/** OFPET_EXPERIMENTER: type and code in one, and the vendor behind it. */
const experimenterError = 0xffff

/** Writes what comes before the data. */
export const writeErrorNumbers = ({ vendor, type, code }: ErrorNumbers, out: Writer, version: number): void => {
  if (vendor === 0) {
    out.u16(type)
    out.u16(code)
  } else if (version === 1 || version === 2) {
    out.u16(vendorError)
    out.u16(0)
    out.u32(vendor)
    out.u16(type)
    out.u16(code)
  } else {
    out.u16(experimenterError)
    out.u16(type)
    out.u32(vendor)
  }
}

const readErrorNumbers = (bytes: Reader): Decoded<ErrorNumbers> => {
  const type = bytes.u16()
  const code = bytes.u16()
  if (type === vendorError && code === 0) {
    if (bytes.left < 8) return refused('OFPBRC_BAD_LEN')
    return decoded({ vendor: bytes.u32(), type: bytes.u16(), code: bytes.u16() })
  }
  if (type !== experimenterError) return decoded({ vendor: 0, type, code })
  return bytes.left < 4 ? refused('OFPBRC_BAD_LEN') : decoded({ vendor: bytes.u32(), type: code, code: 0 })
}

/** Text of a stranger, with everything but plain characters as backslash and octal digits. */
const escaped = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x22
    text += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
  }
  return text
}

/** OFPT_ERROR. */
export const error: MessageCodec<'error'> = {
  type: 'error',
  forms,
  choose: (_, speech) => formIn(forms, speech),
  encode({ vendor, errorType, code, data }, out, { version }) {
    writeErrorNumbers({ vendor, type: errorType, code }, out, version)
    out.raw(data)
  },
  decode(bytes, { version }) {
    const numbers = readErrorNumbers(bytes)
    if (!numbers.ok) return numbers
    const { vendor, type, code } = numbers.value
    const name = errorNamed(version, numbers.value)
    return decoded({ type: 'error', name, vendor, errorType: type, code, data: bytes.rest() })
  },
  print({ name, data }, { bytes, verbosity, printMessage }) {
    // ovs-ofctl takes an error that it does not know for one that is too short.
    if (name === undefined) return ` ***decode error: OFPBRC_BAD_LEN***\n${verbosity >= 5 ? '' : hexDump(bytes)}`
    if (!name.startsWith('OFPHFC_')) return ` ${name}\n${printMessage(data, 1)}`
    return data.length === 0 ? ` ${name}\n` : ` ${name}\n${escaped(data)}\n`
  },
}

/** An error by its name; undefined if the version cannot say it. */
export const errorBody = (
  name: OfErrorName,
  version: Version,
  data: Uint8Array,
): Parameters<typeof error.encode>[0] | undefined => {
  const numbers = errorNumbers(name, version)
  if (numbers === undefined) return undefined
  return { type: 'error', name, vendor: numbers.vendor, errorType: numbers.type, code: numbers.code, data }
}
