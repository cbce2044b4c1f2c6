/** What the codecs of single messages have in common: their forms. */
import { nicira, onf } from '../actions/codec.ts'
import { decoded } from '../error.ts'
import type { BodyOf, OfBody } from '../message.ts'
import type { Version } from '../protocol.ts'
import type { MessageCodec, MessageForm } from './codec.ts'

/** A form with a type of its own: `OFPT_FLOW_MOD`. */
export const plainForm = (name: string, number: number, from: Version = 1, to: Version = 6): MessageForm => ({
  name: `OFPT_${name}`,
  number,
  from,
  to,
})

/** Nicira's extension: `NXT_FLOW_MOD`. */
export const nxForm = (name: string, subtype: number, from: Version = 1, to: Version = 6): MessageForm => ({
  name: `NXT_${name}`,
  from,
  to,
  experimenter: { vendor: nicira, subtype },
})

/** The Open Networking Foundation's extensions, all of 1.3: `ONFT_BUNDLE_CONTROL`. */
export const onfForm = (name: string, subtype: number): MessageForm => ({
  name: `ONFT_${name}`,
  from: 4,
  to: 4,
  experimenter: { vendor: onf, subtype },
})

/** The first of the forms that a version has. */
export const formIn = (forms: readonly MessageForm[], { version }: { version: Version }): MessageForm | undefined =>
  forms.find(({ from, to }) => from <= version && version <= to)

/** A message that says no more than its name. */
export const emptyMessage = <T extends OfBody['type']>(type: T, forms: readonly MessageForm[]): MessageCodec<T> => ({
  type,
  forms,
  choose: (_, speech) => formIn(forms, speech),
  encode() {},
  decode: () => decoded({ type } as unknown as BodyOf<T>),
  print: () => '',
})
