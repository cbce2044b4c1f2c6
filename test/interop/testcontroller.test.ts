import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Version } from '../../src/openflow/index.ts'
import { hasOvs } from './ovs.testing.ts'
import { type Arrival, asText, ourAnswers, theirAnswers } from './testcontroller.testing.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const mac = (last: number): string => `0000000000${last.toString(16).padStart(2, '0')}`
const all = 'ffffffffffff'
const ethernet = (dst: string, src: string, rest: string): Uint8Array => bytes(dst + src + rest)
const ip4 = (protocol: number, rest: string, tos = 0, fragment = '0000'): string => {
  const total = (20 + rest.length / 2).toString(16).padStart(4, '0')
  const hex = (value: number): string => value.toString(16).padStart(2, '0')
  return `0800 45${hex(tos)}${total}0001${fragment}40${hex(protocol)}0000 0a000001 0a000002 ${rest}`.replaceAll(' ', '')
}
const arp = (operation: number, from: number, to: number): string =>
  `0806 0001 0800 06 04 000${operation} ${mac(from)} 0a0000${mac(from).slice(-2)} ${mac(0)} 0a0000${mac(to).slice(-2)}`
const echo = '0800 f7fd 0001 0001'.replaceAll(' ', '')
const tcp = '0050 1f90 00000001 00000000 5002 2000 0000 0000'.replaceAll(' ', '')
const ip6 = (next: string, rest: string): string =>
  `86dd 61000000 ${(rest.length / 2).toString(16).padStart(4, '0')} ${next} 40 ${'fe80'.padEnd(31, '0')}1 ${'fe80'.padEnd(31, '0')}2 ${rest}`

/** What two hosts say to each other, and what is seldom said: groups as senders, no known protocol, tags, pieces. */
const arrivals: Arrival[] = [
  { port: 1, frame: ethernet(all, mac(1), arp(1, 1, 2)) },
  { port: 2, frame: ethernet(mac(1), mac(2), arp(2, 2, 1)) },
  { port: 1, frame: ethernet(mac(2), mac(1), ip4(1, echo)) },
  { port: 2, frame: ethernet(mac(1), mac(2), ip4(6, tcp, 0xb9)) },
  { port: 1, frame: ethernet('0180c2000000', mac(1), '0026 424203 0000000000') },
  { port: 1, frame: ethernet('0180c200000f', mac(1), ip4(17, '0001000200080000')) },
  { port: 1, frame: ethernet('0180c2000010', mac(1), ip4(17, '0001000200080000')) },
  { port: 1, frame: ethernet(mac(1), mac(3), ip4(17, '0001000200080000')) },
  { port: 3, frame: ethernet(mac(3), '010000000003', ip6('06', tcp)) },
  {
    port: 3,
    frame: ethernet(mac(3), mac(4), ip6('3a', '870000000000000000fe80000000000000000000000000000001'.padEnd(48, '0'))),
  },
  { port: 2, frame: ethernet(mac(4), mac(2), `81006005 ${ip4(6, tcp, 0x20, '2000')}`) },
  { port: 2, frame: ethernet(mac(4), mac(5), `88a80007 81000000 ${ip4(17, '0001000200080000')}`) },
  { port: 2, frame: ethernet(mac(4), mac(5), ip4(17, '00010002', 0, '00b9')) },
  { port: 3, frame: ethernet(mac(2), mac(4), '88cc 0000') },
  { port: 3, frame: ethernet(mac(2), mac(4), '88470001 01ff 0000') },
  { port: 1, frame: ethernet(mac(2), mac(4), '8035 0001 0800 06 04 0003') },
  { port: 3, frame: ethernet(mac(4), mac(2), ip4(132, '0001000200000000 00000000'.replaceAll(' ', ''))) },
  { port: 0xfffe, frame: ethernet(mac(2), mac(6), ip4(2, '11000000 00000000'.replaceAll(' ', ''))) },
  { port: 1, frame: bytes(`${mac(6)}${mac(1)}08`) },
  {
    port: 1,
    frame: ethernet(mac(6), mac(1), ip4(17, '0001 0002 00f0 0000'.replaceAll(' ', '').padEnd(480, '5a'))),
    buffer: 256,
  },
  {
    port: 1,
    frame: ethernet(all, mac(1), ip4(17, '0001 0002 00f0 0000'.replaceAll(' ', '').padEnd(480, '5a'))),
    buffer: 257,
  },
  {
    port: 1,
    frame: ethernet('0180c2000001', mac(1), ip4(17, '0001 0002 00f0 0000'.replaceAll(' ', '').padEnd(480, '5a'))),
    buffer: 258,
  },
]

describe.skipIf(!hasOvs())('ovs-testcontroller says what the real one says, to the byte', () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'weft-controller-files-'))
    const flows: Record<string, string> = {
      plain: 'priority=5,actions=normal\n',
      table: '# two of them\npriority=5,actions=normal\ntable=1,ip,nw_dst=10.0.0.2,actions=output:2\n',
      nxm: 'reg0=1,cookie=7,actions=resubmit(,2)\n',
      'nxm-table': 'table=3,reg0=1,idle_timeout=5,actions=drop\n',
    }
    for (const [name, text] of Object.entries(flows)) writeFileSync(join(directory, name), text)
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  // OpenFlow 1.5 is not compared: the real one fills the match of its packet-outs with whatever is in its memory.
  const versions: Version[] = [1, 2, 3, 4, 5]
  const optionSets = [
    '',
    '-w',
    '-w2820F0',
    '-w2000EC',
    '-w3fffff',
    '-N',
    '-n',
    '-H',
    '-H -n',
    '-N -n',
    '-q 3',
    '-N -q 3',
    '-H -q 3',
    '-Q p2:7 -q 3',
    '-Q p2:7 -Q :p1::0x9',
    '--mute',
    '--max-idle=permanent',
    '--max-idle=7',
    '--with-flows plain',
    '--with-flows table',
    '--with-flows nxm',
    '--with-flows nxm-table',
  ]
  test.each(optionSets.flatMap(options => versions.map(version => [options, version] as const)))(
    '%s, OpenFlow 1.%i less one',
    async (options, version) => {
      const words = options === '' ? [] : options.split(' ')
      const named = [
        ...words.map(word => (/^(plain|table|nxm.*)$/.test(word) ? join(directory, word) : word)),
        '-O',
        `OpenFlow1${version - 1}`,
      ]
      const theirs = await theirAnswers(version, named, arrivals)
      const ours = ourAnswers(version, named, arrivals, path => readFileSync(path))
      expect(asText(ours)).toEqual(asText(theirs))
      expect(theirs.length).toBeGreaterThan(arrivals.length)
    },
  )
})
