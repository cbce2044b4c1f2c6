// A router between three networks: a host whose class switches forwarding on.
//   node examples/mininet/linuxrouter.mjs
import { Mininet, Node, Topo } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

class LinuxRouter extends Node {
  /** @override */
  async config(params = {}) {
    const result = await super.config(params)
    await this.cmd('sysctl net.ipv4.ip_forward=1')
    return result
  }

  /** @override */
  async terminate() {
    await this.cmd('sysctl net.ipv4.ip_forward=0')
    await super.terminate()
  }
}

class NetworkTopo extends Topo {
  /** @override */
  build() {
    const router = this.addHost('r0', { cls: LinuxRouter, ip: '192.168.1.1/24' })
    const networks = ['192.168.1.1/24', '172.16.0.1/12', '10.0.0.1/8']
    for (const [i, ip] of networks.entries()) {
      const n = i + 1
      this.addSwitch(`s${n}`)
      this.addLink(`s${n}`, router, { intfName2: `r0-eth${n}`, params2: { ip } })
      const [gateway = '', length] = ip.split('/')
      const host = this.addHost(`h${n}`, {
        ip: `${gateway.replace(/\.1$/, '.100')}/${length}`,
        defaultRoute: `via ${gateway}`,
      })
      this.addLink(host, `s${n}`)
    }
  }
}

const net = new Mininet({ topo: new NetworkTopo(), waitConnected: true, logLevel: 'info' })
await net.start()
net.output.info(`*** Routing Table on Router:\n${await net.get('r0').cmd('route')}`)
await CLI(net)
await net.stop()
