// A server on every host, and the machine that the network is on connected to their network, so that it can call them. There is no
// sshd on a simulated machine: each host serves a page in its place, and a node's prompt is `NODE bash`.
//   node examples/mininet/sshd.mjs
import { Node, TreeNet, waitListening } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

const net = TreeNet(1, 4, { waitConnected: true, logLevel: 'info' })
const { output, hosts } = net
await net.build()

/** Links the machine's own namespace with a switch. @param {string} ip @param {string[]} routes */
const connectToRootNS = async (ip, routes) => {
  const root = new Node(net.box, 'root', { inNamespace: false })
  const { intf1 } = await net.addLink(root, 's1')
  await root.setIP(ip, 32, intf1)
  await net.start()
  for (const route of routes) await root.cmd(`route add -net ${route} dev ${intf1}`)
}

await connectToRootNS('10.123.123.1', ['10.0.0.0/24'])
for (const host of hosts) {
  await host.cmd(`mkdir -p /srv/${host}; cd /srv/${host}; echo Welcome to ${host} > index.html`)
  await host.cmd('python3 -m http.server 22 >/dev/null 2>&1 &')
}
output.info('*** Waiting for servers to start\n')
for (const host of hosts) await waitListening(host, 22, 5)
output.info('\n*** Hosts are running servers at the following addresses:\n')
for (const host of hosts) output.info(`${host} ${host.IP()}\n`)
output.info("\n*** Type 'exit' or control-D to shut down network\n")
await CLI(net)
for (const host of hosts) await host.cmd('kill %python3')
await net.stop()
