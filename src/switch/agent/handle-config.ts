import type { Handlers } from './handler.ts'

/** The switch's configuration: what it does with fragments, and how much of a packet goes up. */
export const configHandlers: Handlers = {
  get_config_request(_, { bridge, from, message, reply }) {
    reply({
      type: 'get_config_reply',
      fragments: bridge.fragments,
      missSendLength: from.missSendLength,
      invalidTtlToController: message.version <= 3 ? from.invalidTtlToController : undefined,
    })
    return undefined
  },

  set_config(body, { bridge, from }) {
    // A secondary changes what it is sent, not what the switch does.
    if (from.role !== 'secondary' && body.fragments !== 'reassemble') bridge.setFragments(body.fragments)
    from.invalidTtlToController = body.invalidTtlToController ?? false
    from.missSendLength = body.missSendLength
    return undefined
  },

  barrier_request(_, { reply }) {
    reply({ type: 'barrier_reply' })
    return undefined
  },
}
