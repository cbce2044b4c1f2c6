import fc from 'fast-check'
import { expect, test } from 'vitest'
import { composeFrame } from '../../flow/compose.ts'
import { writeField } from '../../flow/fields.ts'
import { newKey } from '../../flow/layout.ts'
import { type PcapPacket, pcapFileOf, readPcapFile } from './pcap-file.ts'
import { TcpStreams } from './tcp-streams.ts'

const segment = (sequence: number, text: string, flags = 0x10n, source = 1000n): Uint8Array => {
  const key = newKey()
  const fields = { eth_type: 0x0800n, nw_proto: 6n, ip_src: 1n, ip_dst: 2n, tcp_src: source, tcp_dst: 6653n } as const
  for (const [name, value] of Object.entries(fields)) writeField(key, name as keyof typeof fields, value)
  writeField(key, 'tcp_flags', flags)
  const frame = composeFrame(key, new TextEncoder().encode(text))
  new DataView(frame.buffer).setUint32(38, sequence)
  return frame
}
const textOf = (data: Uint8Array | undefined): string | undefined => data && new TextDecoder().decode(data)

test('data comes in order, and what does not fit is lost', () => {
  const streams = new TcpStreams()
  expect(textOf(streams.add(segment(5, 'ab'))?.data)).toBe('ab')
  expect(streams.add(segment(5, 'ab'))).toBeUndefined()
  expect(streams.add(segment(9, 'ef'))).toBeUndefined()
  expect(textOf(streams.add(segment(7, 'cd'))?.data)).toBe('abcd')
  expect(streams.add(segment(9, 'ef', 0x10n, 1001n))?.name).toBe('0.0.0.1.1001 > 0.0.0.2.6653')
})

test('a connection begins with SYN and ends with FIN or RST', () => {
  const streams = new TcpStreams()
  streams.add(segment(0, 'x'))
  expect(streams.add(segment(99, '', 2n))).toBeUndefined()
  expect(textOf(streams.add(segment(100, 'a'))?.data)).toBe('a')
  expect(streams.add(segment(101, '', 4n))).toBeUndefined()
  expect(textOf(streams.add(segment(200, 'b'))?.data)).toBe('b')
})

const packetsIn = (file: Uint8Array): PcapPacket[] => {
  const read = readPcapFile(file)
  return read.open ? [...read.packets] : []
}

test('a file with a frame is read again', () => {
  const frame = segment(1, 'abc')
  expect(packetsIn(pcapFileOf(frame, 1_600_000_000_123))).toEqual([{ time: 1_600_000_000_123e6, frame }])
})

test('what is no capture is refused', () => {
  const file = pcapFileOf(segment(1, 'abc'), 0)
  expect(readPcapFile(file.subarray(0, 23))).toMatchObject({ open: false, why: 'End of file' })
  expect(readPcapFile(file.map(byte => byte ^ 1))).toMatchObject({ open: false, why: 'Protocol error' })
  expect(packetsIn(file.subarray(0, file.length - 1))).toEqual([])
})

test('any bytes are read without harm', () => {
  const head = [...pcapFileOf(new Uint8Array(0), 0).subarray(0, 24)]
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, cooked) => {
      const file = Uint8Array.from([...head, ...bytes])
      if (cooked) file[20] = 113
      const streams = new TcpStreams()
      for (const { frame } of packetsIn(file)) streams.add(frame)
      streams.add(bytes)
    }),
  )
})
