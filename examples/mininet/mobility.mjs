// A host moves from switch to switch while the network runs, and is reached at each.
//   node examples/mininet/mobility.mjs
import { LinearTopo, Mininet, OVSBridge } from 'weft/lab/mininet'

const net = new Mininet({ topo: new LinearTopo(3), switch: OVSBridge, controller: null })
await net.start()
await net.pingAll()
const h1 = net.get('h1')
const address = /** @type {string} */ (h1.IP())
const mac = /** @type {string} */ (h1.MAC())
for (const name of ['s2', 's3', 's1']) {
  const [link] = net.links.filter(({ intf1, intf2 }) => intf1.node === h1 || intf2.node === h1)
  if (link !== undefined) await net.delLink(link)
  const to = /** @type {OVSBridge} */ (net.get(name))
  const moved = await net.addLink(h1, to)
  await to.attach(moved.intf2)
  await h1.setMAC(mac)
  await h1.setIP(address)
  console.log(`*** h1 is at ${name}`)
  await net.pingAll()
}
await net.stop()
