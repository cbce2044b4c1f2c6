import { describe, expect, test } from 'vitest'
import { type Ip4, parseIp4, parseIp6 } from '../../wire/address.ts'
import { checksum } from '../../wire/checksum.ts'
import { pushEthernet } from '../../wire/ethernet.ts'
import { Frame } from '../../wire/frame.ts'
import { fillIcmp6Checksum } from '../../wire/icmp6.ts'
import { pushIpv4 } from '../../wire/ipv4.ts'
import { pushIpv6 } from '../../wire/ipv6.ts'
import { type Heard, hear } from './hearing.ts'
import { formatGroup } from './show.ts'

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], pair => Number.parseInt(pair, 16))

const igmp = (text: string, src = '10.0.0.1', right = true): Frame => {
  const frame = Frame.from(bytesOf(text))
  const { bytes, start, end } = frame
  if (right) new DataView(bytes.buffer, bytes.byteOffset).setUint16(start + 2, checksum(bytes, start, end))
  pushIpv4(frame, { src: parseIp4(src) as Ip4, dst: 0xe0000016, protocol: 2, ttl: 1 })
  pushEthernet(frame, { dst: 0x01005e000016, src: 0x11, type: 0x0800 })
  return frame
}

const mld = (text: string, src = 'fe80::1'): Frame => {
  const ends = { src: parseIp6(src) as bigint, dst: parseIp6('ff02::16') as bigint }
  const frame = fillIcmp6Checksum(Frame.from(bytesOf(text)), ends)
  pushIpv6(frame, { ...ends, nextHeader: 58, hopLimit: 1 })
  pushEthernet(frame, { dst: 0x333300000016, src: 0x11, type: 0x86dd })
  return frame
}

const four = (last: number): string => `ef0101${last.toString(16).padStart(2, '0')}`
const six = (last: number): string => `ff0e${'00'.repeat(13)}${last.toString(16).padStart(2, '0')}`

const text = (heard: Heard | undefined): string => {
  if (heard === undefined) return 'nothing'
  if (!heard.isRight) return `bad ${heard.protocol}`
  return heard.changes
    .map(change => `${change.do} ${formatGroup(change.do === 'router' ? change.source : change.group)}`)
    .join()
}

/** As Open vSwitch 3.1 hears them (`test/interop/snooping-odd.test.ts`), but for auxiliary data and reports that name no group. */
describe('what messages of groups say', () => {
  test.each<[name: string, frame: Frame, said: string]>([
    ['a question', igmp('1164 0000 00000000'), 'router 10.0.0.1'],
    ['a question of nobody', igmp('1164 0000 00000000', '0.0.0.0'), ''],
    ['a question between two versions', igmp('1164 0000 00000000 0000'), 'router 10.0.0.1'],
    ['a question whose sources are not there', igmp('1164 0000 00000000 00000003'), 'router 10.0.0.1'],
    ['less than a message', igmp('1164 0000 000000'), 'nothing'],
    ['a wrong checksum', igmp('1164 0000 00000001', '10.0.0.1', false), 'bad IGMP'],
    ['a report of version 1', igmp(`1200 0000 ${four(1)}`), 'join 239.1.1.1'],
    ['a report of version 2 with more behind it', igmp(`1600 0000 ${four(1)} 00`), 'join 239.1.1.1'],
    ['a leave', igmp(`1700 0000 ${four(1)}`), 'leave 239.1.1.1'],
    ['a type of another protocol', igmp(`1300 0000 ${four(1)}`), ''],
    ['records that are not there', igmp('2200 0000 00000002'), ''],
    ['a record of two', igmp(`2200 0000 00000002 04000000 ${four(1)}`), 'join 239.1.1.1'],
    ['a record and a half', igmp(`2200 0000 00000002 04000000 ${four(2)} 0400`), 'join 239.1.1.2'],
    [
      'sources that are not there',
      igmp(`2200 0000 00000002 03000000 ${four(3)} 01000009 ${four(4)}`),
      'leave 239.1.1.3,join 239.1.1.4',
    ],
    [
      'auxiliary data',
      igmp(`2200 0000 00000002 04010000 ${four(5)} 00000000 04000000 ${four(6)}`),
      'join 239.1.1.5,join 239.1.1.6',
    ],
    [
      'auxiliary data that is not there',
      igmp(`2200 0000 00000002 04090000 ${four(7)} 04000000 ${four(8)}`),
      'join 239.1.1.7',
    ],
    ['a record of no known kind', igmp(`2200 0000 00000002 09000000 ${four(1)} 04000000 ${four(2)}`), 'join 239.1.1.2'],
    ['a short question of IPv6', mld('8200 0000 00000000'), 'router fe80::1'],
    ['one that nobody asks', mld('8200 0000 00000000', '::'), ''],
    ['one that is too short', mld('8200 0000'), 'nothing'],
    ['a report that names no whole group', mld(`8300 0000 00000000 ${'11'.repeat(12)}`), ''],
    ['a report', mld(`8300 0000 00000000 ${six(1)}`), 'join ff0e::1'],
    ['done', mld(`8400 0000 00000000 ${six(1)}`), 'leave ff0e::1'],
    ['done with nothing', mld('8400 0000 00000000'), ''],
    ['a record of version 2, of two', mld(`8f00 0000 00000002 04000000 ${six(1)} 04000000`), 'join ff0e::1'],
    [
      'sources of version 2 that are not there',
      mld(`8f00 0000 00000002 04000000 ${six(3)} 02000001 ${six(4)}`),
      'join ff0e::3,join ff0e::4',
    ],
  ])('%s', (_, frame, said) => {
    expect(text(hear(frame))).toBe(said)
  })
})
