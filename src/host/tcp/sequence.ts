/**
 * Sequence numbers. On the wire they have 32 bits and wrap; here each direction of a connection counts from its SYN, which
 * is 0, so that the first byte of data is 1 and numbers compare as numbers do, for 2^53 bytes.
 */

/** The wire's form of a number that counts from `initial`. */
export const toWire = (initial: number, sequence: number): number => ((initial + sequence) % 0x100000000) >>> 0

/** The number meant by the wire's 32 bits: of all that would be written so, the one nearest to `near`. */
export const fromWire = (initial: number, wire: number, near: number): number =>
  near + ((wire - initial - (near % 0x100000000)) | 0)

/** Whether a 32-bit timestamp is older than another (RFC 7323 §5.2). */
export const isOlder = (stamp: number, than: number): boolean => ((stamp - than) | 0) < 0
