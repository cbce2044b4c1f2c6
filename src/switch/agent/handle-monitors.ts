import type { MonitorPeer } from '../flow-monitor.ts'
import type { Connection } from './connection.ts'
import type { Handlers } from './handler.ts'

/** How a connection is told of flows that it watches. Such messages answer nothing: their number is 0. */
const watcher = (connection: Connection): MonitorPeer => ({
  updates: updates => connection.tellAll({ type: 'flow_monitor_reply', updates }),
  paused: () => void connection.notify({ type: 'flow_monitor_paused' }),
  resumed: () => void connection.notify({ type: 'flow_monitor_resumed' }),
  backlog: () => connection.backlog(),
})

export const monitorHandlers: Handlers = {
  flow_monitor_request({ requests }, { bridge, from, reply }) {
    const asked = bridge.monitors.request(from, watcher(from), requests)
    if (!asked.ok) return asked.error
    reply({ type: 'flow_monitor_reply', updates: asked.updates })
    return undefined
  },

  flow_monitor_cancel: ({ id }, { bridge, from }) => bridge.monitors.cancel(from, id),
}
