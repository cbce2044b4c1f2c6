import type { MeterStats } from '../../openflow/message.ts'
import { OfMeter } from '../../openflow/meter.ts'
import type { Bridge } from '../bridge.ts'
import { type Meter, meterFeatures } from '../meters.ts'
import { age } from './age.ts'
import { forwardRequest } from './handle-groups.ts'
import type { Handlers } from './handler.ts'

const statsOf = (bridge: Bridge, meter: Meter, now: number): MeterStats => ({
  meter: meter.id,
  flows: meter.references,
  duration: age(now, meter.created),
  ...bridge.meters.counts(meter),
})

/** The meters that a request names; undefined for one that is not there. */
const asked = ({ meters }: Bridge, id: number): Meter[] | undefined =>
  id !== OfMeter.all && meters.get(id) === undefined ? undefined : meters.list(id)

export const meterHandlers: Handlers = {
  meter_mod(body, request) {
    const { bridge, from, message } = request
    const error = bridge.meters.apply(body, { connection: from, xid: message.xid })
    if (error === undefined) forwardRequest(body, request)
    return error
  },

  meter_request({ meter }, { bridge, sw, reply }) {
    const meters = asked(bridge, meter)
    if (meters === undefined) return 'OFPMMFC_UNKNOWN_METER'
    const now = sw.clock.now()
    reply({ type: 'meter_reply', meters: meters.map(each => statsOf(bridge, each, now)) })
    return undefined
  },

  meter_config_request({ meter }, { bridge, reply }) {
    const meters = asked(bridge, meter)
    if (meters === undefined) return 'OFPMMFC_UNKNOWN_METER'
    reply({ type: 'meter_config_reply', meters: meters.map(({ config }) => config) })
    return undefined
  },

  meter_features_request(_, { bridge, reply }) {
    reply({ type: 'meter_features_reply', ...meterFeatures(bridge.meters.limits) })
    return undefined
  },
}
