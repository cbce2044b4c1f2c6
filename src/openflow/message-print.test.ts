import { expect, test } from 'vitest'
import { printMessage } from './message-print.ts'
import { decodeMessage } from './message-wire.ts'

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.replaceAll(' ', '').match(/../g) ?? [], pair => Number.parseInt(pair, 16))

/** Recorded of `ovs-ofctl ofp-print`. */
const cases: readonly [hex: string, verbosity: number, text: string][] = [
  ['', 2, 'OpenFlow message is empty\n'],
  [
    '010100080000',
    2,
    'OpenFlow packet too short (only 6 bytes):\n00000000  01 01 00 08 00 00                               |......          |\n',
  ],
  [
    '0102001800000001 0000000000000000',
    2,
    'OFPT_ECHO_REQUEST (xid=0x1):\n(***truncated to 16 bytes from 24***)\n00000000  01 02 00 18 00 00 00 01-00 00 00 00 00 00 00 00 |................|\n',
  ],
  [
    '0100000800000001ffff',
    2,
    '(***only uses 8 bytes out of 10***)\n00000000  01 00 00 08 00 00 00 01-ff ff                   |..........      |\n',
  ],
  [
    '017f000800000001',
    2,
    '***decode error: OFPBRC_BAD_TYPE***\n00000000  01 7f 00 08 00 00 00 01-                        |........        |\n',
  ],
  ['0102000a00000001aabb', 1, 'OFPT_ECHO_REQUEST (xid=0x1): 2 bytes of payload\n'],
  [
    '0102000a00000001aabb',
    5,
    'OFPT_ECHO_REQUEST (xid=0x1): 2 bytes of payload\n00000000  aa bb                                           |..              |\n00000000  01 02 00 0a 00 00 00 01-aa bb                   |..........      |\n',
  ],
  [
    '04010014000000010000000068656c6c6f0a0900',
    2,
    'OFPT_ERROR (OF1.3) (xid=0x1): OFPHFC_INCOMPATIBLE\nhello\\012\\011\\000\n',
  ],
  ['0401000c0000000100010001', 2, 'OFPT_ERROR (OF1.3) (xid=0x1): OFPBRC_BAD_TYPE\nOpenFlow message is empty\n'],
  [
    '0900000800000001',
    2,
    'OFPT_HELLO (OF 0x09) (xid=0x1):\n version bitmap: 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09\n',
  ],
  ['041200100000000100000001 00000000'.replaceAll(' ', ''), 2, 'OFPST_DESC request (OF1.3) (xid=0x1): flags=[more]\n'],
]

test.each(cases)('%s, verbosity %i', (hex, verbosity, text) => {
  expect(printMessage(bytesOf(hex), { verbosity })).toBe(text)
})

test('headers that say nothing known are refused with the error for it', () => {
  const errorOf = (hex: string, version?: 4): string => {
    const got = decodeMessage(bytesOf(hex), version === undefined ? {} : { version })
    return got.ok ? 'ok' : got.error
  }
  expect(errorOf('047f000800000001')).toBe('OFPBRC_BAD_TYPE')
  expect(errorOf('041200100000000100ff000000000000')).toBe('OFPBRC_BAD_STAT')
  expect(errorOf('04040010000000010000232100000001')).toBe('OFPBRC_BAD_VENDOR')
  expect(errorOf('04040010000000010000232000000fff')).toBe('OFPBRC_BAD_SUBTYPE')
  expect(errorOf('0404000c0000000100002320')).toBe('OFPBRC_BAD_LEN')
  expect(errorOf('0414000900000001 00')).toBe('OFPBRC_BAD_LEN')
  expect(errorOf('0514000800000001', 4)).toBe('OFPBRC_BAD_VERSION')
  expect(errorOf('0502000800000001', 4)).toBe('ok')
  expect(errorOf('0414000800000001', 4)).toBe('ok')
})
