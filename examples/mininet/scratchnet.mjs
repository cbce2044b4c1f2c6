// A network by hand: what the classes for networks and switches do, done with nodes, links and the words of ovs-vsctl.
//   node examples/mininet/scratchnet.mjs
import { Box, Link, Node, Output, quietRun } from 'weft/lab/mininet'

const box = new Box({ output: new Output('info') })
const { output } = box
output.info('*** Creating nodes\n')
const controller = new Node(box, 'c0', { inNamespace: false })
const s0 = new Node(box, 's0', { inNamespace: false })
const h0 = new Node(box, 'h0')
const h1 = new Node(box, 'h1')

output.info('*** Creating links\n')
for (const host of [h0, h1]) await new Link(host, s0).config()

output.info('*** Configuring hosts\n')
await h0.setIP('192.168.123.1', 24)
await h1.setIP('192.168.123.2', 24)
output.info(`${h0.repr()}\n${h1.repr()}\n`)

output.info('*** Starting network using Open vSwitch\n')
await controller.cmd('ovs-testcontroller ptcp:6633 >/tmp/c0.log 2>&1 &')
await s0.cmd('ovs-vsctl --if-exists del-br dp0 -- add-br dp0')
for (const intf of s0.intfList()) await s0.cmd('ovs-vsctl add-port dp0', intf)
// Controller and switch are in the machine's own namespace, and meet on its lo.
await s0.cmd('ovs-vsctl set-controller dp0 tcp:127.0.0.1:6633')
output.info('*** Waiting for switch to connect to controller')
while (!(await quietRun(box, 'ovs-vsctl show')).includes('is_connected')) {
  await quietRun(box, 'sleep 0.1')
  output.info('.')
}
output.info('\n*** Running test\n')
await h0.cmdPrint('ping -c1', h1.IP())

output.info('*** Stopping network\n')
await controller.cmd('kill %ovs-testcontroller')
await s0.cmd('ovs-vsctl del-br dp0')
await s0.deleteIntfs(false)
for (const node of [controller, s0, h0, h1]) await node.stop()
output.info('\n')
