import type { FlowUpdate } from '../../openflow/message.ts'
import type { Bridge } from '../bridge.ts'
import type { MonitorPeer } from '../flow-monitor.ts'
import type { Connection } from './connection.ts'
import type { Handlers } from './handler.ts'

/** The same with where tunnel options lie in this bridge's flows. */
const placed = (updates: readonly FlowUpdate[], { tlv }: Bridge): FlowUpdate[] =>
  updates.map(update => ('match' in update ? { ...update, match: { ...update.match, tlv: tlv.layout } } : update))

/** How a connection is told of flows that it watches. Such messages answer nothing: their number is 0. */
const watcher = (connection: Connection, bridge: Bridge): MonitorPeer => ({
  updates: updates => connection.tellAll({ type: 'flow_monitor_reply', updates: placed(updates, bridge) }),
  paused: () => void connection.notify({ type: 'flow_monitor_paused' }),
  resumed: () => void connection.notify({ type: 'flow_monitor_resumed' }),
  backlog: () => connection.backlog(),
})

export const monitorHandlers: Handlers = {
  flow_monitor_request({ requests }, { bridge, from, reply }) {
    const asked = bridge.monitors.request(from, watcher(from, bridge), requests)
    if (!asked.ok) return asked.error
    reply({ type: 'flow_monitor_reply', updates: placed(asked.updates, bridge) })
    return undefined
  },

  flow_monitor_cancel: ({ id }, { bridge, from }) => bridge.monitors.cancel(from, id),
}
