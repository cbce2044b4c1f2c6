// An interface that was there before the network, as a real one would be, becomes a port of a switch: eth1, or the one named.
// What is at the other end of its cable here is another simulated machine, 10.0.0.3.
//   node examples/mininet/hwintf.mjs [eth1]
import { Box, Intf, Mininet, Output, quietRun, TreeTopo } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

const box = new Box({ output: new Output('info') })
const { output, network } = box
network.machine('outside')
network.cable('mininet-vm:eth1', 'outside:eth0')
network.type('outside', 'ip address add 10.0.0.3/8 dev eth0\nip link set eth0 up')

const name = process.argv[2] ?? 'eth1'
output.info(`*** Connecting to hw intf: ${name}\n*** Checking ${name}\n`)
const there = await quietRun(box, `ifconfig ${name} 2>/dev/null`)
if (there === '' || /inet \d/.test(there)) {
  output.error(`Error: ${name} ${there === '' ? 'does not exist!' : 'has an IP address, and is probably in use!'}\n`)
  process.exit(1)
}

output.info('*** Creating network\n')
const net = new Mininet({ topo: new TreeTopo(1, 2), waitConnected: true, box })
await net.build()
const [first] = net.switches
if (first !== undefined) {
  output.info(`*** Adding hardware interface ${name} to switch ${first}\n`)
  await new Intf(name, first).config()
}
await net.start()
await CLI(net)
await net.stop()
