import { Frame } from '../../wire/frame.ts'
import type { Handlers } from './handler.ts'
import { noBuffer } from './packet-ins.ts'

export const packetHandlers: Handlers = {
  packet_out(body, { bridge }) {
    // There are no buffers, so none can be named.
    if (body.bufferId !== noBuffer) return 'OFPBRC_BUFFER_UNKNOWN'
    bridge.packetOut(Frame.from(body.packet), body.inPort, body.actions)
    return undefined
  },
}
