import type { Reader } from '../bytes.ts'
import { decoded } from '../error.ts'
import { hexDump } from '../hex-dump.ts'
import type { Warn } from '../port-text.ts'
import type { MessageCodec } from './codec.ts'
import { formIn, plainForm } from './forms.ts'

const forms = [plainForm('HELLO', 0)]
const versionBitmap = 1

/** All versions up to one, which is all that a hello without a bitmap can say. */
const upTo = (version: number): number => (version >= 31 ? 0xfffffffe : 2 ** (version + 1) - 2)

/** The first word of a bitmap element; undefined if it makes no sense. */
const readBitmap = (element: Reader, warn: Warn): number | undefined => {
  if (element.left < 4) return undefined
  let bitmap = element.u32()
  if ((bitmap & 1) !== 0) {
    warn('ofp_util', 'peer claims to support invalid OpenFlow version 0x00')
    bitmap &= ~1
  }
  if (bitmap !== 0) return bitmap >>> 0
  warn('ofp_util', 'peer does not support any OpenFlow version (between 0x01 and 0x1f)')
  return undefined
}

type Hello = { versions: number; surprising: boolean }

/** Reads a hello's elements (OpenFlow 1.3 §A.5.1); what makes no sense is passed over. */
const readHello = (bytes: Reader, version: number, warn: Warn): Hello => {
  const hello: Hello = { versions: upTo(version), surprising: false }
  while (bytes.left > 0) {
    const type = bytes.u16()
    const length = bytes.u16()
    const element = length < 4 ? undefined : bytes.part(length - 4)
    // Of the last element the padding may be missing only if there is nothing to pad.
    const padding = (8 - (length % 8)) % 8
    if (element === undefined || padding > bytes.left) return { ...hello, surprising: true }
    bytes.skip(padding)
    const versions = type === versionBitmap ? readBitmap(element, warn) : undefined
    if (versions === undefined) hello.surprising = true
    else hello.versions = versions
  }
  return hello
}

const formatVersions = (versions: number): string => {
  const names: string[] = []
  for (let version = 0; version < 32; version++)
    if ((versions >>> version) & 1) names.push(`0x${version.toString(16).padStart(2, '0')}`)
  return names.join(', ')
}

/** OFPT_HELLO. The header's version is the highest that is offered; a bitmap stands only where it says more than that. */
export const hello: MessageCodec<'hello'> = {
  type: 'hello',
  forms,
  choose: (_, speech) => formIn(forms, speech),
  encode({ versions }, out, { version }) {
    if (versions === upTo(version)) return
    out.u16(versionBitmap)
    out.u16(8)
    out.u32(versions)
  },
  decode(bytes, { version, warn }) {
    const { versions, surprising } = readHello(bytes, version, warn)
    return decoded({ type: 'hello', versions, ...(surprising && { surprising }) })
  },
  print({ versions, surprising }, { bytes }) {
    const text = `\n version bitmap: ${formatVersions(versions)}\n`
    return surprising ? `${text} unknown data in hello:\n${hexDump(bytes)}` : text
  },
}
