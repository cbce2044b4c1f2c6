// Hosts whose interface is a VLAN of their cable, so that all they send has a tag. Without a word: two VLANs of two hosts each and two hosts
// without one, all on one switch. With a number, two hosts in that VLAN. It is also a custom file.
//   node examples/mininet/vlanhost.mjs [VLAN]
//   weft mn --custom examples/mininet/vlanhost.mjs --host vlan,vlan=1000
import { pathToFileURL } from 'node:url'
import { custom, Host, Mininet, SingleSwitchTopo, Topo } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

export class VLANHost extends Host {
  static params = ['vlan']

  /**
   * @param {import('weft/lab/mininet').NodeParams & { vlan?: number }} params
   * @override
   */
  async config(params = {}) {
    const result = await super.config(params)
    const intf = this.defaultIntf()
    if (intf === undefined) return result
    const { vlan = 100, ip } = params
    // The address goes from the cable to the VLAN.
    await this.cmd(`ifconfig ${intf} inet 0`)
    await this.cmd(`vconfig add ${intf} ${vlan}`)
    await this.cmd(`ifconfig ${intf}.${vlan} inet ${ip}`)
    // For Mininet, too, the host's interface is the VLAN.
    intf.name = `${intf}.${vlan}`
    return result
  }
}

export const hosts = { vlan: VLANHost }

class VLANStarTopo extends Topo {
  /** @override */
  build(k = 2, n = 2, vlanBase = 100) {
    const s1 = this.addSwitch('s1')
    for (let vlan = vlanBase; vlan < vlanBase + k; vlan++)
      for (let j = 1; j <= n; j++) this.addLink(this.addHost(`h${j}-${vlan}`, { cls: VLANHost, vlan }), s1)
    for (let j = 1; j <= n; j++) this.addLink(this.addHost(`h${j}`), s1)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [vlan] = process.argv.slice(2).map(Number)
  const kind =
    vlan === undefined
      ? { topo: new VLANStarTopo() }
      : { topo: new SingleSwitchTopo(2), host: custom(VLANHost, { vlan }) }
  const net = new Mininet({ ...kind, waitConnected: true, logLevel: 'info' })
  await net.start()
  await CLI(net)
  await net.stop()
}
