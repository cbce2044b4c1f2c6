// Switches with different controllers, in a network that is added up node by node, and started so.
//   node examples/mininet/controllers2.mjs
import { Controller, Mininet, OVSSwitch } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

const net = new Mininet({ switch: OVSSwitch, waitConnected: true, logLevel: 'info' })
const { output } = net

output.info('*** Creating (reference) controllers\n')
const c1 = new Controller(net.box, 'c1', { port: 6633 })
const c2 = new Controller(net.box, 'c2', { port: 6634 })
for (const each of [c1, c2]) await net.addController(each)

output.info('*** Creating switches, hosts and links\n')
const [s1, s2] = [net.addSwitch('s1'), net.addSwitch('s2')]
for (const name of ['h3', 'h4']) await net.addLink(s1, net.addHost(name))
for (const name of ['h5', 'h6']) await net.addLink(s2, net.addHost(name))
await net.addLink(s1, s2)

output.info('*** Starting network\n')
await net.build()
for (const each of [c1, c2]) await each.start()
await s1.start([c1])
await s2.start([c2])
await net.waitConnected()

output.info('*** Testing network\n')
await net.pingAll()
output.info('*** Running CLI\n')
await CLI(net)
await net.stop()
