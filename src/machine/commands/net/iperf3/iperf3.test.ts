import { describe, expect, test } from 'vitest'
import { start } from '../../../../runtime/index.ts'
import { netMachine, twoHosts } from '../net.testing.ts'

/** A client at 10.0.0.1 against a server at 10.0.0.2, with 100 Mbit/s between them: what both printed. */
const tested = (words: string, server = '') => {
  const { machine, run } = twoHosts()
  const served = { text: '' }
  start(machine.exec(`ip netns exec far iperf3 -s -1 ${server}`), {
    done: ({ stdout, stderr }) => {
      served.text = stdout + stderr
    },
  })
  run('tc qdisc add dev e0 root tbf rate 100mbit burst 15000 latency 50ms')
  run('ip netns exec far tc qdisc add dev e1 root tbf rate 100mbit burst 15000 latency 50ms')
  const { stdout, stderr, status } = run(`iperf3 -c 10.0.0.2 ${words}`)
  run('sleep 1')
  return { client: stdout + stderr, server: served.text, status }
}

/** Ports are drawn. */
const masked = (text: string): string => text.replace(/(10\.0\.0\.1,? port) \d+/g, '$1 P')

/** What follows a line that begins so. */
const from = (text: string, begin: string): string => text.slice(text.indexOf(begin))

describe('what is printed', () => {
  test('UDP: paced as iperf3 does it, seen at both ends', () => {
    const { client, server, status } = tested('-u -b 10M -t 2')
    expect(status).toBe(0)
    expect(masked(client)).toBe(`Connecting to host 10.0.0.2, port 5201
[  5] local 10.0.0.1 port P connected to 10.0.0.2 port 5201
[ ID] Interval           Transfer     Bitrate         Total Datagrams
[  5]   0.00-1.00   sec  1.19 MBytes  10.0 Mbits/sec  863  
[  5]   1.00-2.00   sec  1.19 MBytes  10.0 Mbits/sec  863  
- - - - - - - - - - - - - - - - - - - - - - - - -
[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams
[  5]   0.00-2.00   sec  2.38 MBytes  10.0 Mbits/sec  0.000 ms  0/1726 (0%)  sender
[  5]   0.00-2.00   sec  2.38 MBytes  10.0 Mbits/sec  0.000 ms  0/1726 (0%)  receiver

iperf Done.
`)
    expect(masked(server)).toBe(`-----------------------------------------------------------
Server listening on 5201 (test #1)
-----------------------------------------------------------
Accepted connection from 10.0.0.1, port P
[  5] local 10.0.0.2 port 5201 connected to 10.0.0.1 port P
[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams
[  5]   0.00-1.00   sec  1.19 MBytes  10.0 Mbits/sec  0.000 ms  0/863 (0%)  
[  5]   1.00-2.00   sec  1.19 MBytes  10.0 Mbits/sec  0.000 ms  0/863 (0%)  
- - - - - - - - - - - - - - - - - - - - - - - - -
[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams
[  5]   0.00-2.00   sec  2.38 MBytes  10.0 Mbits/sec  0.000 ms  0/1726 (0%)  receiver
`)
  })

  test('UDP that is too much: what is lost', () => {
    const { client } = tested('-u -b 200M -t 1')
    const [, lost, total] = /(\d+)\/(\d+) \(\d+%\) {2}receiver/.exec(client) ?? []
    expect(Number(lost) / Number(total)).toBeCloseTo(0.5, 1)
  })

  test('TCP fills the link; streams share it, and have a sum', () => {
    const { client, status } = tested('-t 2 -P 2')
    expect(status).toBe(0)
    expect(client).toContain('[ ID] Interval           Transfer     Bitrate         Retr  Cwnd\n')
    expect(client).toMatch(
      /^\[ {2}5\] {3}0\.00-1\.00 {3}sec {2}5\.\d\d MBytes {2}4\d\.\d Mbits\/sec {4}0 {4}127 KBytes {7}$/m,
    )
    expect(client).toMatch(/^\[SUM\] {3}1\.00-2\.00 {3}sec {2}11\.\d MBytes {2}9\d\.\d Mbits\/sec {4}0 {13}$/m)
    expect(client).toMatch(/^\[SUM\] {3}0\.00-2\.0\d {3}sec {2}22\.\d MBytes {2}95\.\d Mbits\/sec {18}receiver$/m)
    expect(from(client, '\niperf')).toBe('\niperf Done.\n')
  })

  test('the other way, and both', () => {
    const back = tested('-R -t 1')
    expect(back.client).toContain('Reverse mode, remote host 10.0.0.2 is sending\n')
    expect(back.client).toMatch(/^\[ {2}5\] .* 9\d\.\d Mbits\/sec {4}0 {13}sender$/m)
    expect(back.server).toMatch(/^\[ {2}5\] .* KBytes {7}$/m)
    const both = tested('--bidir -t 1')
    expect(both.client).toMatch(/^\[ {2}5\]\[TX-C\] .* 9\d\.\d Mbits\/sec {18}receiver$/m)
    expect(both.client).toMatch(/^\[ {2}7\]\[RX-C\] .* 9\d\.\d Mbits\/sec {18}receiver$/m)
    expect(both.server).toMatch(/^\[ {2}8\]\[TX-S\] .* sender$/m)
  })

  test('the first seconds left out, a rate, a title', () => {
    const { client } = tested('-O 1 -t 2 -b 5M -i 0.5 -T mine')
    expect(client.match(/\(omitted\)$/gm)).toHaveLength(2)
    expect(client).toMatch(/^mine: {2}\[ {2}5\] {3}1\.50-2\.00 /m)
    expect(client).toMatch(/5\.24 Mbits\/sec {4}0 {13}sender$/m)
  })

  test('by bytes and by blocks', () => {
    expect(tested('-n 1M').client).toMatch(/ 1\.00 MBytes .* sender$/m)
    expect(tested('-u -k 7 -l 100').client).toMatch(/ 700 Bytes .* 0\/7 \(0%\) {2}sender$/m)
  })
})

describe('JSON', () => {
  const keys = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.slice(0, 1).map(keys)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, keys(each)]))
        : typeof value

  test('of both ends, in tabs', () => {
    const { client, server } = tested('-t 1 -J', '-J')
    expect(client).toMatch(/^\{\n\t"start":\t\{\n\t\t"connected":\t\[\{\n\t\t\t\t"socket":\t5,\n/)
    const [ours, theirs] = [JSON.parse(client), JSON.parse(server)]
    expect(ours.end.sum_received.bytes).toBe(theirs.end.sum_received.bytes)
    expect(ours.end.sum_sent.bits_per_second).toBeGreaterThan(9e7)
    expect(ours.intervals).toHaveLength(1)
    expect(keys(theirs.intervals[0].sum)).toEqual({
      start: 'number',
      end: 'number',
      seconds: 'number',
      bytes: 'number',
      bits_per_second: 'number',
      omitted: 'boolean',
      sender: 'boolean',
    })
    expect(theirs.end.receiver_tcp_congestion).toBe('cubic')
    expect(theirs.end.sender_tcp_congestion).toBeUndefined()
  })

  test('a mistake is in it, and no status', () => {
    const { run } = twoHosts()
    const { stdout, status } = run('iperf3 -c 10.0.0.2 -J')
    expect(JSON.parse(stdout)).toMatchObject({
      intervals: [],
      end: {},
      error: 'unable to connect to server: Connection refused',
    })
    expect(status).toBe(0)
  })
})

describe('mistakes', () => {
  test.each([
    ['', 'must either be a client (-c) or server (-s)'],
    ['-s -c 1.1.1.1', 'cannot be both server and client'],
    ['-c 1.1.1.1 -P 200', 'number of parallel streams too large (maximum = 128)'],
    ['-c 1.1.1.1 -t 99999', 'test duration too long (maximum = 86400 seconds)'],
    ['-c 1.1.1.1 -i 0.01', 'invalid report interval (min = 0.1, max = 60 seconds)'],
    ['-c 1.1.1.1 -R --bidir', 'cannot be both reverse and bidirectional'],
    ['-s -R', 'some option you are trying to set is client only'],
    ['-c 1.1.1.1 -1', 'some option you are trying to set is server only'],
    ['-c 1.1.1.1 -t 5 -n 10', 'only one test end condition (-t, -n, -k) may be specified'],
    ['-c 1.1.1.1 -l 2M', 'block size too large (maximum = 1048576 bytes)'],
    ['-c 1.1.1.1 -u -l 70000', 'block size invalid (minimum = 16 bytes, maximum = 65507 bytes)'],
    ['-c 1.1.1.1 -p 99999', 'port number must be between 1 and 65535 inclusive'],
    ['-c 1.1.1.1 -O 99', 'bogus value for --omit'],
    ['-c 1.1.1.1 -f x', 'bad format specifier (valid formats are in the set [kmgtKMGT])'],
  ])('iperf3 %s', (words, why) => {
    const { text, status } = netMachine()
    expect(text(`iperf3 ${words}`).split('\n')[0]).toBe(`iperf3: parameter error - ${why}`)
    expect(status(`iperf3 ${words}`)).toBe(1)
  })

  test('nobody there, a server that is busy, a client that goes', () => {
    const { machine, text, clock } = twoHosts()
    expect(text('iperf3 -c 10.0.0.2')).toBe('iperf3: error - unable to connect to server: Connection refused\n')
    expect(text('ip netns exec far iperf3 -s -B 9.9.9.9')).toBe(
      'iperf3: error - unable to start listener for connections: Cannot assign requested address\niperf3: exiting\n',
    )
    text('ip netns exec far iperf3 -s > log & sleep 0.1')
    start(machine.exec('iperf3 -c 10.0.0.2 -u -t 5'))
    clock.runUntil(clock.now() + 1e9)
    expect(text('iperf3 -c 10.0.0.2 -u -t 1')).toBe(
      'iperf3: error - the server is busy running a test. try again later\n',
    )
    clock.runUntil(clock.now() + 1e10)
    expect(text('timeout -s INT 1.5 iperf3 -c 10.0.0.2 -u -t 5')).toMatch(
      /1\.00-1\.50 [\s\S]*sender\n[\s\S]*iperf3: interrupt - the client has terminated\n$/,
    )
    expect(text('iperf3 -c 10.0.0.2 -u -t 1')).toContain('iperf Done.')
    expect(text('cat log')).toContain('Server listening on 5201 (test #3)\n')
  })

  test('what is no client does not disturb a server', () => {
    const { machine, text } = twoHosts()
    start(machine.exec('ip netns exec far iperf3 -s'))
    expect(text('echo hello | nc -N -w 1 10.0.0.2 5201; seq 20 | nc -N -w 1 10.0.0.2 5201 | wc -c')).toBe('1\n')
    expect(text('iperf3 -c 10.0.0.2 -u -t 1')).toContain('iperf Done.')
  })
})

test('a server in the background', () => {
  const { text } = twoHosts()
  expect(text('ip netns exec far iperf3 -s -D -I pid')).toBe('')
  expect(text('iperf3 -c 10.0.0.2 -u -t 1')).toContain('iperf Done.')
  expect(text('ps -e | grep -c iperf3', 'kill $(cat pid); sleep 1; ps -e | grep -c iperf3')).toBe('0\n')
})
