import type { FieldName } from '../../flow/fields.ts'
import { fullMask } from '../../flow/fields.ts'
import { setField } from '../../flow/match.ts'
import type { OfAction } from '../action.ts'
import { decoded } from '../error.ts'
import { parse32, parseUpTo } from '../number.ts'
import type { Version } from '../protocol.ts'
import { inconsistent, knows } from './check.ts'
import type { ActionKind, CheckState } from './codec.ts'
import { badArgument, beginSinceOf11, sinceOf11, useSetField } from './form.ts'

const isMpls = (ethType: number): boolean => ethType === 0x8847 || ethType === 0x8848

const needsMpls = (state: CheckState): undefined => {
  if (!knows(state, 'mpls_label')) inconsistent(state)
}

/** From 1.2 on the field is set. */
const asSetField = (action: OfAction, version: Version, field: FieldName, value: number): OfAction =>
  version < 3 ? action : { type: 'set_field', field, value: BigInt(value), mask: fullMask(field) }

const setEthType = ({ match }: CheckState, ethType: number): void => {
  setField(match, 'eth_type', BigInt(ethType))
}

const formatType = (ethType: number): string => `0x${ethType.toString(16).padStart(4, '0')}`

const push = { of10: 23, of11: 19 } as const
/** Puts a label in front. */
export const pushMpls: ActionKind<'push_mpls'> = {
  type: 'push_mpls',
  parsers: {
    push_mpls: argument => {
      const ethType = parseUpTo(argument, 0xffff)
      return ethType === undefined ? `invalid push_mpls "${argument}"` : { type: 'push_mpls', ethType }
    },
  },
  format: ({ ethType }, { paint }) => `${paint.param('push_mpls:')}${formatType(ethType)}`,
  forms: sinceOf11('OFPAT_PUSH_MPLS', push, bytes => {
    const ethType = bytes.u16()
    return isMpls(ethType) ? decoded({ type: 'push_mpls', ethType }) : badArgument()
  }),
  encode({ ethType }, out, { version }) {
    const end = beginSinceOf11(out, version, push)
    out.u16(ethType)
    end()
  },
  check({ ethType }, state) {
    if (!knows(state, 'eth_src')) inconsistent(state)
    setEthType(state, ethType)
    // What follows the label is no one's business from here on.
    setField(state.match, 'nw_proto', 0n, 0n)
    return undefined
  },
}

const pop = { of10: 24, of11: 20 } as const
/** Takes the outer label off; `ethType` says what is under it. */
export const popMpls: ActionKind<'pop_mpls'> = {
  type: 'pop_mpls',
  parsers: {
    pop_mpls: argument => {
      const ethType = parseUpTo(argument, 0xffff)
      return ethType === undefined ? `invalid pop_mpls "${argument}"` : { type: 'pop_mpls', ethType }
    },
  },
  format: ({ ethType }, { paint }) => `${paint.param('pop_mpls:')}${formatType(ethType)}`,
  forms: sinceOf11('OFPAT_POP_MPLS', pop, bytes => decoded({ type: 'pop_mpls', ethType: bytes.u16() })),
  encode({ ethType }, out, { version }) {
    const end = beginSinceOf11(out, version, pop)
    out.u16(ethType)
    end()
  },
  check({ ethType }, state) {
    // A label before a frame's own header is taken off by `decap`.
    if (!knows(state, 'eth_src')) inconsistent(state)
    needsMpls(state)
    setEthType(state, ethType)
    return undefined
  },
}

const label = { of10: 30, of11: 13, filled: true } as const
export const setMplsLabel: ActionKind<'set_mpls_label'> = {
  type: 'set_mpls_label',
  parsers: {
    set_mpls_label: argument => {
      if (argument === '') return 'set_mpls_label: expected label.'
      const number = parse32(argument)
      if (typeof number === 'string') return number
      return number > 0xfffff ? `${argument}: not a valid MPLS label` : { type: 'set_mpls_label', label: number }
    },
  },
  format: (action, { paint }) => `${paint.paren('set_mpls_label(')}${action.label}${paint.paren(')')}`,
  forms: sinceOf11(
    'OFPAT_SET_MPLS_LABEL',
    label,
    bytes => decoded({ type: 'set_mpls_label', label: bytes.u32() }),
    useSetField,
  ),
  encode(action, out, { version }) {
    const end = beginSinceOf11(out, version, label)
    out.u32(action.label)
    end()
  },
  seenBy: (action, version) => asSetField(action, version, 'mpls_label', action.label),
  check: (_, state) => needsMpls(state),
}

const tc = { of10: 31, of11: 14 } as const
export const setMplsTc: ActionKind<'set_mpls_tc'> = {
  type: 'set_mpls_tc',
  parsers: {
    set_mpls_tc: argument => {
      if (argument === '') return 'set_mpls_tc: expected tc.'
      const number = parseUpTo(argument, 0xff)
      if (number === undefined) return `invalid MPLS TC "${argument}"`
      return number > 7 ? `${argument}: not a valid MPLS TC` : { type: 'set_mpls_tc', tc: number }
    },
  },
  format: (action, { paint }) => `${paint.paren('set_mpls_tc(')}${action.tc}${paint.paren(')')}`,
  forms: sinceOf11('OFPAT_SET_MPLS_TC', tc, bytes => decoded({ type: 'set_mpls_tc', tc: bytes.u8() }), useSetField),
  encode(action, out, { version }) {
    const end = beginSinceOf11(out, version, tc)
    out.u8(action.tc)
    end()
  },
  seenBy: (action, version) => asSetField(action, version, 'mpls_tc', action.tc),
  check: (_, state) => needsMpls(state),
}

const ttl = { of10: 25, of11: 15 } as const
export const setMplsTtl: ActionKind<'set_mpls_ttl'> = {
  type: 'set_mpls_ttl',
  parsers: {
    set_mpls_ttl: argument => {
      if (argument === '') return 'set_mpls_ttl: expected ttl.'
      const number = parseUpTo(argument, 0xff)
      return number === undefined ? `invalid MPLS TTL "${argument}"` : { type: 'set_mpls_ttl', ttl: number }
    },
  },
  format: (action, { paint }) => `${paint.paren('set_mpls_ttl(')}${action.ttl}${paint.paren(')')}`,
  forms: sinceOf11('OFPAT_SET_MPLS_TTL', ttl, bytes => decoded({ type: 'set_mpls_ttl', ttl: bytes.u8() }), useSetField),
  encode(action, out, { version }) {
    const end = beginSinceOf11(out, version, ttl)
    out.u8(action.ttl)
    end()
  },
  check: (_, state) => needsMpls(state),
}

const decrement = { of10: 26, of11: 16 } as const
export const decMplsTtl: ActionKind<'dec_mpls_ttl'> = {
  type: 'dec_mpls_ttl',
  parsers: { dec_mpls_ttl: () => ({ type: 'dec_mpls_ttl' }) },
  format: (_, { paint }) => paint.value('dec_mpls_ttl'),
  forms: sinceOf11('OFPAT_DEC_MPLS_TTL', decrement, () => decoded({ type: 'dec_mpls_ttl' })),
  encode: (_, out, { version }) => beginSinceOf11(out, version, decrement)(),
  check: (_, state) => needsMpls(state),
}
