/** What a spanning tree of 1998 takes of what it is sent, in Open vSwitch's words where it does not. */
import { type Bpdu, BpduHeader, BpduType, parseBpdu, smallestBpdu } from '../../wire/bpdu.ts'

/** `bad`: the bytes are no message; `old`: the message is, but nothing comes of it. */
export type Heard = { is: 'good'; bpdu: Exclude<Bpdu, { kind: 'rapid' }> } | { is: 'bad' | 'old'; why: string }

/**
 * The bytes behind LLC. A message of a change may be longer than it need be (IEEE 802.1D-2004 §9.3.4): Open vSwitch's rapid
 * bridges send such, which its own of 1998 refuse.
 */
export const hearStp = (bytes: Uint8Array): Heard => {
  const size = bytes.length
  const bad = (why: string): Heard => ({ is: 'bad', why: `received ${why}` })
  if (size < smallestBpdu) return bad(`runt ${size}-byte BPDU`)
  const { at } = BpduHeader
  const protocol = at.protocol(bytes, 0)
  if (protocol !== 0) return bad(`BPDU with unexpected protocol ID ${protocol}`)
  const type = at.type(bytes, 0)
  if (type !== BpduType.config && type !== BpduType.change) return bad(`BPDU of unexpected type ${type}`)
  const read = parseBpdu(bytes, 0, size)
  if (!read.ok || read.value.kind === 'rapid') return bad(`config BPDU with invalid size ${size}`)
  const { value } = read
  if (value.kind === 'config' && value.messageAge >= value.maxAge) {
    const ages = `message age (${value.messageAge}) greater than max age (${value.maxAge})`
    return { is: 'old', why: `received config BPDU with ${ages}` }
  }
  return { is: 'good', bpdu: value }
}

/** The version that a message names if it is none of 1998; undefined if it does, or is none at all. */
export const strangeVersion = (bytes: Uint8Array): number | undefined => {
  if (bytes.length < smallestBpdu || BpduHeader.at.protocol(bytes, 0) !== 0) return undefined
  return BpduHeader.at.version(bytes, 0) || undefined
}
