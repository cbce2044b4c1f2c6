// Links of 10 Mbit/s and 5 ms that lose a tenth of what they carry, between hosts with a share of the processor: what is left of UDP.
//   node examples/mininet/simpleperf.mjs [testmode]    with `testmode` nothing is lost
import { CPULimitedHost, dumpNodeConnections, Mininet, TCLink, Topo } from 'weft/lab/mininet'

class PerfTopo extends Topo {
  /** @override @param {number} hosts @param {boolean} lossy */
  build(hosts, lossy) {
    const s1 = this.addSwitch('s1')
    for (let i = 1; i <= hosts; i++)
      this.addLink(this.addHost(`h${i}`, { cpu: 0.5 / hosts }), s1, { bw: 10, delay: '5ms', loss: lossy ? 10 : 0 })
  }
}

const lossy = !process.argv.includes('testmode')
const net = new Mininet({
  topo: new PerfTopo(4, lossy),
  host: CPULimitedHost,
  link: TCLink,
  autoStaticArp: true,
  waitConnected: true,
  logLevel: 'info',
})
const { output } = net
await net.start()
output.info('Dumping host connections\n')
dumpNodeConnections(net.hosts)
output.info('Testing bandwidth between h1 and h4\n')
await net.iperf(net.get('h1', 'h4'), { l4Type: 'UDP' })
await net.stop()
