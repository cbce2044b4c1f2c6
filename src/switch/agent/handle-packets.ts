import type { OfErrorName } from '../../openflow/error.ts'
import { type BodyOf, noBuffer } from '../../openflow/message.ts'
import { Frame } from '../../wire/frame.ts'
import type { Handlers, Request } from './handler.ts'

/** How to send what a packet-out says, or why it cannot be. */
export const sendPacket = (body: BodyOf<'packet_out'>, { bridge }: Request): OfErrorName | (() => void) => {
  // There are no buffers, so none can be named.
  if (body.bufferId !== noBuffer) return 'OFPBRC_BUFFER_UNKNOWN'
  const refusal = bridge.flows.check(body.actions)
  if (refusal !== undefined) return refusal
  return () => bridge.packetOut(Frame.from(body.packet), body.inPort, body.actions)
}

export const packetHandlers: Handlers = {
  packet_out(body, request) {
    const send = sendPacket(body, request)
    if (typeof send === 'string') return send
    send()
    return undefined
  },

  /** There is no connection tracker yet, and so nothing in it to forget. */
  ct_flush: () => undefined,
  ct_flush_zone: () => undefined,
}
