// Several tests of one network: pings, and what ifconfig says on each host.
//   node examples/mininet/multitest.mjs
import { Mininet, OVSSwitch, TreeTopo } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

const net = new Mininet({ topo: new TreeTopo(2, 2), switch: OVSSwitch, waitConnected: true, logLevel: 'info' })
const { output } = net
output.info('*** Starting network\n')
await net.start()
output.info('*** Running ping test\n')
await net.pingAll()
output.info('*** Running ifconfig test\n')
for (const host of net.hosts) output.info(await host.cmd('ifconfig'))
output.info("*** Starting CLI (type 'exit' to exit)\n")
await CLI(net)
output.info('*** Stopping network\n')
await net.stop()
