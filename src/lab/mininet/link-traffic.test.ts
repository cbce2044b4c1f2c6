/** Counters and utilisation of links, and what changes while they run. */
import { describe, expect, test } from 'vitest'
import {
  custom,
  LinearTopo,
  LinkTraffic,
  Mininet,
  type MininetOptions,
  OVSBridge,
  OVSLink,
  Prompt,
  SingleSwitchTopo,
  TCLink,
  trafficText,
} from './index.ts'
import { steps } from './tc-change.ts'

const during = async (
  options: MininetOptions,
  act: (net: Mininet, said: () => string, type: (line: string) => Promise<string>) => Promise<void>,
): Promise<void> => {
  let text = ''
  const print = (more: string): void => {
    text += more
  }
  const net = new Mininet({ topo: new SingleSwitchTopo(2), switch: OVSBridge, controller: null, print, ...options })
  await net.start()
  const around = {
    print,
    readFile: () => undefined,
    inspect: String,
    erase: (code: string) => code,
    interactive: false,
  }
  const prompt = new Prompt(net, around)
  await act(
    net,
    () => text,
    async line => {
      text = ''
      await prompt.run(line)
      return text
    },
  )
  await net.stop()
}
const link = (params: Record<string, unknown>) => ({ link: custom(TCLink, params) })
const pingTime = async (net: Mininet): Promise<number> =>
  Number(/= [\d.]+\/([\d.]+)/.exec(await net.get('h1').cmd('ping -c 3 10.0.0.2'))?.[1])

describe('traffic of links', () => {
  test('is what ip counts, both ways', () =>
    during({}, async net => {
      await net.pingAll()
      await net.get('h1').cmd('ping -c 7 -s 1000 10.0.0.2')
      const [[there, back] = []] = new LinkTraffic(net).read()
      const text = await net.get('h1').cmd('ip -s link show dev h1-eth0')
      const [, rx, tx] = /RX:.*\n\s+(.*)\n\s+TX:.*\n\s+(.*)/.exec(text) ?? []
      const [outBytes, outFrames] = (tx as string).trim().split(/\s+/).map(Number)
      const [inBytes, inFrames] = (rx as string).trim().split(/\s+/).map(Number)
      expect(there).toMatchObject({ from: 'h1-eth0', to: 's1-eth1', frames: outFrames, bytes: outBytes, lost: 0 })
      expect(back).toMatchObject({ from: 's1-eth1', to: 'h1-eth0', frames: inFrames, bytes: inBytes, lost: 0 })
      expect(there).not.toHaveProperty('utilisation')
    }))

  test('of a full link uses all of it, of the way back little, of an idle one nothing', () =>
    during({ topo: new SingleSwitchTopo(3), ...link({ bw: 10 }) }, async net => {
      const traffic = new LinkTraffic(net)
      await net.iperf([net.get('h1'), net.get('h2')], { seconds: 10 })
      const [[out, acks] = [], [, into] = [], [idle] = []] = traffic.read()
      expect(out?.bandwidth).toBe(10e6)
      expect(out?.utilisation).toBeGreaterThan(0.95)
      expect(into?.utilisation).toBeGreaterThan(0.95)
      expect(out?.utilisation).toBeLessThanOrEqual(1.001)
      expect(acks?.utilisation).toBeLessThan(0.05)
      expect(idle?.utilisation).toBeLessThan(0.001)
      await net.get('h1').cmd('sleep 10')
      expect(traffic.read()[0]?.[0]?.utilisation).toBeLessThan(0.001)
    }))

  test('that is lost on the way is counted as lost, and comes in at nobody', () =>
    during(link({ loss: 30 }), async net => {
      await net.get('h1').cmd('arp -s 10.0.0.2', net.get('h2').MAC())
      await net.get('h1').cmd('ping -c 2000 -i 0.01 -W 0.1 10.0.0.2')
      const [[out] = []] = new LinkTraffic(net).read()
      const sent = (out?.frames ?? 0) + (out?.lost ?? 0)
      expect(sent).toBeGreaterThanOrEqual(2000)
      expect(Math.abs((out?.lost ?? 0) / sent - 0.3)).toBeLessThan(0.03)
    }))

  test('of an end that nobody is behind is lost there', () =>
    during({}, async (net, _, type) => {
      await net.pingAll()
      const before = new LinkTraffic(net).read()[1]![0]!
      await type('sh ifconfig s1-eth2 down')
      await net.get('h2').cmd('ping -c 5 -W 1 10.0.0.1')
      const after = new LinkTraffic(net).read()[1]![0]!
      expect(after.frames).toBe(before.frames)
      expect(after.lost - before.lost).toBeGreaterThanOrEqual(5)
      expect(await type('links')).toBe('h1-eth0<->s1-eth1 (OK OK) \nh2-eth0<->s1-eth2 (OK DOWN) \n')
    }))

  test('is not of patch ports, which are no devices', () =>
    during({ topo: new LinearTopo(2), link: OVSLink }, async net => {
      expect(new LinkTraffic(net).read().map(ways => ways.length)).toEqual([2, 2, 0])
    }))

  test('is one line', () => {
    const way = { from: 'h1-eth0', to: 's1-eth1', frames: 12, bytes: 1132, lost: 1, waiting: 3, rate: 9_412_000 }
    expect(trafficText(way)).toBe('h1-eth0 -> s1-eth1: 12 frames, 1132 bytes, 1 lost, 3 waiting; 9.41 Mbit/s')
    expect(trafficText({ ...way, bandwidth: 1e7, utilisation: 0.9412 })).toMatch(
      /9\.41 Mbit\/s, 94 % of 10\.00 Mbit\/s$/,
    )
  })

  test('is shown by links -s, since it was last asked', () =>
    during(link({ bw: 10 }), async (net, _, type) => {
      await net.iperf(undefined, { seconds: 5 })
      const lines = (await type('links -s')).split('\n')
      expect(lines).toHaveLength(7)
      expect(lines[0]).toBe('h1-eth0<->s1-eth1 (OK OK) ')
      expect(lines[1]).toMatch(
        /^ {4}h1-eth0 -> s1-eth1: \d+ frames, \d+ bytes, 0 lost, \d waiting; [\d.]+ Mbit\/s, (9\d|100) % of 10\.00/,
      )
      await type('h1 sleep 1')
      expect(await type('links -s')).toContain('; 0.00 Mbit/s, 0 % of 10.00 Mbit/s\n')
    }))
})

describe('what a link does may change while it runs', () => {
  test('what is named is set, the rest stays', () =>
    during(link({ bw: 10, delay: '5ms', loss: 0 }), async (net, _, type) => {
      await net.pingAll()
      expect(await pingTime(net)).toBeCloseTo(20, 0)
      expect(await type('link h1 s1 delay=15ms')).toBe('')
      expect(await pingTime(net)).toBeCloseTo(40, 0)
      expect(await net.get('h1').cmd('tc class show dev h1-eth0')).toContain('rate 10Mbit')
      expect(await type('link h1 s1 bw=20')).toBe('')
      expect(await pingTime(net)).toBeCloseTo(40, 0)
      expect(await net.get('h1').cmd('tc class show dev h1-eth0')).toContain('rate 20Mbit')
      expect(await type('link h1 s1 loss=100')).toBe('')
      expect(await net.get('h1').cmd('ping -c 2 -W 1 10.0.0.2')).toContain('100% packet loss')
      expect(await net.get('h1').cmd('tc qdisc show dev h1-eth0')).toMatch(/netem .*delay 15ms loss 100%/)
      expect(await type('link h1 s1 loss=')).toBe('')
      expect(await pingTime(net)).toBeCloseTo(40, 0)
      expect(await type('link h1 s1 delay=,bw=')).toBe('')
      expect(await net.get('h1').cmd('tc qdisc show dev h1-eth0')).toBe('qdisc noqueue 0: root refcnt 2 \n')
    }))

  test('also of a link without tc until then', () =>
    during({}, async (net, _, type) => {
      await type('link h1 s1 delay=10ms,jitter=1ms,max_queue_size=50')
      await net.pingAll()
      const time = await pingTime(net)
      expect(time).toBeGreaterThan(17)
      expect(time).toBeLessThan(23)
      expect(await net.get('h1').cmd('tc qdisc show dev h1-eth0')).toContain('limit 50 delay 10ms  1ms')
    }))

  test('frames that wait are not lost by it', () =>
    during(link({ bw: 1, delay: '50ms' }), async net => {
      const [h1, h2] = [net.get('h1'), net.get('h2')]
      await net.pingAll()
      const server = h2.popen('iperf -s -u -1')
      const client = h1.popen('iperf -c 10.0.0.2 -u -b 900k -t 4')
      await h1.cmd('sleep 1')
      await net.links[0]!.change({ delay: '20ms' })
      await h1.cmd('sleep 1')
      await net.links[0]!.change({ bw: 2 })
      await client.wait()
      const { stdout } = await server.communicate()
      expect(stdout).toMatch(/ 0\/\d+ \(0%\)/)
    }))

  test('mistakes are said, and change nothing', () =>
    during(link({ bw: 10, delay: '5ms' }), async (net, _, type) => {
      await net.pingAll()
      const shown = (): Promise<string> => net.get('h1').cmd('tc qdisc show dev h1-eth0; tc class show dev h1-eth0')
      const before = await shown()
      expect(await type('link h1 s1 delay=soon')).toBe('*** Illegal "latency"\n')
      expect(await type('link h1 s1 bw=-3')).toMatch(/^\*\*\* Bandwidth limit -3 is outside supported range/)
      expect(await type('link h1 s1 loss=101')).toBe('*** Bad loss percentage 101 %\n')
      expect(await type('link h1 s1 colour=red')).toMatch(/^\*\*\* colour cannot be changed: bw delay jitter/)
      expect(await type('link h1 h9 bw=3')).toBe("node 'h9' not in network\n")
      expect(await type('link h1 h2 bw=3')).toBe('src and dst not connected: h1 h2\n')
      expect(await shown()).toBe(before)
      expect(await pingTime(net)).toBeCloseTo(20, 0)
    }))

  test('steps from lines to lines keep what stays in its place', () => {
    const [root, rate] = ['root handle 5:0 htb default 1', 'class parent 5:0 classid 5:1 htb rate 1Mbit burst 15k']
    const faster = rate.replace('1Mbit', '2Mbit')
    const late = 'parent 5:1 handle 10: netem delay 1ms'
    expect(steps([root, rate], [root, faster, late])).toEqual([
      { verb: 'change', line: faster },
      { verb: 'add', line: late },
    ])
    expect(steps([root, rate, late], [root, rate])).toEqual([{ verb: 'del', line: 'parent 5:1' }])
    expect(steps([root, rate, late], ['root handle 10: netem delay 1ms'])).toEqual([
      { verb: 'del', line: 'root' },
      { verb: 'add', line: 'root handle 10: netem delay 1ms' },
    ])
    expect(steps([], [root])).toEqual([{ verb: 'add', line: root }])
    expect(steps([root, rate], [root, rate])).toEqual([])
  })
})

describe('marks instead of drops', () => {
  const marksOf = async (params: Record<string, unknown>): Promise<{ text: string; lost: number }> => {
    let result = { text: '', lost: 0 }
    await during(link({ bw: 5, ...params }), async net => {
      await net.pingAll()
      const [h1] = net.hosts
      // Datagrams whose sender says that it knows of marks: ECT(0).
      const server = net.hosts[1]!.popen('iperf -s -u -1')
      await h1!.cmd('iperf -c 10.0.0.2 -u -b 8m -t 2 -S 0x02')
      await server.wait()
      result = { text: await h1!.cmd('tc -s qdisc show dev h1-eth0'), lost: new LinkTraffic(net).read()[0]![0]!.lost }
    })
    return result
  }
  const counts = (text: string): number[] =>
    (/marked (\d+) early (\d+) pdrop (\d+)/.exec(text) ?? []).slice(1).map(Number)

  test('enable_ecn marks what may be marked and drops none of it early; enable_red drops', async () => {
    const [ecn, red] = [await marksOf({ enable_ecn: true }), await marksOf({ enable_red: true })]
    const [marked = 0, early = 0] = counts(ecn.text)
    expect(marked).toBeGreaterThan(100)
    // Questions for addresses may not be marked.
    expect(early).toBeLessThan(5)
    const [none = -1, dropped = 0] = counts(red.text)
    expect(none).toBe(0)
    expect(dropped).toBeGreaterThan(100)
    expect(red.lost).toBeGreaterThanOrEqual(dropped)
    expect(ecn.lost).toBe(early)
  })

  test('is said while the link is made', () =>
    during(link({ bw: 5, enable_ecn: true }), async (_, said) => {
      expect(said()).not.toContain('RED')
    }))
})
