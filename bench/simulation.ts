/** Labs in virtual time: what a simulated hop costs, and an hour of a lab's life. */
import { addressOf, findLab, type Lab, Network, pairs } from '../src/lab/index.ts'
import { start } from '../src/runtime/index.ts'
import { formatIp4 } from '../src/wire/address.ts'
import { Frame } from '../src/wire/frame.ts'
import { type Bench, perSecond, seconds } from './harness.ts'
import { refill, throughRouter } from './host.ts'

const wire = { bandwidth: 10e9, delay: 5_000 }

/** Generator, switch, router, switch, sink, with a cable between any two: 4 cables, so 4 hops a packet. */
const chain = () => {
  const network = new Network({ seed: 1 })
  for (const name of ['s1', 'r1', 's2']) network.machine(name)
  const into = network.lead('s1:p1', 'generator', wire)
  network.cable('s1:p2', 'r1:eth0', wire)
  network.cable('r1:eth1', 's2:p1', wire)
  const out = network.lead('s2:p2', 'sink', wire)
  for (const name of ['s1', 's2']) {
    network.type(
      name,
      `ip link set p1 up
       ip link set p2 up
       ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2`,
    )
  }
  network.type(
    'r1',
    `ip link set eth0 address 02:00:00:00:01:01
     ip addr add 10.0.0.1/24 dev eth0
     ip addr add 10.1.0.1/16 dev eth1
     ip link set eth0 up
     ip link set eth1 up
     ip neigh add 10.1.0.2 lladdr 02:00:00:00:02:02 dev eth1
     sysctl -q -w net.ipv4.ip_forward=1`,
  )
  network.settle()
  return { network, into, out }
}

const hops = 4
const burst = 32

const packets: Bench = {
  name: 'sim/packets',
  unit: 'hops/s',
  setUp() {
    const { network, into, out } = chain()
    const content = throughRouter(0x020000000101)
    // Packets that have arrived are sent again, so that making them is not measured.
    const spare: Frame[] = []
    let arrived = 0
    out.output = {
      send: frame => {
        if (frame.size === content.length) arrived++
        spare.push(frame)
      },
    }
    const send = (): void => into.send(refill(spare.pop() ?? Frame.of(content.length), content))
    let sent = 0
    const run = (count: number): void => {
      for (let i = 0; i < count; i += burst) {
        for (let j = 0; j < burst; j++) send()
        network.clock.runUntil(network.clock.now() + 10_000)
      }
      network.clock.runUntil(network.clock.now() + 1_000_000)
      sent += count
      if (arrived !== sent) throw new Error(`${arrived} of ${sent} packets arrived`)
    }
    return () => perSecond(hops * 96_000, () => run(96_000))
  },
}

/** The lab with one ping a second on each pair, for an hour: processor time. */
const hour = (lab: Lab): void => {
  const network = new Network({ seed: 1 })
  lab.build(network)
  network.settle()
  const all = pairs(lab)
  let right = 0
  let ended = 0
  for (const { from, to } of all) {
    const line = `ping -q -c 3600 ${formatIp4(addressOf(network.get(to)) as number)}`
    start(network.get(from).exec(line), {
      done: ({ stdout }) => {
        ended++
        if (stdout.includes('3600 packets transmitted, 3600 received')) right++
      },
    })
  }
  network.clock.runWhile(() => ended < all.length)
  if (right !== all.length) throw new Error(`${right} of ${all.length} pings had all their answers`)
}

/** Two machines on a cable of 10 Gbit/s and a round trip of 1 ms. */
const fastPair = (): Network => {
  const network = new Network({ seed: 1 })
  for (const name of ['a', 'b']) network.machine(name)
  network.cable('a:eth0', 'b:eth0', { bandwidth: 10e9, delay: 500_000 })
  network.type('a', 'ip addr add 10.0.0.1/24 dev eth0\nip link set eth0 up')
  network.type('b', 'ip addr add 10.0.0.2/24 dev eth0\nip link set eth0 up')
  network.settle()
  start(network.get('b').exec('iperf -s'))
  return network
}

/** Goodput of ten simulated seconds as the client reports it, Gbit/s. */
const iperf = (network: Network): number => {
  const printed = network.type('a', 'iperf -c 10.0.0.2 -f b')
  const rate = /(\d+) bits\/sec/.exec(printed)?.[1]
  if (rate === undefined) throw new Error(printed)
  return Number(rate) / 1e9
}

export const simulationBenches: Bench[] = [
  packets,
  {
    name: 'mininet/iperf-goodput',
    unit: 'Gbit/s',
    rounds: 1,
    setUp() {
      const network = fastPair()
      return () => iperf(network)
    },
  },
  {
    name: 'mininet/iperf-speed',
    unit: 'simulated s/s',
    rounds: 3,
    setUp() {
      const network = fastPair()
      return () => {
        const began = network.clock.now()
        const took = seconds(() => iperf(network))
        return (network.clock.now() - began) / 1e9 / took
      }
    },
  },
  { name: 'lab/hour', unit: 's', rounds: 3, setUp: () => () => seconds(() => hour(findLab('two-hypervisors')!)) },
]
