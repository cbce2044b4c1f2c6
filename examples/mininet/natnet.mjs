// Two networks behind routers that hide them, on a third one: who is inside reaches outside, and nobody the other way.
//   node examples/mininet/natnet.mjs
import { Mininet, NAT, Topo } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

class InternetTopo extends Topo {
  /** @override */
  build(networks = 2) {
    const inet = this.addSwitch('s0')
    this.addLink(inet, this.addHost('h0'))
    for (let i = 1; i <= networks; i++) {
      const [outer, inner] = [`nat${i}-eth0`, `nat${i}-eth1`]
      const gateway = `192.168.${i}.1`
      const nat = this.addHost(`nat${i}`, { cls: NAT, subnet: `192.168.${i}.0/24`, localIntf: inner })
      const local = this.addSwitch(`s${i}`)
      this.addLink(nat, inet, { intfName1: outer })
      this.addLink(nat, local, { intfName1: inner, params1: { ip: `${gateway}/24` } })
      const host = this.addHost(`h${i}`, { ip: `192.168.${i}.100/24`, defaultRoute: `via ${gateway}` })
      this.addLink(host, local)
    }
  }
}

const net = new Mininet({ topo: new InternetTopo(), waitConnected: true, logLevel: 'info' })
await net.start()
await CLI(net)
await net.stop()
