// Several links between the same nodes.
//   node examples/mininet/multilink.mjs
import { Mininet, Topo } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

class MultiLinkTopo extends Topo {
  /** @override @param {number} links */
  build(links) {
    const [h1, h2, s1] = [this.addHost('h1'), this.addHost('h2'), this.addSwitch('s1')]
    for (let i = 0; i < links; i++) for (const host of [h1, h2]) this.addLink(s1, host)
  }
}

const net = new Mininet({ topo: new MultiLinkTopo(2), waitConnected: true, logLevel: 'info' })
await net.start()
await CLI(net)
await net.stop()
