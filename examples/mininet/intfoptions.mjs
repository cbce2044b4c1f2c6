// One interface, reconfigured while the network runs: 10 Mbit/s, then half of all lost, then 15 ms of delay, each measured.
//   node examples/mininet/intfoptions.mjs
import { Mininet, TCLink } from 'weft/lab/mininet'

const net = new Mininet({ autoStaticArp: true, waitConnected: true, logLevel: 'info' })
const { output } = net
await net.addController('c0')
const [h1, h2] = [net.addHost('h1'), net.addHost('h2')]
const s1 = net.addSwitch('s1')
const link = await net.addLink(h1, s1, { cls: TCLink })
await net.addLink(h2, s1)
await net.start()
// So that the flows are there.
await net.pingAll()

output.info('\n*** Configuring one intf with bandwidth of 10 Mb\n')
await link.intf1.config({ bw: 10 })
output.info('\n*** Running iperf to test\n')
await net.iperf(undefined, { seconds: 10 })

output.info('\n*** Configuring one intf with loss of 50%\n')
await link.intf1.config({ loss: 50 })
output.info('\n')
await net.iperf([h1, h2], { l4Type: 'UDP' })

output.info('\n*** Configuring one intf with delay of 15ms\n')
await link.intf1.config({ delay: '15ms' })
output.info('\n*** Run a ping to confirm delay\n')
await net.pingPairFull()
output.info('\n*** Done testing\n')
await net.stop()
