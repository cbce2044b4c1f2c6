import type { OfErrorName } from '../../openflow/error.ts'
import { OfGroup } from '../../openflow/group.ts'
import type { BodyOf } from '../../openflow/message.ts'
import type { Group } from '../group.ts'
import { age } from './age.ts'
import { allActions } from './capabilities.ts'
import type { Handlers, Request } from './handler.ts'

/** OFPRFR_*: which request was forwarded, for those who want to hear of it. */
const forwardReason = { group_mod: 0, meter_mod: 1 } as const

/** Tells the other controllers what one of them had changed: OFPT_REQUESTFORWARD, before 1.4 an extension. */
export const forwardRequest = (body: BodyOf<'group_mod'> | BodyOf<'meter_mod'>, request: Request): void => {
  const { agent, from, message } = request
  const told = { type: 'requestforward', request: body, requestXid: message.xid } as const
  agent.tell('requestForward', forwardReason[body.type], told, { except: from })
}

const statsOf = (group: Group, now: number) => ({
  group: group.id,
  references: group.references,
  packets: group.packets,
  bytes: group.bytes,
  duration: age(now, group.created),
  buckets: group.buckets.map(({ packets, bytes }) => ({ packets, bytes })),
})

export const groupHandlers: Handlers = {
  group_mod(body, request): OfErrorName | undefined {
    const { bridge, from, message } = request
    const error = bridge.groups.apply(body.mod, { connection: from, xid: message.xid })
    if (error === undefined) forwardRequest(body, request)
    return error
  },

  group_request({ group }, { bridge, sw, reply }) {
    const now = sw.clock.now()
    reply({ type: 'group_reply', groups: bridge.groups.list(group).map(each => statsOf(each, now)) })
    return undefined
  },

  group_desc_request({ group }, { bridge, reply }) {
    const groups = bridge.groups.list(group).map(({ id, type, selection, buckets }) => ({
      group: id,
      type,
      selection,
      buckets,
    }))
    reply({ type: 'group_desc_reply', groups })
    return undefined
  },

  group_features_request(_, { reply }) {
    reply({
      type: 'group_features_reply',
      types: 0b1111,
      // Weights, liveness, chaining.
      capabilities: 0b111,
      maxGroups: [OfGroup.max, OfGroup.max, OfGroup.max, OfGroup.max],
      actions: [allActions, allActions, allActions, allActions],
    })
    return undefined
  },
}
