import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CapturedPacket,
  formatTime,
  hexdump,
  hexdumpText,
  PcapngWriter,
  readCapture,
  showLine,
  type TcpBases,
  writePcap,
} from '../../src/wire/index.ts'
import { samples } from '../../src/wire/samples.testing.ts'

// The words of `show` are those of this version.
const version = spawnSync('tcpdump', ['--version'], { encoding: 'latin1' })
const installed = `${version.stdout}${version.stderr}`.includes('tcpdump version 4.99')
const folder = join(tmpdir(), `weft-tcpdump-${process.pid}`)
const ourFile = join(folder, 'ours.pcapng')
beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(ourFile, ours())
})
afterAll(() => rmSync(folder, { recursive: true }))

const tcpdump = (file: string, ...args: string[]): string[] =>
  execFileSync('tcpdump', ['-n', '-r', file, ...args], {
    encoding: 'latin1',
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  })
    .replace(/\n$/, '')
    .split(/\n(?=\d\d:\d\d:\d\d\.\d{6} )/)

const shown = (packets: CapturedPacket[], link: boolean, verbose: boolean): string[] => {
  const connections: TcpBases = new Map()
  return packets.map(
    ({ time, bytes }) => `${formatTime(time)} ${showLine(bytes, 0, bytes.length, { link, verbose, connections })}`,
  )
}

const capture = (name: string): string => new URL(`../captures/${name}.pcapng`, import.meta.url).pathname

/** What tcpdump reads further into than Weft does. */
const beyond = /sctp|gpe/i

/** A capture of one of each of our own frames. */
const ours = (): Uint8Array => {
  const blocks: Uint8Array[] = []
  const writer = new PcapngWriter(block => blocks.push(block), { epoch: 1_700_000_000_000_000_000n })
  const port = writer.addInterface({ name: 'ours' })
  const shownHere = samples().filter(({ name }) => !beyond.test(name))
  for (const [i, { frame }] of shownHere.entries()) writer.packet(port, i * 1e9, frame.bytes, frame.start, frame.end)
  return Buffer.concat(blocks)
}

describe.skipIf(!installed)('tcpdump prints what showLine shows', () => {
  const files = { kinds: capture('kinds'), kernel: capture('kernel'), 'our own frames': ourFile }
  for (const [name, file] of Object.entries(files)) {
    for (const args of [[], ['-e'], ['-v'], ['-e', '-v']]) {
      test([name, ...args].join(' '), () => {
        const { packets } = readCapture(readFileSync(file))
        expect(shown(packets, args.includes('-e'), args.includes('-v'))).toEqual(tcpdump(file, ...args))
      })
    }
  }

  test('hexadecimal', () => {
    const { packets } = readCapture(readFileSync(files.kernel))
    const lines = shown(packets, false, false)
    const dumped = (dump: (bytes: Uint8Array) => string): string[] =>
      packets.map(({ bytes }, i) => lines[i] + dump(bytes))
    expect(dumped(hexdump)).toEqual(tcpdump(files.kernel, '-xx'))
    expect(dumped(hexdumpText)).toEqual(tcpdump(files.kernel, '-XX'))
  })

  test('our capture files are read, and theirs by us', () => {
    const { packets } = readCapture(readFileSync(files.kernel))
    const file = join(folder, 'classic.pcap')
    writeFileSync(file, writePcap(packets))
    expect(tcpdump(file)).toEqual(tcpdump(files.kernel))
    const written = join(folder, 'written.pcap')
    execFileSync('tcpdump', ['-r', files.kernel, '-w', written], { stdio: 'ignore' })
    const read = readCapture(readFileSync(written))
    expect(read.bad).toBeUndefined()
    expect(read.packets.map(({ bytes, size }) => [bytes, size])).toEqual(
      packets.map(({ bytes, size }) => [bytes, size]),
    )
  })
})
