import { expect, test } from 'vitest'
import { readCapture } from '../../../../wire/index.ts'
import { twoHosts } from '../net.testing.ts'
import { cooked, pcapHeader, pcapRecord } from './pcap-file.ts'

test('it prints what passes, and how much passed', () => {
  const { run } = twoHosts()
  run('ping -c 1 -q 10.0.0.2')
  const ran = run('tcpdump -t -n -i e0 -c 2 icmp & sleep 0.1; ping -c 1 -q 10.0.0.2 > /dev/null; wait')
  expect(ran.stdout.replaceAll(/id \d+/g, 'id N')).toBe(
    'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id N, seq 1, length 64\nIP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id N, seq 1, length 64\n',
  )
  expect(ran.stderr).toBe(
    'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on e0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n2 packets captured\n2 packets received by filter\n0 packets dropped by kernel\n',
  )
})

test('Ctrl-C ends it with its counts', () => {
  const { run } = twoHosts()
  const ran = run('timeout -s INT 1 tcpdump -n -i e0 arp')
  expect(ran.stderr).toMatch(/\n\n0 packets captured\n/)
})

test('what it writes it reads again, and so does our reader of captures', () => {
  const { run, machine } = twoHosts()
  run('tcpdump -i e0 -w f.pcap -c 1 icmp & sleep 0.1; ping -c 1 -q 10.0.0.2 > /dev/null; wait')
  expect(run('tcpdump -t -r f.pcap').stdout).toMatch(/^IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request/)
  const file = machine.files.read(machine.init, '/root/f.pcap')
  expect(file.ok && readCapture(file.value).packets.map(packet => packet.size)).toEqual([98])
})

test('pcap with microseconds in little-endian order, as tcpdump writes it on x86', () => {
  const hex = (bytes: Uint8Array): string => [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')
  expect(hex(pcapHeader(262144, 1))).toBe('d4c3b2a1020004000000000000000000' + '0000040001000000')
  expect(hex(pcapRecord(1_795_405_864_265.969, new Uint8Array(98), 2))).toBe(
    '28b8036b' + 'f10e0400' + '02000000' + '62000000' + '0000',
  )
  const frame = Uint8Array.of(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 8, 0, 0x45)
  expect(hex(cooked(frame, 3, false, 4))).toBe(
    '0800' + '0000' + '00000003' + '0001' + '04' + '06' + '0202020202020000' + '45',
  )
})

test('mistakes', () => {
  const { text } = twoHosts()
  expect(text('tcpdump -i nosuch')).toBe('tcpdump: nosuch: No such device exists\n(No such device exists)\n')
  expect(text('tcpdump -r nofile')).toBe('tcpdump: nofile: No such file or directory\n')
  expect(text('tcpdump -r /etc/hosts')).toBe('tcpdump: unknown file format\n')
  expect(text('tcpdump -c 0')).toBe('tcpdump: invalid packet count 0\n')
  expect(text('tcpdump -D')).toContain('1.e0 [Up, Running, Connected]\n2.any')
})
