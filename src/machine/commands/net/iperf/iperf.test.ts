import { describe, expect, test } from 'vitest'
import { twoHosts } from '../net.testing.ts'
import {
  headAnswer,
  headLength,
  readDatagram,
  readReport,
  readWish,
  writeDatagram,
  writeReport,
  writeWish,
} from './header.ts'
import { amountOf, readIperfOptions } from './options.ts'
import { lineText, lossText, rateText, sizeText } from './text.ts'

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from((hex.replaceAll(/\s/g, '').match(/../g) ?? []).map(pair => Number.parseInt(pair, 16)))
const hexOf = (bytes: Uint8Array): string => [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')

/** The server's words behind the client's, as `iperf -s` in `far` and a client here print them. */
const both = (server: string, client: string, host = twoHosts()): { client: string; server: string } => {
  const printed = host.text(
    `ip netns exec far iperf ${server} > /tmp/s 2>&1 & sleep 0.1; iperf ${client}; sleep 1; kill %1; sleep 0.1`,
  )
  return { client: printed, server: host.text('cat /tmp/s') }
}

/** What differs from run to run: ports and times. */
const plain = (text: string): string =>
  text
    .replaceAll(/port [3-6]\d{4}/g, 'port P')
    .replaceAll(/\d+\.\d{4}-\d+\.\d{4} sec/g, 'T sec')
    .replaceAll(/irtt=14\/1448\/\d+/g, 'irtt=14/1448/R')

describe('numbers are written as iperf 2.1.8 writes them', () => {
  test.each([
    [0, 'a', '0.000 Byte'],
    [1000, 'a', '1000 Byte'],
    [136710, 'a', ' 134 KByte'],
    [10485760, 'a', '10.0 MByte'],
    [1170378752, 'a', '1.09 GByte'],
    [1000000, 'b', '1000000 Byte'],
    [1000000, 'm', '0.954 MByte'],
    [1000000, 'G', '0.001 GByte'],
  ])('%d bytes with -f %s', (bytes, format, text) => expect(sizeText(bytes, format)).toBe(text))

  test.each([
    [1310720, 'a', '10.5 Mbits/sec'],
    [125e6, 'a', '1.00 Gbits/sec'],
    [405.25e6, 'm', '3242 Mbits/sec'],
    [57.75e6, 'g', '0.462 Gbits/sec'],
    [59029056, 'K', '57646 KBytes/sec'],
    [60817408, 'M', '58.0 MBytes/sec'],
    [0, 'a', '0.000 bits/sec'],
  ])('%d bytes a second with -f %s', (rate, format, text) => expect(rateText(rate, format)).toBe(text))

  test('in a line, and losses', () => {
    expect(lineText('[  1]', 0, 2, 2621440, 'a')).toBe('[  1] 0.0000-2.0000 sec  2.50 MBytes  10.5 Mbits/sec')
    expect(lineText('[  1]', 0, 0, 0, 'a')).toBe('[  1] 0.0000-0.0000 sec  0.000 Bytes  0.000 bits/sec')
    expect([lossText(0, 1787), lossText(8, 93), lossText(5, 0)]).toEqual(['0/1787 (0%)', '8/93 (8.6%)', '5/0 (500%)'])
  })

  test('units: capital ones are powers of 1024, and what is no number is 0', () => {
    expect(['10M', '10m', '1.5K', '64k', 'foo', '2G', '100'].map(amountOf)).toEqual([
      10 * 2 ** 20,
      10e6,
      1536,
      64000,
      0,
      2 ** 31,
      100,
    ])
  })
})

describe('what is on the wire is what iperf 2.1.8 sends', () => {
  test('the wish for a test back, whose head is 60 bytes long and answered', () => {
    const head = bytesOf('c0010078 00000001 0000170e 00000000 00000000 000003e8')
    expect(readWish(head, 0)).toEqual({
      now: false,
      streams: 1,
      port: 5902,
      length: 0,
      window: 0,
      time: 0,
      amount: 1000,
    })
    expect(headLength(0xc0010078)).toBe(60)
    expect(hexOf(headAnswer(0xc0010078) as Uint8Array)).toBe(
      '000000020000001c00000000000200010008000300000000000000000000000000'.slice(0, 56),
    )
  })

  test('one of our own comes back, and data is none', () => {
    const bytes = new Uint8Array(24)
    const wish = { now: true, streams: 2, port: 5001, length: 0, window: 65536, time: 2.5, amount: undefined }
    writeWish(bytes, 0, wish)
    expect(readWish(bytes, 0)).toEqual(wish)
    expect(headLength(0x80000001)).toBe(24)
    expect(headAnswer(0x80000001)).toBeUndefined()
    expect(headLength(0x30313233)).toBe(0)
    expect(readWish(bytesOf('303132333435363738393031323334353637383930313233'), 0)).toBeUndefined()
    expect(readWish(bytes, 1)).toBeUndefined()
  })

  test("a server's report", () => {
    const report = bytesOf(
      '00000000 00000000 00000000 00000000 88000000 00000000 00002df0 00000000 00010880 00000000 00000000 00000008 00000000 00000005',
    )
    const read = { bytes: 11760, time: 0.067712, arrivals: { lost: 0, disordered: 0, total: 8, jitter: 0.000005 } }
    expect(readReport(report)).toEqual(read)
    const own = new Uint8Array(128)
    writeReport(own, read)
    expect(readReport(own)).toEqual(read)
    expect(readReport(new Uint8Array(128))).toBeUndefined()
    expect(readReport(report.subarray(0, 50))).toBeUndefined()
  })

  test('the number and time of a datagram', () => {
    expect(readDatagram(bytesOf('00000001 6b049380 0008fe7c 00000000'))).toEqual({
      id: 1,
      time: 0x6b049380 * 1e9 + 589436000,
    })
    const bytes = new Uint8Array(16)
    writeDatagram(bytes, -1788, 1_500_000_000)
    expect(readDatagram(bytes)).toEqual({ id: -1788, time: 1_500_000_000 })
    expect(readDatagram(new Uint8Array(15))).toBeUndefined()
  })
})

describe('a test', () => {
  test('of TCP: both sides say the same, in the words of iperf', () => {
    const { client, server } = both('-s', '-c 10.0.0.2 -n 10M')
    const rate = / sec {2}10\.0 MBytes {2}([\d.]+ \w+\/sec)/.exec(client)?.[1]
    expect(plain(client)).toBe(
      `------------------------------------------------------------
Client connecting to 10.0.0.2, TCP port 5001
TCP window size: 85.0 KByte (default)
------------------------------------------------------------
[  1] local 10.0.0.1 port P connected with 10.0.0.2 port 5001 (icwnd/mss/irtt=14/1448/R)
[ ID] Interval       Transfer     Bandwidth
[  1] T sec  10.0 MBytes  ${rate}
`,
    )
    expect(plain(server)).toBe(
      `------------------------------------------------------------
Server listening on TCP port 5001
TCP window size:  128 KByte (default)
------------------------------------------------------------
[  1] local 10.0.0.2 port 5001 connected with 10.0.0.1 port P (icwnd/mss/irtt=14/1448/R)
[ ID] Interval       Transfer     Bandwidth
[  1] T sec  10.0 MBytes  ${rate}
`,
    )
  })

  test('of UDP at a rate: what the server reports comes back', () => {
    const { client, server } = both('-s -u', '-u -c 10.0.0.2 -b 10M -t 2 -i 1')
    expect(plain(client)).toBe(
      `------------------------------------------------------------
Client connecting to 10.0.0.2, UDP port 5001
Sending 1470 byte datagrams, IPG target: 1121.52 us (kalman adjust)
UDP buffer size:  208 KByte (default)
------------------------------------------------------------
[  1] local 10.0.0.1 port P connected with 10.0.0.2 port 5001
[ ID] Interval       Transfer     Bandwidth
[  1] T sec  1.25 MBytes  10.5 Mbits/sec
[  1] T sec  1.25 MBytes  10.5 Mbits/sec
[  1] T sec  2.50 MBytes  10.5 Mbits/sec
[  1] Sent 1785 datagrams
[  1] Server Report:
[ ID] Interval       Transfer     Bandwidth        Jitter   Lost/Total Datagrams
[  1] T sec  2.50 MBytes  10.5 Mbits/sec   0.000 ms 0/1784 (0%)
`,
    )
    expect(plain(server).split('\n').slice(4, 7)).toEqual([
      '[  1] local 10.0.0.2 port 5001 connected with 10.0.0.1 port P',
      '[ ID] Interval       Transfer     Bandwidth        Jitter   Lost/Total Datagrams',
      '[  1] T sec  2.50 MBytes  10.5 Mbits/sec   0.000 ms 0/1784 (0%)',
    ])
  })

  test('with several streams has a sum', () => {
    const { client, server } = both('-s -f k', '-c 10.0.0.2 -n 1M -P 3')
    expect(client.match(/^\[ {2}\d\].*1\.00 MBytes/gm)).toHaveLength(3)
    expect(client).toMatch(/^\[SUM\] .* 3\.00 MBytes {2}/m)
    expect(server).toMatch(/^\[SUM\] .* 3072 KBytes +\d+ Kbits\/sec$/m)
  })

  test('there and back, after and at once', () => {
    const after = both('-s', '-c 10.0.0.2 -n 1M -r')
    expect(after.client.match(/1\.00 MBytes/g)).toHaveLength(2)
    expect(after.server).toMatch(
      /^\[ \*2\] local 10\.0\.0\.2 port \d+ connected with 10\.0\.0\.1 port 5001 \(reverse\)/m,
    )
    expect(after.server).not.toContain('SUM')
    const once = both('-s', '-c 10.0.0.2 -n 1M -d -L 6000')
    expect(once.client).toContain('Server listening on TCP port 6000\n')
    expect(once.client.match(/1\.00 MBytes/g)).toHaveLength(2)
    expect(once.server).toMatch(/^\[SUM\] .* 2\.00 MBytes/m)
    const datagrams = both('-s -u', '-u -c 10.0.0.2 -n 100K -r')
    expect(datagrams.client.match(/ 0\/70 \(0%\)/g)).toHaveLength(2)
  })

  test('at a rate, with -y C, and of a window', () => {
    const { client, server } = both('-s -y C', '-c 10.0.0.2 -t 2 -b 10m -y C -i 1')
    const fields = client
      .trim()
      .split('\n')
      .map(line => line.split(','))
    expect(fields.map(row => [row[1], row[3], row[4], row[5], row[6]])).toEqual([
      ['10.0.0.1', '10.0.0.2', '5001', '1', '0.0-1.0'],
      ['10.0.0.1', '10.0.0.2', '5001', '1', '1.0-2.0'],
      ['10.0.0.1', '10.0.0.2', '5001', '1', '0.0-2.0'],
    ])
    expect(Number(fields[2]?.[8])).toBeGreaterThan(9.9e6)
    expect(Number(fields[2]?.[8])).toBeLessThan(10.6e6)
    expect(server.trim().split('\n')).toHaveLength(1)
    const small = both('-s -w 64K', '-c 10.0.0.2 -w 64K -n 1M -N -M 1000')
    expect(small.client).toContain(
      'MSS req size 1000 bytes (per TCP_MAXSEG)\nTCP window size:  128 KByte (WARNING: requested 64.0 KByte)\n',
    )
    expect(small.server).toContain('TCP window size:  128 KByte (WARNING: requested 64.0 KByte)\n')
  })

  test('is not possible where nobody listens', () => {
    const host = twoHosts()
    expect(host.text('iperf -c 10.0.0.2 -p 5999 -t 1')).toBe(
      `------------------------------------------------------------
Client connecting to 10.0.0.2, TCP port 5999
TCP window size: 16.0 KByte (default)
------------------------------------------------------------
[  1] local 0.0.0.0 port 0 connected with 10.0.0.2 port 5999
tcp connect failed: Connection refused
`,
    )
    expect(host.text('iperf -u -c 10.0.0.2 -t 0.1')).toMatch(
      /WARNING: did not receive ack of last datagram after 10 tries\.\n$/,
    )
    expect(host.status('iperf -c nosuch.host')).toBe(1)
    expect(host.text('iperf -c nosuch.host')).toBe('nosuch.host: Host name lookup failure\n')
  })

  test('a port is taken once; a server ends with its clients, its time, or a signal', () => {
    const host = twoHosts()
    expect(host.text('iperf -s > /dev/null & sleep 0.1; iperf -s; kill %1')).toBe(
      'listener bind failed: Address already in use\n',
    )
    expect(host.text('iperf -s -t 2 > /dev/null; date +%s')).not.toBe('')
    expect(
      host.text(
        'ip netns exec far iperf -s -1 > /tmp/one & sleep 0.1; iperf -c 10.0.0.2 -n 1M > /dev/null; wait; grep -c MBytes /tmp/one',
      ),
    ).toBe('1\n')
    expect(
      host.text(
        'ip netns exec far iperf -s -u -1 > /tmp/one & sleep 0.1; iperf -u -c 10.0.0.2 -n 10K > /dev/null; wait; grep -c KBytes /tmp/one',
      ),
    ).toBe('1\n')
    expect(host.text('iperf -s > /tmp/idle & sleep 1; kill -INT %1; wait; tail -1 /tmp/idle | tr -d -')).toBe('\n')
    const looked = host.text(
      'ip netns exec far iperf -s > /tmp/busy 2>&1 & sleep 0.1; iperf -c 10.0.0.2 -t 50 -b 1M -l 10K > /tmp/c & sleep 2; kill %1; wait %1; cat /tmp/busy; kill %2; wait %2; cat /tmp/c',
    )
    expect(looked).toContain('Waiting for server threads to complete. Interrupt again to force quit.\n')
    expect(looked.match(/ sec +\d+ KBytes {2}1\.\d+ Mbits\/sec/g)?.length).toBeGreaterThan(0)
  })

  test('who only looks whether the port is open is no client', () => {
    const host = twoHosts()
    host.text('ip netns exec far iperf -s > /tmp/s 2>&1 & sleep 0.1')
    const socket = host.machine.kernel.root.tcpSocket()
    socket.connect(0x0a000002, 5001)
    host.run('sleep 0.1')
    socket.close()
    host.run('sleep 0.1')
    expect(plain(host.text('tail -2 /tmp/s'))).toBe(
      'read tcp flags (peer close) failed\n(null)local 10.0.0.2 port 5001 connected with 10.0.0.1 port P\n',
    )
  })
})

describe('words that cannot be are refused as iperf refuses them', () => {
  const usage = "Usage: iperf [-s|-c host] [options]\nTry `iperf --help' for more information.\n"
  test.each([
    ['iperf', usage, 0],
    ['iperf -Q', `iperf: invalid option -- Q\n${usage}`, 0],
    ['iperf --foo', `iperf: unrecognized option \`--foo'\n${usage}`, 0],
    ['iperf -c', `iperf: option requires an argument -- c\n${usage}`, 0],
    ['iperf -v', 'iperf version 2.1.8 (12 August 2022) pthreads\n', 1],
    [
      'iperf -c 10.0.0.2 -b 512K',
      'ERROR: option -b and -l of 131072 are incompatible, consider setting -l to 65536 or lower\n',
      1,
    ],
  ])('%s', (line, said, status) => {
    const host = twoHosts()
    expect([host.text(line), host.status(line)]).toEqual([said, status])
  })

  test('help tells of each option that is understood', () => {
    const help = twoHosts().text('iperf -h')
    for (const letter of 'bfilmpuwBMNSZstDVcdnrtLPTxyhv') expect(help).toMatch(new RegExp(`^  -${letter}, `, 'm'))
  })

  test.each<[string, number | undefined]>([
    ['0x12', 0x12],
    ['010', 8],
    ['40', 40],
    ['EF', 0xb8],
    ['cs1', 0x20],
    ['zz', undefined],
    ['256', undefined],
    ['cs9', undefined],
    ['0x', undefined],
    ['-1', undefined],
  ])('the traffic class %s', (text, tos) => {
    const { options, warnings } = readIperfOptions(['-c', 'x', '-S', text])
    expect(options.tos).toBe(tos ?? 0)
    expect(warnings).toEqual(tos === undefined ? [`Invalid --tos value of ${text}`] : [])
  })

  test('defaults, traffic classes, and reports that are left out', () => {
    const { options, warnings } = readIperfOptions(['-c', 'x', '-u', '-V', '-S', 'af21', '-x', 'CQ', '-p', 'abc'])
    expect(options).toMatchObject({
      length: 1450,
      tos: 0x48,
      port: 0,
      time: 10,
      rate: { value: 2 ** 20, unit: 'bits' },
    })
    expect([...options.without]).toEqual(['C'])
    expect(warnings).toHaveLength(1)
    expect(readIperfOptions(['-c', 'x', '-b', '100pps']).options).toMatchObject({
      udp: true,
      rate: { value: 100, unit: 'packets' },
    })
    expect(readIperfOptions(['-c', 'x', '-t', '0']).warnings[0]).toMatch(/^WARNING: client will send traffic forever/)
  })
})

describe('a server that joins a group', () => {
  const served = (options: string): string => {
    const host = twoHosts()
    host.text('ip route add 224.0.0.0/4 dev e0; ip -n far route add 224.0.0.0/4 dev e1')
    return both(options, `-u -c ${options.includes('232') ? '232.1.1.1' : '239.1.1.1'} -n 3000`, host).server
  }

  test('says so, and hears what is sent to it', () => {
    const text = served('-u -s -B 239.1.1.1%e1')
    expect(text).toContain('Joining multicast (*,G)=*,239.1.1.1 w/iface e1\nServer set to single client traffic mode')
    expect(text).toMatch(/local 239\.1\.1\.1 port 5001 connected with 10\.0\.0\.1/)
    expect(served('-u -s -B 239.1.1.1')).toMatch(/Joining multicast group {2}239\.1\.1\.1\n[\s\S]* 4\.31 KBytes/)
  })

  test('from one source alone does not hear another', () => {
    const heard = served('-u -s -B 232.1.1.1 -H 10.0.0.1')
    expect(heard).toContain('Joining multicast (S,G)=10.0.0.1,232.1.1.1\n')
    expect(heard).toMatch(/connected with 10\.0\.0\.1/)
    expect(served('-u -s -B 232.1.1.1 -H 10.0.0.9')).not.toContain('connected with')
  })

  test('that has no link listens none the less', () => {
    const text = served('-u -s -B 239.1.1.1%none')
    expect(text).toMatch(/^mcast if_nametoindex failed: No such device\n-+\nServer listening/)
  })
})
