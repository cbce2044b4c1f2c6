// A network without a topology: hosts, a switch and links added one by one.
//   node examples/mininet/emptynet.mjs
import { Mininet, OVSController } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

const net = new Mininet({ controller: OVSController, waitConnected: true, logLevel: 'info' })
await net.addController('c0')
const h1 = net.addHost('h1', { ip: '10.0.0.1/8' })
const h2 = net.addHost('h2', { ip: '10.0.0.2/8' })
const s3 = net.addSwitch('s3')
await net.addLink(h1, s3)
await net.addLink(h2, s3)
await net.start()
await CLI(net)
await net.stop()
