import { expect, test } from 'vitest'
import { Mininet, OVSBridge, pmonitor, quietRun, SingleSwitchTopo, TreeNet, waitListening } from './index.ts'

const during = async (act: (net: Mininet) => Promise<void>): Promise<void> => {
  const net = new Mininet({ topo: new SingleSwitchTopo(2), switch: OVSBridge, controller: null, print: () => {} })
  await net.start()
  await act(net)
  await net.stop()
}

test('lines of programs come as they are printed, and the end is the last', () =>
  during(async net => {
    const [h1, h2] = net.get('h1', 'h2')
    const programs = new Map([
      ['one', h1!.popen('for i in 1 2; do sleep 1; echo $i; done', { shell: true })],
      ['two', h2!.popen('sleep 1.5; printf end', { shell: true })],
    ])
    const seen: unknown[] = []
    for await (const [key, line] of pmonitor(programs, 700)) seen.push([key, line, net.box.clock.now() / 1e9])
    const begin = (seen[0] as number[])[2]! - 0.7
    expect(seen.map(each => [...(each as string[]).slice(0, 2), ((each as number[])[2]! - begin).toFixed(1)])).toEqual([
      [undefined, '', '0.7'],
      ['one', '1\n', '1.0'],
      ['two', 'end', '1.5'],
      ['one', '2\n', '2.0'],
    ])
  }))

test('lines of commands that were sent, until all have ended', () =>
  during(async net => {
    for (const [i, host] of net.hosts.entries()) host.sendCmd(`sleep ${3 * i}; echo ${host}; sleep 1; printf end`)
    const seen: string[] = []
    for await (const [host, line] of net.monitor()) seen.push(`${host} ${JSON.stringify(line)}`)
    expect(seen).toEqual(['h1 "h1\\n"', 'h1 "end"', 'h2 "h2\\n"', 'h2 "end"'])
    expect(net.hosts.some(host => host.waiting)).toBe(false)
    expect((await net.monitor().next()).done).toBe(true)
  }))

test('somebody listens after a while, or nobody does', () =>
  during(async net => {
    const h1 = net.get('h1')
    await h1.cmd('(sleep 2; nc -l 7000) &')
    expect(await waitListening(h1, 7000, 10)).toBe(true)
    expect(await waitListening(h1, 7001, 1)).toBe(false)
  }))

test('a command line on the machine itself', () =>
  during(async net => {
    expect(await quietRun(net.box, 'ovs-vsctl list-br; nosuch')).toBe('s1\nbash: line 1: nosuch: command not found\n')
  }))

test('several nodes at once; a prompt of one’s own between start and stop; a tree', async () => {
  const net = TreeNet(1, 3, { switch: OVSBridge, controller: null, print: () => {} })
  const loss = await net.interact(() => net.pingAll())
  expect(loss).toBe(0)
  expect(net.get('h3', 'h1').map(String)).toEqual(['h3', 'h1'])
  expect(() => net.get('h1', 'h9')).toThrow("node 'h9' not in network")
  expect(net.box.machine.processes.size).toBe(1)
})
