import type { PacketInReason } from '../action.ts'
import { packetInReasons } from '../actions/controller.ts'
import type { Version } from '../protocol.ts'

/** OFPR_*: reasons of newer versions are told older ones as what they are closest to. */
export const reasonNumber = (reason: PacketInReason | number, version: Version): number => {
  if (typeof reason === 'number') return reason
  if (reason === 'explicit_miss') return version < 4 ? 1 : 0
  if (reason === 'implicit_miss') return 0
  const number = packetInReasons.indexOf(reason)
  return number > 2 && version < 5 ? 1 : number
}

/** The reasons that have a number on the wire. */
const wireReasons = 6
export const reasonOf = (number: number): PacketInReason | number =>
  number < wireReasons ? (packetInReasons[number] ?? number) : number

/** Reasons without a number of their own on the wire have no name there either, and take up the next two. */
export const reasonText = (reason: PacketInReason | number): string =>
  typeof reason !== 'number' ? reason : reason < packetInReasons.length ? '' : String(reason)
