import type { AsyncMasks } from '../../openflow/message.ts'
import type { Version } from '../../openflow/protocol.ts'
import { withMisses } from './async.ts'
import type { Connection } from './connection.ts'
import type { Agent, Handlers } from './handler.ts'

const noGeneration = 0xffffffffffffffffn

/** What 1.0 to 1.3 can say of reasons for packet-ins, and 1.4 and later. */
const saidOf = (masks: AsyncMasks, version: Version): AsyncMasks => ({
  ...masks,
  packetIn: masks.packetIn & (version >= 5 ? 0b111111 : 0b111),
})

/** There is one primary: who was it becomes a secondary, and is told in versions that have words for it, asked for or not. */
const demote = (agent: Agent, except: Connection): void => {
  for (const { connection } of agent.peers) {
    if (connection === except || connection.role !== 'primary') continue
    connection.role = 'secondary'
    const generation = agent.generation ?? noGeneration
    connection.notify({ type: 'role_status', role: 'secondary', reason: 'primary_request', generation })
  }
}

export const roleHandlers: Handlers = {
  role_request({ role, generation }, { agent, from, reply }) {
    if (role !== 'nochange') {
      if (generation !== undefined && role !== 'equal') {
        // The numbers go round: a difference of half of them and more is a step back.
        if (agent.generation !== undefined && BigInt.asIntN(64, generation - agent.generation) < 0n)
          return 'OFPRRFC_STALE'
        agent.generation = generation
      }
      if (role === 'primary') demote(agent, from)
      from.role = role
    }
    reply({ type: 'role_reply', role: from.role, generation: agent.generation ?? noGeneration })
    return undefined
  },

  get_async_request(_, { from, message, reply }) {
    const { primary, secondary } = from.events
    const { version } = message
    reply({ type: 'get_async_reply', primary: saidOf(primary, version), secondary: saidOf(secondary, version) })
    return undefined
  },

  set_async(body, { from, message }) {
    const { primary, secondary } = from.events
    const given = (masks: Partial<AsyncMasks>): Partial<AsyncMasks> =>
      masks.packetIn === undefined ? masks : { ...masks, packetIn: withMisses(masks.packetIn, message.version) }
    from.async = {
      primary: { ...primary, ...defined(given(body.primary)) },
      secondary: { ...secondary, ...defined(given(body.secondary)) },
    }
    return undefined
  },
}

const defined = (masks: Partial<AsyncMasks>): Partial<AsyncMasks> =>
  Object.fromEntries(Object.entries(masks).filter(([, value]) => value !== undefined))
