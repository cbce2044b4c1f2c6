// Ports have the numbers that were asked for, and otherwise the next free ones; Open vSwitch has the same numbers.
//   node examples/mininet/numberedports.mjs
import { Mininet, OVSController } from 'weft/lab/mininet'

const net = new Mininet({ controller: OVSController, waitConnected: true, logLevel: 'info' })
const { output } = net
output.info('*** Adding controller, hosts and switch\n')
await net.addController('c0')
const [h1, h2, h3, h4, h5] = ['h1', 'h2', 'h3', 'h4', 'h5'].map(name => net.addHost(name))
const s1 = net.addSwitch('s1')

output.info('*** Creating links\n')
// Ports 1 to 4 are given in turn; the last host asks for port 9.
for (const host of [h1, h2, h3, h4]) if (host !== undefined) await net.addLink(host, s1)
if (h5 !== undefined) await net.addLink(h5, s1, { port1: 1, port2: 9 })

output.info('*** Starting network\n')
await net.start()
output.info('\n*** printing and validating the ports running on each interface\n')
for (const intf of s1.intfList()) {
  const port = s1.ports.get(intf)
  if (intf.name === 'lo') continue
  output.info(`${intf} :  ${port}\nValidating that ${intf} is actually on port ${port} ... `)
  const ofport = (await s1.cmd('ovs-vsctl get Interface', intf, 'ofport')).trim()
  output.info(ofport === `${port}` ? 'Validated.\n' : `WARNING: it is on port ${ofport}\n`)
}
output.info('\n')
await net.pingAll()
await net.stop()
