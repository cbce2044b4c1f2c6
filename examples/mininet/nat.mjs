// Hosts that reach the world through a router that hides them behind its own address. The world is a simulated machine that
// answers at 8.8.8.8.
//   node examples/mininet/nat.mjs
import { Box, Output, TreeNet } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

const box = new Box({ output: new Output('info') })
const { network, output } = box
network.machine('internet')
network.cable('mininet-vm:eth0', 'internet:eth0', { delay: 5e6 })
network.type(
  'internet',
  'ip address add 203.0.113.1/24 dev eth0\nip address add 8.8.8.8/32 dev lo\nip link set eth0 up',
)
network.type(
  'mininet-vm',
  'ip address add 203.0.113.2/24 dev eth0\nip link set eth0 up\nip route add default via 203.0.113.1',
)

const net = TreeNet(1, 4, { waitConnected: true, box })
await net.build()
const nat = await net.addNAT()
await nat.configDefault()
await net.start()
output.info('*** Hosts are running and should have internet connectivity\n')
output.info("*** Type 'exit' or control-D to shut down network\n")
await CLI(net)
await net.stop()
