import { describe, expect, test } from 'vitest'
import { Kernel } from '../../../../host/index.ts'
import { seeded, start, VirtualClock } from '../../../../runtime/index.ts'
import { Machine } from '../../../machine.ts'
import { commands } from '../index.ts'
import { formatRate, formatSize, formatTime, rateOf, sizeOf, timeOf } from './words.ts'

/** Two hosts on a veth pair: the machine itself, and the namespace h2. */
const pair = () => {
  const clock = new VirtualClock()
  const random = seeded(1)
  const kernel = new Kernel({ clock, random, name: 'box' })
  const machine = new Machine({ kernel, clock, random, hostname: 'box', commands })
  const type = (line: string): string => {
    let text: string | undefined
    start(machine.exec(line), { done: ran => (text = `${ran.stdout}${ran.stderr}`) })
    clock.runWhile(() => text === undefined)
    return text ?? 'it never ended'
  }
  type('ip netns add h2; ip link add d0 type veth peer name eth0 netns h2; ip link set d0 up')
  type('ip -n h2 link set eth0 up; ip addr add 10.0.0.1/24 dev d0; ip -n h2 addr add 10.0.0.2/24 dev eth0')
  clock.runUntil(clock.now() + 3e9)
  const rtt = (): number => Number(/time=([0-9.]+)/.exec(type('ping -c 1 10.0.0.2'))?.[1])
  return { clock, kernel, type, rtt }
}

describe('tc', () => {
  test('shapes and delays as Mininet has it do so', () => {
    const { type, rtt } = pair()
    type('ping -c 1 10.0.0.2')
    expect(type('tc qdisc add dev d0 root handle 5:0 htb default 1')).toBe('')
    expect(type('tc class add dev d0 parent 5:0 classid 5:1 htb rate 10.000000Mbit burst 15k')).toBe('')
    expect(type('tc qdisc add dev d0 parent 5:1 handle 10: netem delay 15ms')).toBe('')
    expect(rtt()).toBeCloseTo(15, 1)
    type('tc -n h2 qdisc add dev eth0 root netem delay 15ms 2ms limit 1000')
    expect(rtt()).toBeGreaterThan(27.9)
    expect(type('tc qdisc show dev d0')).toBe(
      'qdisc htb 5: root refcnt 2 r2q 10 default 0x1 direct_packets_stat 0 direct_qlen 1000\n' +
        'qdisc netem 10: parent 5:1 limit 1000 delay 15ms\n',
    )
    expect(type('tc -n h2 qdisc show dev eth0')).toBe('qdisc netem 8001: root refcnt 2 limit 1000 delay 15ms  2ms\n')
    expect(type('ip link show d0')).toContain(' qdisc htb state UP ')
    expect(type('tc -s qdisc show dev d0')).toMatch(
      /Sent [1-9]\d+ bytes 2 pkt \(dropped 0, overlimits \d+ requeues 0\)/,
    )
    expect(type('tc class add dev d0 parent 5:0 classid 5:2 htb rate 100mbit')).toBe(
      'Warning: sch_htb: quantum of class 50002 is big. Consider r2q change.\n',
    )
    type('tc qdisc del dev d0 root')
    expect(type('tc qdisc show dev d0')).toBe('qdisc noqueue 0: root refcnt 2 \n')
    expect(rtt()).toBeLessThan(18)
  })

  test('changes take effect at once, and a link that goes loses its queue', () => {
    const { type, rtt } = pair()
    type('tc qdisc add dev d0 root handle 1: netem delay 5ms')
    rtt()
    type('tc qdisc change dev d0 root handle 1: netem delay 50ms')
    expect(rtt()).toBeCloseTo(50, 1)
    type('tc qdisc replace dev d0 root handle 1: netem loss 100%')
    expect(type('ping -c 1 -W 1 10.0.0.2')).toContain('100% packet loss')
    expect(type('tc -s qdisc show dev d0')).toContain('(dropped 1, ')
    type('ip link set d0 netns h2')
    type('ip -n h2 link set d0 up')
    expect(type('tc -n h2 qdisc show')).toContain('qdisc noqueue 0: dev d0 root refcnt 2 \n')
  })

  test.each([
    ['htb', 'handle 5:0 htb default 1', 'tc class add dev d0 parent 5:0 classid 5:1 htb rate 5.000000Mbit burst 15k'],
    ['tbf', 'handle 5: tbf rate 5.000000Mbit burst 15000 latency 24.000000ms', 'true'],
    [
      'hfsc',
      'handle 5:0 hfsc default 1',
      'tc class add dev d0 parent 5:0 classid 5:1 hfsc sc rate 5Mbit ul rate 5Mbit',
    ],
  ])('5 Mbit/s of %s are 5 Mbit/s of TCP, less its headers', (_name, words, more) => {
    const { type, clock } = pair()
    expect(type(`tc qdisc add dev d0 root ${words}; ${more}`)).toBe('')
    type('ip netns exec h2 iperf -s -p 5001 > /dev/null 2>&1 &')
    type('iperf -c 10.0.0.2 -p 5001 -t 5 -f k > /tmp/out &')
    clock.runUntil(clock.now() + 20e9)
    const rate = Number(/([0-9.]+) Kbits\/sec/.exec(type('cat /tmp/out'))?.[1])
    expect(rate).toBeGreaterThan(4700)
    // What is in the queue when the time is over counts as sent.
    expect(rate).toBeLessThan(5250)
  })

  test('shows what netem, red and hfsc were told', () => {
    const { type } = pair()
    const shown = (words: string): string => {
      const said = type(`tc qdisc replace dev d0 root handle 1: ${words}`)
      return `${said}${type('tc qdisc show dev d0')}`
    }
    const all =
      'netem limit 50 delay 100ms 10ms 25% loss 1% 5% duplicate 1% corrupt 0.1% reorder 25% 50% gap 5 rate 1mbit distribution normal'
    expect(shown(all)).toBe(
      'qdisc netem 1: root refcnt 2 limit 50 delay 100ms  10ms 25% loss 1% 5% duplicate 1% reorder 25% 50% corrupt 0.1% rate 1Mbit gap 5\n',
    )
    expect(shown('netem loss gemodel 1% 10%')).toContain('loss gemodel p 1% r 10% 1-h 100% 1-k 0%')
    const red = 'red limit 1000000 min 30000 max 35000 avpkt 1500 burst 20 bandwidth 10.000000mbit probability 1 ecn'
    expect(shown(red)).toBe('qdisc red 1: root refcnt 2 limit 1000000b min 30000b max 35000b ecn \n')
    type('tc qdisc replace dev d0 root handle 5:0 hfsc default 1')
    expect(type('tc class add dev d0 parent 5:0 classid 5:1 hfsc sc rate 10.000000Mbit ul rate 10.000000Mbit')).toBe('')
    expect(type('tc class show dev d0')).toContain(
      'class hfsc 5:1 root sc m1 0bit d 0ns m2 10Mbit ul m1 0bit d 0ns m2 10Mbit',
    )
  })
})

describe('numbers with units', () => {
  test.each([
    ['10mbit', 1_250_000],
    ['10.000000Mbit', 1_250_000],
    ['100kbps', 100_000],
    ['1gbit', 125_000_000],
    ['1kibit', 128],
    ['8000', 1000],
    ['x', undefined],
    ['-1mbit', undefined],
    ['10mbits', undefined],
  ])('rate %s', (text, rate) => expect(rateOf(text)).toBe(rate))
  test.each([
    ['15k', 15_360],
    ['1600', 1600],
    ['1mb', 1_048_576],
    ['10b', 10],
    ['k', undefined],
  ])('size %s', (text, size) => expect(sizeOf(text)).toBe(size))
  test.each([
    ['10ms', 10_000_000],
    ['1.5s', 1_500_000_000],
    ['40', 40_000],
    ['ms', undefined],
  ])('time %s', (text, time) => expect(timeOf(text)).toBe(time))
  test('are printed as they are read', () => {
    expect([1_250_000, 687_500, 1000, 125_000_000_000, 12.5].map(formatRate)).toEqual([
      ...['10Mbit', '5500Kbit', '8Kbit', '1Tbit', '100bit'],
    ])
    expect([15_360, 1600, 15_000, 1_048_576].map(formatSize)).toEqual(['15Kb', '1600b', '15000b', '1Mb'])
    expect([24_000_000, 19_800_000, 40_000, 1_500_000_000].map(formatTime)).toEqual(['24ms', '19.8ms', '40us', '1.5s'])
  })
})
