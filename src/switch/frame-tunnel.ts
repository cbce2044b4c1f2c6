import { type FlowKey, type TunnelRow, word } from '../flow/layout.ts'
import type { ControllerCookie } from './translate/translation.ts'

/** The tunnel that a key says the frame came by, if any. */
export const tunnelOf = (key: FlowKey): TunnelRow | undefined => {
  for (let i = word.tunIdHigh; i < word.metadataHigh; i++)
    if (key[i] !== 0) return key.slice(word.tunIdHigh, word.metadataHigh)
  return undefined
}

/** The key for a packet-in: a megaflow does not tell all of the tunnel apart that its frames come in by, a packet-in tells it. */
export const withOwnTunnel = ({ key, sameTunnel }: ControllerCookie, frame: FlowKey): FlowKey => {
  if (sameTunnel === undefined) return key
  const own = key.slice()
  for (const [i, same] of sameTunnel.entries()) {
    const at = word.tunIdHigh + i
    own[at] = (key[at]! & same) | (frame[at]! & ~same)
  }
  return own
}
