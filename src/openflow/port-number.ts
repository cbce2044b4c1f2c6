import { OfPort } from './action.ts'
import type { Reader, Writer } from './bytes.ts'
import type { Warn } from './port-text.ts'
import type { Version } from './protocol.ts'

/** Where OpenFlow 1.1 and later put the reserved ports: 1.0's 16-bit numbers and this. */
const offset = 0xffff0000

/** A port's 32-bit number of OpenFlow 1.1 and later. */
export const toPort11 = (port: number): number => (port < OfPort.max ? port : port + offset)

/** A port by its 32-bit number; undefined, with a warning, for those that 16 bits cannot say. */
export const fromPort11 = (number: number, warn: Warn = () => {}): number | undefined => {
  if (number < OfPort.max) return number
  if (number >= OfPort.max + offset) return number - offset
  warn('ofp_port', `port ${number} is outside the supported range 0 through 65279 or 0xffffff00 through 0xffffffff`)
  return undefined
}

/** Reads a port of 2 bytes (1.0) or 4; undefined for one that there cannot be: OFPBAC_BAD_OUT_PORT. */
export const readPort = (bytes: Reader, version: Version, warn?: Warn): number | undefined =>
  version === 1 ? bytes.u16() : fromPort11(bytes.u32(), warn)

/** Writes a port in 2 bytes (1.0) or 4. */
export const writePort = (port: number, out: Writer, version: Version): void => {
  if (version === 1) out.u16(port)
  else out.u32(toPort11(port))
}
