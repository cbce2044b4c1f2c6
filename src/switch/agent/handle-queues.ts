import { OfPort } from '../../openflow/action.ts'
import type { QueueDesc } from '../../openflow/message.ts'
import type { BridgePort } from '../port.ts'
import type { Handlers, Request } from './handler.ts'
import { isDummy, portsAsked } from './ports.ts'

/** OFPQ_ALL. */
const allQueues = 0xffffffff

/** The queues of a port: devices without a queueing discipline have none, dummies always one. */
const queuesOf = (port: BridgePort, { sw }: Request): readonly number[] => (isDummy(port, sw) ? [0] : [])

const descOf = (port: BridgePort, queue: number): QueueDesc => ({
  port: port.ofport,
  queue,
  minRate: undefined,
  maxRate: undefined,
})

/** Queues of one port or of all (`OfPort.none`), as many as `queue` lets through. */
const asked = (request: Request, port: number, queue: number): { port: BridgePort; queue: number }[] =>
  portsAsked(request.bridge, port).flatMap(each =>
    queuesOf(each, request)
      .filter(id => queue === allQueues || id === queue)
      .map(id => ({ port: each, queue: id })),
  )

export const queueHandlers: Handlers = {
  queue_request({ port, queue }, request) {
    if (port !== OfPort.none && !request.bridge.ports.has(port)) return 'OFPQOFC_BAD_PORT'
    const found = asked(request, port, queue)
    if (found.length === 0 && queue !== allQueues) return 'OFPQOFC_BAD_QUEUE'
    const unknown = { bytes: undefined, packets: undefined, errors: undefined, duration: undefined }
    const queues = found.map(each => ({ port: each.port.ofport, queue: each.queue, ...unknown }))
    request.reply({ type: 'queue_reply', queues })
    return undefined
  },

  queue_desc_request({ port, queue }, request) {
    if (port !== OfPort.none && !request.bridge.ports.has(port)) return 'OFPQOFC_BAD_PORT'
    const found = asked(request, port, queue)
    if (found.length === 0 && queue !== allQueues) return 'OFPQOFC_BAD_QUEUE'
    request.reply({ type: 'queue_desc_reply', queues: found.map(each => descOf(each.port, each.queue)) })
    return undefined
  },

  queue_get_config_request({ port }, request) {
    if (port !== OfPort.none && !request.bridge.ports.has(port)) return 'OFPQOFC_BAD_PORT'
    const queues = asked(request, port, allQueues).map(each => descOf(each.port, each.queue))
    request.reply({ type: 'queue_get_config_reply', port, queues })
    return undefined
  },
}
