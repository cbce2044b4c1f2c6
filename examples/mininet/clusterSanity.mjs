// A network for several servers that needs only one.
//   node examples/mininet/clusterSanity.mjs
import { SingleSwitchTopo } from 'weft/lab/mininet'
import { MininetCluster, makeServers } from './cluster.mjs'
import { ClusterCLI } from './clustercli.mjs'

const net = new MininetCluster({ topo: new SingleSwitchTopo(), servers: makeServers(1) })
await net.interact(() => ClusterCLI(net))
