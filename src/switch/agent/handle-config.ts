import type { AsyncConfig } from '../../openflow/message.ts'
import { packetInReasonBit } from './async.ts'
import type { Handlers } from './handler.ts'

const withInvalidTtl = ({ primary, secondary }: AsyncConfig, wanted: boolean): AsyncConfig => {
  const bit = 1 << packetInReasonBit.invalid_ttl
  return {
    primary: { ...primary, packetIn: wanted ? primary.packetIn | bit : primary.packetIn & ~bit },
    secondary,
  }
}

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

  set_config(body, { bridge, from, message }) {
    // A secondary changes what it is sent, not what the switch does.
    if (from.role !== 'secondary' && body.fragments !== 'reassemble') bridge.setFragments(body.fragments)
    from.invalidTtlToController = body.invalidTtlToController ?? false
    from.missSendLength = body.missSendLength
    // Up to 1.2 this is how a controller asks for them; later by the reasons of its packet-ins.
    if (message.version <= 3) from.async = withInvalidTtl(from.events, from.invalidTtlToController)
    return undefined
  },

  barrier_request(_, { reply }) {
    reply({ type: 'barrier_reply' })
    return undefined
  },
}
