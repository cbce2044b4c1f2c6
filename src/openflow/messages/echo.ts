import { decoded } from '../error.ts'
import { hexDump } from '../hex-dump.ts'
import type { MessageCodec } from './codec.ts'
import { formIn, plainForm } from './forms.ts'

const echo = <T extends 'echo_request' | 'echo_reply'>(type: T, number: number): MessageCodec<T> => {
  const forms = [plainForm(type.toUpperCase(), number)]
  return {
    type,
    forms,
    choose: (_, speech) => formIn(forms, speech),
    encode: ({ data }: { data: Uint8Array }, out) => out.raw(data),
    decode: bytes => decoded({ type, data: bytes.rest() } as never),
    print: ({ data }: { data: Uint8Array }, { verbosity }) =>
      ` ${data.length} bytes of payload\n${verbosity > 1 ? hexDump(data) : ''}`,
  }
}

export const echoRequest = echo('echo_request', 2)
export const echoReply = echo('echo_reply', 3)
