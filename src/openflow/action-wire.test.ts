import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type OfAction, OfPort } from './action.ts'
import { actionBytes, instructionBytes, toHex } from './action-bytes.testing.ts'
import { plainText } from './action-lists.testing.ts'
import { formatActions, parseActions } from './action-text.ts'
import { seenBy, unknownFrames } from './action-version.ts'
import { decodeActions, decodeInstructions, encodeActions, encodeInstructions } from './action-wire.ts'
import { Reader, Writer } from './bytes.ts'
import type { Version } from './protocol.ts'

const versions = [1, 2, 3, 4, 5, 6] as const

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.replaceAll(' ', '').match(/../g) ?? [], pair => Number.parseInt(pair, 16))

/** The text of what bytes say, or the error. */
const told = (hex: string, version: Version, kind: 'actions' | 'instructions' = 'actions'): string => {
  const decode = kind === 'actions' ? decodeActions : decodeInstructions
  const actions = decode(new Reader(bytesOf(hex)), version)
  return actions.ok ? formatActions(actions.value) : actions.error
}

const written = (text: string, version: Version): string => {
  const actions = parseActions(text)
  if (typeof actions === 'string') throw new Error(actions)
  const out = new Writer()
  encodeInstructions(out, actions, version)
  return toHex(out.done())
}

/** Bytes that `ovs-ofctl parse-actions` 3.1.0 read as this text, and wrote again as these bytes. */
const recorded: readonly (readonly [version: Version, hex: string, text: string])[] = [
  [1, '0000 0008 0001 0000', 'output:1'],
  [1, '0000 0008 fffd 0080', 'CONTROLLER:128'],
  [4, '0000 0010 00000001 ffff 000000000000', 'output:1'],
  [4, '0000 0010 fffffffd 0005 000000000000', 'CONTROLLER:5'],
  [1, 'ffff 0010 00002320 0013 0001 0002 0000', 'fin_timeout(idle_timeout=1,hard_timeout=2)'],
  [1, 'ffff 0010 00002320 000e fff8 ff 000000', 'resubmit(,)'],
  [1, 'ffff 0010 00002320 0001 0001 00000000', 'resubmit:1'],
  [1, 'ffff 0010 00002320 0014 ffff 0000 01 00', 'CONTROLLER:65535'],
  [1, 'ffff 0010 00002320 0014 ffff 0000 c8 00', 'controller(reason=200)'],
  [1, 'ffff 0018 00002320 0015 0001 00000000 0007000000000000', 'dec_ttl(7)'],
  [1, 'ffff 0010 00002320 0015 0000 00000000', 'dec_ttl()'],
  [
    1,
    'ffff 0020 00002320 0029 0001 00000001 00000002 00000003 0004 020000000000',
    'sample(probability=1,collector_set_id=1,obs_domain_id=2,obs_point_id=3,sampling_port=4,egress)',
  ],
  [1, 'ffff 0010 00002320 0027 fffb 0000000e', 'output(port=FLOOD,max_len=14)'],
  [1, '000b 0010 fff8 000000000000 00000002', 'enqueue:IN_PORT:2'],
  [1, 'ffff 0010 00002320 001e 0000 00100000', 'set_mpls_label(1048576)'],
  [1, 'ffff 0010 00002320 0018 8847 0000 0000', 'pop_mpls:0x8847'],
  [1, 'ffff 0018 00002320 0025 000000000000 0001 0008 0005 0000', 'controller(id=5)'],
  [1, 'ffff 0018 00002320 0025 000000000000 0003 0006 0102 0000', 'controller(userdata=01.02)'],
  [1, 'ffff 0018 00002320 0025 000000000000 0004 0004 00000000', 'controller(pause)'],
  [3, 'ffff 0018 00002320 0020 0000 0000 80004404 000000000000', 'output:OXM_OF_MPLS_LABEL[0]'],
  [3, 'ffff 0018 00002320 0021 00010004 00000310 000000000000', 'set_field:0x310->reg0'],
  [4, '0017 0008 05 000000', 'mod_nw_ttl:5'],
  [6, '001d 0008 37bf203c', 'meter:935272508'],
]

/** Errors that it gave. */
const wrong: readonly (readonly [version: Version, hex: string, error: string])[] = [
  [1, '0000000800', 'OFPBRC_BAD_LEN'],
  [1, '0063 0008 00000000', 'OFPBAC_BAD_TYPE'],
  [1, '0000 0010 0001 0000', 'OFPBAC_BAD_LEN'],
  [1, 'ffff 0010 00002320 0063 000000000000', 'OFPBAC_BAD_VENDOR_TYPE'],
  [1, 'ffff 0010 00002321 0063 000000000000', 'OFPBAC_BAD_VENDOR'],
  [1, 'ffff 0020 00002320 0016 000000000001 0000000000000001 ffffffffffffffff', 'NXBRC_MUST_BE_ZERO'],
  [1, 'ffff 0020 00002320 0016 000000000000 0000000000000001 ffffffffffffffff', 'OFPBIC_UNSUP_INST'],
  [1, '0000 0008 ffff 0080', 'OFPBAC_BAD_OUT_PORT'],
  [1, '0001 0008 1000 0000', 'OFPBAC_BAD_ARGUMENT'],
  [1, 'ffff 0010 00002320 000e 0001 05 010203', 'OFPBAC_BAD_ARGUMENT'],
  [1, 'ffff 0018 00002320 0025 000000000000 0006 0008 00000007', 'OFPBPC_BAD_TYPE'],
  [1, 'ffff 0010 00002320 00ff 000000000000', 'OFPBAC_BAD_VENDOR_TYPE'],
  [4, '0011 0008 0800 0000', 'OFPBAC_BAD_ARGUMENT'],
  [4, '0000 0010 0000ff00 0000 000000000000', 'OFPBAC_BAD_OUT_PORT'],
]

/** Instructions: what it read, or the error. */
const instructions: readonly (readonly [version: Version, hex: string, text: string])[] = [
  [4, '0004 0018 00000000 0000 0010 00000001 0000 000000000000 0001 0008 01 000000', 'output:1,goto_table:1'],
  [4, '0001 0008 01000000 0005 0008 00000000', 'clear_actions,goto_table:1'],
  [4, '0003 0018 00000000 ffff001000002320 0001000100000000', 'write_actions(resubmit:1)'],
  [5, '0002 0018 00000000 0000000000000001 0000000000000000', 'write_metadata:0x1/0'],
  [2, '0006 0008 00000001', 'meter:1'],
  [6, '0004 0020 00000000 0000 0010 0000 0001 0000 000000000000 001d 0008 00000003', 'output:1,meter:3'],
  [6, '0006 0008 00000001', 'OFPBIC_UNKNOWN_INST'],
  [4, '0004 0008 00000001 0004 0008 00000000', 'OFPBIC_DUP_INST'],
  [4, '0001 0010 01000000 00000000 00000000', 'OFPBIC_BAD_LEN'],
  [4, 'ffff 0008 00000000', 'OFPBIC_BAD_EXPERIMENTER'],
  [4, '0009 0008 00000000', 'OFPBIC_UNKNOWN_INST'],
  [4, '0001 0007 0000 00', 'OFPBIC_BAD_LEN'],
  [4, '0003 0018 00000000 ffff001000002320 0008000000000000', 'OFPBAC_BAD_TYPE'],
]

describe('bytes of actions', () => {
  test.each(recorded)('%i: %s', (version, hex, text) => {
    expect(told(hex, version)).toBe(text)
    const actions = decodeActions(new Reader(bytesOf(hex)), version)
    const out = new Writer()
    if (actions.ok) encodeActions(out, actions.value, version)
    expect(toHex(out.done())).toBe(hex.replaceAll(' ', ''))
  })
  test.each(wrong)('%i: wrong %s', (version, hex, error) => {
    expect(told(hex, version)).toBe(error)
  })
  test.each(instructions)('%i: instructions %s', (version, hex, text) => {
    expect(told(hex, version, 'instructions')).toBe(text)
  })

  test('actions for tests of the switch are taken where they are wanted', () => {
    const bytes = bytesOf('ffff 0010 00002320 00ff 000000000000 ffff 0010 00002320 00fe 000000000000')
    const actions = decodeActions(new Reader(bytes), 1, { testing: true })
    expect(actions.ok && formatActions(actions.value)).toBe('debug_recirc,debug_slow')
  })

  test('1.0 takes what stands for an instruction where a flow has it', () => {
    const hex = 'ffff 0020 00002320 0016 000000000000 0000000000000001 ffffffffffffffff'
    expect(told(hex, 1, 'instructions')).toBe('write_metadata:0x1')
  })

  test('a version that has no such action gets others, or none', () => {
    expect(written('goto_table:3', 1)).toBe('ffff001000002320000efff803000000')
    const enqueue = ['0015000800000002', '0000001000000001ffff000000000000', 'ffff0010000023200005000000000000']
    expect(written('enqueue:1:2', 4)).toBe(`0004003000000000${enqueue.join('')}`)
    expect(written('meter:5,output:1', 2)).toBe('000400180000000000000010000000010000000000000000')
    expect(written('clear_actions', 1)).toBe('')
    expect(written('write_actions()', 4)).toBe('')
  })
})

/** Lists of actions that text can say. */
const lists = fc
  .array(plainText, { maxLength: 4 })
  .map(list => parseActions(list.join(',')))
  .filter(actions => typeof actions !== 'string')

/** What Open vSwitch too writes otherwise than it was said: its count of bits ends at 64, a queue has no length. */
const losesOnTheWire = (action: OfAction): boolean =>
  (action.type === 'output_reg' && action.source.count > 64) ||
  (action.type === 'enqueue' && action.port === OfPort.controller)

describe('every list', () => {
  test.each(versions)('comes back from the bytes as version %i sees it', version => {
    fc.assert(
      fc.property(lists, actions => {
        const out = new Writer()
        encodeInstructions(out, actions, version)
        const back = decodeInstructions(new Reader(out.done()), version)
        // Text may say more than bytes may: fields that are not on the wire, ports that are none.
        fc.pre(back.ok && !actions.some(losesOnTheWire))
        const seen = seenBy(version, back.ok ? back.value : [], unknownFrames)
        expect(formatActions(seen)).toBe(formatActions(seenBy(version, actions)))
      }),
    )
  })

  test.each(versions)('of version %i that was read is written and read again as it was', version => {
    fc.assert(
      fc.property(actionBytes(version), bytes => {
        const first = decodeActions(new Reader(bytes), version)
        fc.pre(first.ok)
        if (!first.ok) return
        const once = new Writer()
        encodeActions(once, first.value, version)
        const second = decodeActions(new Reader(once.done()), version)
        const twice = new Writer()
        if (second.ok) encodeActions(twice, second.value, version)
        if (second.ok) expect(toHex(twice.done())).toBe(toHex(once.done()))
        else expect(second.error).toMatch(/^OFPBAC_BAD_(OUT_PORT|SET_ARGUMENT)$/)
      }),
      { numRuns: 300 },
    )
  })
})

describe('bytes of strangers', () => {
  test.each(versions)('never throw in version %i', version => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 96 }), actionBytes(version), instructionBytes(version)),
        bytes => {
          for (const decode of [decodeActions, decodeInstructions]) {
            const actions = decode(new Reader(bytes), version)
            if (actions.ok) expect(formatActions(actions.value)).not.toBe('')
            else expect(actions.error).toMatch(/^(OFP|NX)/)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test('actions in actions end somewhere', () => {
    const depth = 4000
    const bytes = new Uint8Array(depth * 16)
    for (let i = 0; i < depth; i++) {
      const length = bytes.length - i * 16
      bytes.set([0xff, 0xff, length >> 8, length & 255, 0, 0, 0x23, 0x20, 0, 42], i * 16)
    }
    expect(decodeActions(new Reader(bytes), 4)).toEqual({ ok: false, error: 'OFPBAC_TOO_MANY' })
  })
})
