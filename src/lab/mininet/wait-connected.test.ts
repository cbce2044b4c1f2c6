import { expect, test } from 'vitest'
import { second } from '../../runtime/index.ts'
import { Mininet, OVSController, SingleSwitchTopo } from './index.ts'
import { untilConnected } from './wait-connected.ts'

const network = (options: object = {}): Mininet =>
  new Mininet({ topo: new SingleSwitchTopo(2), controller: OVSController, print: () => undefined, ...options })

test('whoever begins when switches are connected meets no frame that was lost', async () => {
  const net = network()
  await net.start()
  await net.box.calls.run(untilConnected(net.switches, net.box.clock, second))
  expect(net.switches.every(each => each.connected())).toBe(true)
  expect(net.box.clock.now()).toBeLessThan(second)
  const [ping] = await net.pingAllFull()
  expect(ping?.[2].rttavg).toBeLessThan(1)
  await net.stop()
})

test('it does not wait for ever for those that cannot', async () => {
  const net = network({ controller: null })
  await net.start()
  const before = net.box.clock.now()
  await net.box.calls.run(untilConnected(net.switches, net.box.clock, second))
  expect(net.box.clock.now() - before).toBe(second)
  await net.stop()
})
