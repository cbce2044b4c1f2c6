import { decoded, refused } from '../error.ts'
import { type Role, roleReasons } from '../message.ts'
import type { MessageCodec } from './codec.ts'
import { formIn, nxForm, onfForm, plainForm } from './forms.ts'

/** OFPCR_ROLE_*; Nicira's extension starts one later. */
const roles = ['nochange', 'equal', 'primary', 'secondary'] as const satisfies Role[]
/** What stands for no generation: nothing was agreed yet. */
const noGeneration = 0xffffffffffffffffn

const formatGeneration = (generation: bigint | undefined): string =>
  generation === undefined ? '' : ` generation_id=${generation}`

const codec = <T extends 'role_request' | 'role_reply'>(type: T, number: number, subtype: number): MessageCodec<T> => {
  const name = type.toUpperCase()
  const forms = [nxForm(name, subtype), plainForm(name, number, 3)]
  return {
    type,
    forms,
    choose: ({ role }: { role: Role }, { version }) =>
      version >= 3 ? forms[1] : role === 'nochange' ? undefined : forms[0],
    encode({ role, generation }: { role: Role; generation: bigint | undefined }, out, { form }) {
      if (form.experimenter !== undefined) {
        out.u32(roles.indexOf(role) - 1)
        return
      }
      out.u32(roles.indexOf(role))
      out.u32(0)
      out.u64(generation ?? noGeneration)
    },
    decode(bytes, { form }) {
      if (form.experimenter !== undefined) {
        const role = roles[bytes.u32() + 1]
        return role === undefined
          ? refused('OFPRRFC_BAD_ROLE')
          : decoded({ type, role, generation: undefined } as never)
      }
      const role = roles[bytes.u32()]
      if (role === undefined) return refused('OFPRRFC_BAD_ROLE')
      bytes.skip(4)
      const generation = bytes.u64()
      // A request to change nothing has no use for a generation.
      const none = generation === noGeneration || (type === 'role_request' && role === 'nochange')
      return decoded({ type, role, generation: none ? undefined : generation } as never)
    },
    print: ({ role, generation }: { role: Role; generation: bigint | undefined }) =>
      ` role=${role}${formatGeneration(generation)}\n`,
  }
}

export const roleRequest = codec('role_request', 24, 10)
export const roleReply = codec('role_reply', 25, 11)

const statusForms = [onfForm('ROLE_STATUS', 1911), plainForm('ROLE_STATUS', 30, 5)]

export const roleStatus: MessageCodec<'role_status'> = {
  type: 'role_status',
  forms: statusForms,
  choose: (_, speech) => formIn(statusForms, speech),
  encode({ role, reason, generation }, out) {
    out.u32(roles.indexOf(role))
    out.u8(typeof reason === 'number' ? reason : roleReasons.indexOf(reason))
    out.zeros(3)
    out.u64(generation ?? noGeneration)
  },
  decode(bytes) {
    const role = roles[bytes.u32()]
    if (role === undefined) return refused('OFPRRFC_BAD_ROLE')
    const number = bytes.u8()
    bytes.skip(3)
    const generation = bytes.u64()
    return decoded({
      type: 'role_status',
      role,
      reason: roleReasons[number] ?? number,
      generation: generation === noGeneration ? undefined : generation,
    })
  },
  print: ({ role, reason, generation }) =>
    ` role=${role}${formatGeneration(generation)} reason=${typeof reason === 'number' ? '(unknown)' : reason}\n`,
}
