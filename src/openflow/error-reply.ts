import { Writer } from './bytes.ts'
import { type ErrorNumbers, errorNumbers, type OfErrorName } from './error.ts'
import { writeErrorNumbers } from './messages/error.ts'
import type { Warn } from './port-text.ts'
import type { Version } from './protocol.ts'

/** How much of a refused message goes back with the error; the whole message would do no harm, but is no use. */
const mostData = 0xffff - 32

const errorType = 1

/** What is said for an error that the version has no numbers for. */
const fallback: OfErrorName = 'NXBRC_UNENCODABLE_ERROR'

const numbersIn = (error: OfErrorName, version: Version, warn: Warn): ErrorNumbers => {
  const numbers = errorNumbers(error, version)
  if (numbers !== undefined) return numbers
  warn('ofp_errors', `cannot encode ${error} for OpenFlow 1.${version - 1}`, 'ERR')
  return errorNumbers(fallback, version) as ErrorNumbers
}

/**
 * An OFPT_ERROR for a message of at least 8 bytes, which goes back with it: in the message's own version, or in 1.0 if
 * that is not known; an error that the version cannot say becomes NXBRC_UNENCODABLE_ERROR.
 */
export const encodeErrorReply = (error: OfErrorName, request: Uint8Array, warn: Warn = () => {}): Uint8Array => {
  const said = request[0]!
  const known = said >= 1 && said <= 6
  if (!known)
    warn(
      'ofp_errors',
      `cannot encode error for unknown OpenFlow version 0x${said.toString(16).padStart(2, '0')}`,
      'ERR',
    )
  const version = (known ? said : 1) as Version
  const out = new Writer(request.length + 24)
  out.u8(version)
  out.u8(errorType)
  out.u16(0)
  out.raw(request.subarray(4, 8))
  // How an extension's error is laid out follows from what the request says, whether that is known or not.
  writeErrorNumbers(numbersIn(error, version, warn), out, said)
  out.raw(request.subarray(0, mostData))
  out.put16(2, out.at)
  return out.done()
}
