// A tree of 27 hosts on three servers.
//   node examples/mininet/clusterdemo.mjs
import { TreeTopo } from 'weft/lab/mininet'
import { MininetCluster, makeServers, RemoteLink, SwitchBinPlacer } from './cluster.mjs'
import { ClusterCLI } from './clustercli.mjs'

const net = new MininetCluster({
  topo: new TreeTopo(3, 3),
  servers: makeServers(3),
  link: RemoteLink,
  placement: SwitchBinPlacer,
})
await net.interact(() => ClusterCLI(net))
