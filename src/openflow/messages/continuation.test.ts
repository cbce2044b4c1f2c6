import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Writer } from '../bytes.ts'
import { beginProperty } from '../property.ts'
import type { Version } from '../protocol.ts'
import {
  type Continuation,
  decodeContinuation,
  encodeContinuation,
  formatContinuation,
  type PausedAction,
} from './continuation.ts'

const empty: Continuation = {
  bridge: new Uint8Array(16).fill(7),
  stack: [],
  mirrors: 0,
  conntracked: false,
  actions: [],
  actionSet: [],
  datapathPort: undefined,
}

/** What comes back of a list: the place stands before its actions, wherever it was said last. */
const placed = (actions: readonly PausedAction[]): PausedAction[] => {
  const back: PausedAction[] = []
  let place: PausedAction = { type: 'unroll_xlate', table: 0, cookie: 0n }
  let isNew = true
  for (const action of actions) {
    if (action.type === 'unroll_xlate') {
      place = action
      isNew = true
      continue
    }
    if (isNew) back.push(place)
    isNew = false
    back.push(action)
  }
  return back
}

const action: fc.Arbitrary<PausedAction> = fc.oneof(
  fc.record({ type: fc.constant('unroll_xlate' as const), table: fc.nat(253), cookie: fc.bigInt(0n, 2n ** 64n - 1n) }),
  fc.record({ type: fc.constant('dec_ttl' as const), controllerIds: fc.constant([0]) }),
  fc.record({ type: fc.constant('group' as const), group: fc.nat(9) }),
)

describe('continuations', () => {
  test('come back as they went, the place before each part of the actions', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Version>(1, 2, 3, 4, 5, 6),
        fc.record({
          bridge: fc.uint8Array({ minLength: 16, maxLength: 16 }),
          stack: fc.array(fc.uint8Array({ minLength: 1, maxLength: 16 }), { maxLength: 4 }),
          mirrors: fc.nat(),
          conntracked: fc.boolean(),
          // 1.0 has no groups.
          actions: fc.array(action, { maxLength: 8 }),
          actionSet: fc.constant([]),
          datapathPort: fc.option(fc.nat(), { nil: undefined }),
        }),
        (version, { actions, ...rest }) => {
          const sayable = actions.filter(({ type }) => version > 1 || type !== 'group')
          const bytes = encodeContinuation({ ...rest, actions: sayable }, version)
          const back = decodeContinuation(bytes, { version, strict: true })
          expect(back).toEqual({ ok: true, value: { ...rest, actions: placed(sayable) } })
        },
      ),
    )
  })

  test('hostile bytes are refused, and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const read = decodeContinuation(bytes, { version: 4, strict: true })
        if (!read.ok) expect(read.error).toMatch(/^(OFP|NX)/)
      }),
    )
  })

  test('who is to go on with one refuses what it does not know', () => {
    const out = new Writer()
    beginProperty(out, 0x8123)()
    const bytes = out.done()
    expect(decodeContinuation(bytes, { version: 4 })).toMatchObject({ ok: true })
    expect(decodeContinuation(bytes, { version: 4, strict: true })).toEqual({ ok: false, error: 'OFPBPC_BAD_TYPE' })
  })

  test('values on the stack have a limit', () => {
    const bytes = encodeContinuation({ ...empty, stack: [new Uint8Array(129)] }, 4)
    expect(decodeContinuation(bytes, { version: 4 })).toEqual({ ok: false, error: 'OFPBPC_BAD_LEN' })
  })

  test('the text says where actions are from', () => {
    const text = formatContinuation({
      ...empty,
      stack: [Uint8Array.of(0, 0), Uint8Array.of(1, 2)],
      conntracked: true,
      actions: [
        { type: 'group', group: 1 },
        { type: 'unroll_xlate', table: 3, cookie: 255n },
        { type: 'group', group: 2 },
      ],
      actionSet: [{ type: 'group', group: 3 }],
      datapathPort: 4,
    })
    expect(text.split('\n')).toEqual([
      ' continuation.bridge=07070707-0707-0707-0707-070707070707',
      ' continuation.stack=(top) 0 0x102 (bottom)',
      ' continuation.conntracked=true',
      ' continuation.actions=group:1,unroll_xlate(table=3, cookie=255),group:2',
      ' continuation.action_set=group:3',
      ' continuation.odp_port=4',
      '',
    ])
  })
})
