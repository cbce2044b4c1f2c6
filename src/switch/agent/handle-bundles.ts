import type { OfErrorName } from '../../openflow/error.ts'
import type { BundleControl, OfBody, OfMessage } from '../../openflow/message.ts'
import { decodeMessage } from '../../openflow/message-wire.ts'
import type { BundleMod } from '../flow-bundle.ts'
import { internalTable } from '../flow-table.ts'
import { namesBuffer } from './handle-flows.ts'
import { sendPacket } from './handle-packets.ts'
import { changePort } from './handle-ports.ts'
import type { Handlers, Request } from './handler.ts'

const replies: Partial<Record<BundleControl, BundleControl>> = {
  open_request: 'open_reply',
  close_request: 'close_reply',
  commit_request: 'commit_reply',
  discard_request: 'discard_reply',
}

/** What a message does as part of a bundle; undefined if it cannot be in one. */
const modOf = (body: OfBody, request: Request): BundleMod | undefined => {
  switch (body.type) {
    case 'flow_mod':
      return { type: 'flow_mod', mod: body }
    case 'group_mod':
      return { type: 'group_mod', mod: body.mod }
    case 'port_mod':
      return { type: 'port_mod', apply: () => changePort(body, request) }
    case 'packet_out':
      return { type: 'packet_out', prepare: () => sendPacket(body, request) }
    default:
      return undefined
  }
}

const inner = (bytes: Uint8Array, { bridge, from }: Request): OfMessage | OfErrorName => {
  const { nxm, tableId } = from
  const decoded = decodeMessage(bytes, { nxm, tableId, tlv: bridge.tlv.layout })
  return decoded.ok ? decoded.message : decoded.error
}

const change = (
  id: number,
  flags: number,
  which: BundleControl | number,
  request: Request,
): OfErrorName | undefined => {
  const { bridge, from, sw } = request
  const now = sw.clock.now()
  switch (which) {
    case 'open_request':
      return from.bundles.open(id, flags, now)
    case 'close_request':
      return from.bundles.close(id, flags, now)
    case 'discard_request':
      return from.bundles.discard(id)
    case 'commit_request': {
      const entries = from.bundles.take(id, flags)
      if (typeof entries === 'string') return entries
      const refused = bridge.commit(entries)
      if (refused === undefined) {
        for (const { mod } of entries) if (mod.type === 'flow_mod') from.flowMods?.note(mod.mod.command)
        return undefined
      }
      from.refuse(refused.entry.bytes, refused.error)
      return 'OFPBFC_MSG_FAILED'
    }
    default:
      return 'OFPBFC_BAD_TYPE'
  }
}

export const bundleHandlers: Handlers = {
  bundle_control({ bundle, flags, control: which }, request) {
    const { agent, from, reply } = request
    const error = change(bundle, flags, which, request)
    if (error !== undefined) return error
    agent.watchBundles(from, request.bytes)
    const control = typeof which === 'number' ? undefined : replies[which]
    if (control !== undefined) reply({ type: 'bundle_control', bundle, flags: 0, control })
    return undefined
  },

  bundle_add({ bundle, flags, message: bytes }, request) {
    const { agent, from, sw } = request
    const kept = bytes.slice()
    const whole = inner(kept, request)
    if (typeof whole === 'string') return whole
    if (whole.body.type === 'flow_mod' && namesBuffer(whole.body)) return 'OFPBRC_BUFFER_UNKNOWN'
    // What flows a change is about is seen when the bundle is committed; where a new one goes is plain now.
    if (whole.body.type === 'flow_mod' && whole.body.command === 'add' && whole.body.table === internalTable)
      return 'OFPBRC_EPERM'
    const mod = modOf(whole.body, request)
    if (mod === undefined) return 'OFPBFC_MSG_UNSUP'
    const by = { connection: from, xid: whole.xid }
    const error = from.bundles.add(bundle, flags, { mod, by, bytes: request.bytes.slice() }, sw.clock.now())
    if (error === undefined) agent.watchBundles(from, request.bytes)
    return error
  },
}
