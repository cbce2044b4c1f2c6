// What a tunnel between two servers carries, whose network has 100 Mbit/s: a tunnel's headers cost small packets more than large ones.
// Mininet compares ssh with GRE here; the tunnels of simulated servers are VXLAN.
//   node examples/mininet/clusterperf.mjs
import { LinearTopo } from 'weft/lab/mininet'
import { MininetCluster, makeServers } from './cluster.mjs'

for (const mtu of [1400, 600]) {
  const net = new MininetCluster({ topo: new LinearTopo(2), servers: makeServers(2) })
  // The headers need room in the underlay's packets, too.
  await net.build()
  for (const host of net.hosts) await host.cmd(`ip link set ${host.intf()} mtu ${mtu}`)
  await net.start()
  net.output.info(`*** Testing an MTU of ${mtu}\n`)
  await net.pingAll()
  await net.iperf()
  await net.stop()
}
