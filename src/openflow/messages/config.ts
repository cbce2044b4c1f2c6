import { decoded, refused } from '../error.ts'
import type { SwitchConfig } from '../message.ts'
import type { MessageCodec } from './codec.ts'
import { formIn, plainForm } from './forms.ts'

/** OFPC_FRAG_*, two bits, the last an extension. */
const fragments = ['normal', 'drop', 'reassemble', 'nx_match'] as const
const invalidTtl = 4

/** The flag is of 1.0 to 1.2; later it became a reason that async config masks. */
const hasInvalidTtl = (version: number): boolean => version < 4

const codec = <T extends 'get_config_reply' | 'set_config'>(type: T, number: number): MessageCodec<T> => {
  const forms = [plainForm(type.toUpperCase(), number)]
  return {
    type,
    forms,
    choose: (_, speech) => formIn(forms, speech),
    encode(body: SwitchConfig, out, { version }) {
      const ttl = body.invalidTtlToController === true && hasInvalidTtl(version) ? invalidTtl : 0
      out.u16(fragments.indexOf(body.fragments) | ttl)
      out.u16(body.missSendLength)
    },
    decode(bytes, { version }) {
      const flags = bytes.u16()
      const missSendLength = bytes.u16()
      const known = hasInvalidTtl(version) ? 7 : 3
      // A switch may say what we do not know; a controller may not ask for it.
      if (type === 'set_config' && (flags & ~known) !== 0) return refused('OFPSCFC_BAD_FLAGS')
      const invalidTtlToController = hasInvalidTtl(version) ? (flags & invalidTtl) !== 0 : undefined
      return decoded({ type, fragments: fragments[flags & 3], missSendLength, invalidTtlToController } as never)
    },
    print: ({ fragments, missSendLength, invalidTtlToController }: SwitchConfig) =>
      ` frags=${fragments.replace('_', '-')}${invalidTtlToController === true ? ' invalid_ttl_to_controller' : ''} miss_send_len=${missSendLength}\n`,
  }
}

export const getConfigReply = codec('get_config_reply', 8)
export const setConfig = codec('set_config', 9)
