import { OfPort } from '../../openflow/action.ts'
import type { BodyOf, PortStats } from '../../openflow/message.ts'
import type { BridgePort } from '../port.ts'
import type { Handlers, Request } from './handler.ts'
import { changedConfig, portDesc } from './ports.ts'

/** The ports that a request is about, the local one first; `none` asks for all. */
const asked = ({ bridge }: Request, port: number): BridgePort[] => {
  if (port !== OfPort.none) return bridge.ports.has(port) ? [bridge.ports.get(port) as BridgePort] : []
  const local = (each: BridgePort): number => Number(each.ofport === OfPort.local)
  return [...bridge.floodOrder].sort((a, b) => local(b) - local(a) || a.ofport - b.ofport)
}

const statsOf = (port: BridgePort, { sw }: Request): PortStats => {
  const own = port.datapathPort !== undefined && port.type !== 'vxlan'
  const counted = own ? sw.datapath.portStats(port.datapathPort as number) : undefined
  const counts = counted ?? port.traffic
  return {
    port: port.ofport,
    rxPackets: counts.rxPackets,
    txPackets: counts.txPackets,
    rxBytes: counts.rxBytes,
    txBytes: counts.txBytes,
    rxDropped: counted?.rxDropped,
    txDropped: counted?.txDropped,
    rxErrors: undefined,
    txErrors: undefined,
    rxFrameErrors: undefined,
    rxOverErrors: undefined,
    rxCrcErrors: undefined,
    collisions: undefined,
    duration: sw.clock.now() - port.created,
    custom: [],
  }
}

export const portHandlers: Handlers = {
  port_request({ port }, request) {
    request.sw.syncStats()
    request.reply({ type: 'port_reply', ports: asked(request, port).map(each => statsOf(each, request)) })
    return undefined
  },

  port_desc_request({ port }, { bridge, reply }) {
    const ports = port === OfPort.none ? bridge.floodOrder : bridge.floodOrder.filter(({ ofport }) => ofport === port)
    reply({ type: 'port_desc_reply', ports: ports.map(portDesc) })
    return undefined
  },

  port_mod(body: BodyOf<'port_mod'>, { bridge }) {
    const port = bridge.ports.get(body.port)
    if (port === undefined) return 'OFPPMFC_BAD_PORT'
    if (port.mac !== body.mac) return 'OFPPMFC_BAD_HW_ADDR'
    bridge.updatePort(port, { config: changedConfig(port.config, body.config, body.mask) })
    return undefined
  },
}
