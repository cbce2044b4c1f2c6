import { extract } from '../../flow/extract.ts'
import { newKey, word } from '../../flow/layout.ts'
import { packetMask } from '../../flow/packet-mask.ts'
import { checkReceived } from '../../openflow/action-check.ts'
import type { OfErrorName } from '../../openflow/error.ts'
import { type BodyOf, noBuffer } from '../../openflow/message.ts'
import { decodeContinuation } from '../../openflow/messages/continuation.ts'
import { protocolSpoken } from '../../openflow/protocol.ts'
import { Frame } from '../../wire/frame.ts'
import { frozenOf } from './continuations.ts'
import type { Handlers, Request } from './handler.ts'

/** What a packet-out is checked by, each used for one at a time. */
const key = newKey()
const mask = newKey()

/** How to send what a packet-out says, or why it cannot be. */
export const sendPacket = (body: BodyOf<'packet_out'>, { bridge, sw, from }: Request): OfErrorName | (() => void) => {
  // There are no buffers, so none can be named.
  if (body.bufferId !== noBuffer) return 'OFPBRC_BUFFER_UNKNOWN'
  const { actions, match, inPort } = body
  const frame = Frame.from(body.packet)
  frame.packetType = match.key[word.packetType]!
  key.set(match.key)
  mask.fill(0)
  extract(frame, key, sw.datapath.vlanLimit)
  // The frame is known, so actions that it has no headers for are wrong.
  const spoken = protocolSpoken(from.version ?? 1, from.nxm, from.tableId)
  const refusal = checkReceived(actions, { key, mask: packetMask(key, mask) }, 0, spoken) ?? bridge.flows.check(actions)
  return refusal ?? (() => bridge.packetOut(frame, inPort, actions, match.key))
}

export const packetHandlers: Handlers = {
  packet_out(body, request) {
    const send = sendPacket(body, request)
    if (typeof send === 'string') return send
    send()
    return undefined
  },

  resume(body, { sw, message }) {
    const { continuation, packet } = body
    const read = decodeContinuation(continuation ?? new Uint8Array(0), { version: message.version })
    const bridge = read.ok ? sw.bridgeById(read.value.bridge) : undefined
    if (!read.ok || bridge === undefined) return 'NXR_STALE'
    const frame = Frame.from(packet)
    frame.packetType = body.match.key[word.packetType]!
    sw.resume(frozenOf(read.value, bridge, body), frame, body.match.key, read.value.datapathPort)
    return undefined
  },

  /** There is no connection tracker yet, and so nothing in it to forget. */
  ct_flush: () => undefined,
  ct_flush_zone: () => undefined,
}
