// Hosts that reach the world through a router that hides them behind its own address. The world is a simulated machine that
// answers at 8.8.8.8 and at google.com.
//   node examples/mininet/nat.mjs
import { Box, joinInternet, Output, TreeNet } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

const box = new Box({ output: new Output('info') })
const { output } = box
joinInternet(box)

const net = TreeNet(1, 4, { waitConnected: true, box })
await net.build()
const nat = await net.addNAT()
await nat.configDefault()
await net.start()
output.info('*** Hosts are running and should have internet connectivity\n')
output.info("*** Type 'exit' or control-D to shut down network\n")
await CLI(net)
await net.stop()
