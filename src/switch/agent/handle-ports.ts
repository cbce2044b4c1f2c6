import type { OfErrorName } from '../../openflow/error.ts'
import type { BodyOf, PortStats } from '../../openflow/message.ts'
import type { BridgePort, PortTraffic } from '../port.ts'
import { age } from './age.ts'
import type { Handlers, Request } from './handler.ts'
import { changedConfig, isDummy, portDesc, portsAsked } from './ports.ts'

const statsOf = (port: BridgePort, { sw }: Request): PortStats => {
  const own = port.datapathPort !== undefined && port.type !== 'vxlan'
  const counted = own ? sw.datapath.portStats(port.datapathPort as number) : undefined
  const counts = counted ?? port.traffic
  const dummy = own && isDummy(port, sw)
  return {
    port: port.ofport,
    rxPackets: counts.rxPackets,
    txPackets: counts.txPackets,
    rxBytes: counts.rxBytes,
    txBytes: counts.txBytes,
    rxDropped: dummy ? undefined : counted?.rxDropped,
    txDropped: dummy ? undefined : counted?.txDropped,
    rxErrors: undefined,
    txErrors: undefined,
    rxFrameErrors: undefined,
    rxOverErrors: undefined,
    rxCrcErrors: undefined,
    collisions: undefined,
    duration: age(sw.clock.now(), port.created),
    custom: dummy ? dummyCounters(counts) : [],
  }
}

/** What a dummy tells of itself: its own two counters, and those of its queue. */
const dummyCounters = (counts: PortTraffic): PortStats['custom'] => [
  ['rx_custom_packets_1', counts.rxPackets],
  ['rx_custom_packets_2', counts.rxPackets],
  ['rx_q0_bytes', counts.rxBytes],
  ['rx_q0_packets', counts.rxPackets],
  ['tx_q0_bytes', counts.txBytes],
  ['tx_q0_packets', counts.txPackets],
]

/** Does what a port-mod says; gives how to take it back, or why it cannot be. */
export const changePort = (body: BodyOf<'port_mod'>, { bridge }: Request): OfErrorName | (() => void) => {
  const port = bridge.ports.get(body.port)
  if (port === undefined) return 'OFPPMFC_BAD_PORT'
  if (port.mac !== body.mac) return 'OFPPMFC_BAD_HW_ADDR'
  const { config } = port
  bridge.updatePort(port, { config: changedConfig(config, body.config, body.mask) })
  return () => bridge.updatePort(port, { config })
}

export const portHandlers: Handlers = {
  port_request({ port }, request) {
    request.sw.syncStats()
    request.reply({ type: 'port_reply', ports: portsAsked(request.bridge, port).map(each => statsOf(each, request)) })
    return undefined
  },

  port_desc_request({ port }, { bridge, reply }) {
    reply({ type: 'port_desc_reply', ports: portsAsked(bridge, port).map(each => portDesc(each)) })
    return undefined
  },

  port_mod(body, request) {
    const done = changePort(body, request)
    return typeof done === 'string' ? done : undefined
  },
}
