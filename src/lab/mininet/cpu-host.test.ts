import { describe, expect, test } from 'vitest'
import { CPULimitedHost, custom, Mininet, OVSBridge, runCpuLimitTest, SingleSwitchTopo } from './index.ts'

const during = async (params: object, act: (net: Mininet, said: () => string) => Promise<void>) => {
  let text = ''
  const print = (more: string): void => {
    text += more
  }
  const host = custom(CPULimitedHost, { ...params })
  const net = new Mininet({
    topo: new SingleSwitchTopo(2),
    switch: OVSBridge,
    controller: null,
    host,
    logLevel: 'info',
    print,
  })
  await net.start()
  try {
    await act(net, () => text)
  } finally {
    await net.stop()
  }
}

const mbps = (rate: string | undefined): number => {
  const [, number, unit] = /([\d.]+) ([MG])bits/.exec(rate ?? '') ?? []
  return Number(number) * (unit === 'G' ? 1000 : 1)
}

describe('hosts with a share of the processors', () => {
  // As Mininet's test_hifi has it, with 20 %.
  test.each([
    ['cfs', 0.1],
    ['rt', 0.1],
    ['cfs', 0.6],
  ] as const)('%s, %d of all: a busy host uses that', async (sched, cpu) => {
    await during({ sched, cpu }, async (net, said) => {
      const parts = await runCpuLimitTest(net, cpu, 3)
      expect(parts).toHaveLength(6)
      for (const part of parts) expect(Math.abs(part - 100 * cpu)).toBeLessThan(2)
      expect(said()).toContain(`*** Testing CPU ${100 * cpu}% bandwidth limit\n*** Results: [`)
      expect(await net.pingAll()).toBe(0)
    })
  })

  test('iperf is the slower the less there is: 2 ns a byte', async () => {
    const rates: number[] = []
    for (const cpu of [0.2, 0.05])
      await during({ cpu }, async net => {
        const [server] = await net.iperf(undefined, { seconds: 2 })
        rates.push(mbps(server))
      })
    // Of two processors 0.4 and 0.1, at 500 MB/s each.
    expect(Math.abs((rates[0] as number) - 1600)).toBeLessThan(160)
    expect(Math.abs((rates[1] as number) - 400)).toBeLessThan(40)
  })

  test('without a limit, as on other hosts, work takes no time', async () => {
    await during({}, async net => {
      const [host] = net.hosts as [CPULimitedHost]
      const began = net.box.clock.now()
      await host.cmd('for i in {1..500}; do a=$i; done')
      expect(net.box.clock.now()).toBe(began)
      expect(host.cpuUsed).toBeUndefined()
      host.setCPUFrac(0.01)
      await host.cmd('for i in {1..5000}; do a=$i; done')
      expect(net.box.clock.now()).toBeGreaterThan(began)
      host.setCPUFrac(-1)
      const later = net.box.clock.now()
      await host.cmd('for i in {1..5000}; do a=$i; done')
      expect(net.box.clock.now() - later).toBeLessThan(100e6)
    })
  })

  test('what a host starts beside its shell has its share too', async () => {
    await during({ cpu: 0.1 }, async net => {
      const [host] = net.hosts as [CPULimitedHost]
      const began = net.box.clock.now()
      await host.popen(['bash', '-c', 'i=0; while ((i++ < 2000)); do :; done']).wait()
      // More than 0.2 s of a processor, of 0.2 a second.
      expect((net.box.clock.now() - began) / 1e9).toBeGreaterThan(0.9)
    })
  })

  test('real-time hosts need a share', async () => {
    await expect(during({ sched: 'rt' }, async () => {})).rejects.toThrow(
      'Please set a positive CPU fraction for sched=rt',
    )
  })
})
