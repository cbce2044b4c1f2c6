// A network by hand with a control network: the controller has a namespace of its own, and a link to where the switch is. In place
// of OpenFlow's old reference programs the switch is a bridge of Open vSwitch with its datapath in user space.
//   node examples/mininet/scratchnetuser.mjs
import { Box, Link, Node, Output, quietRun, waitListening } from 'weft/lab/mininet'

const box = new Box({ output: new Output('info') })
const { output } = box
output.info('*** Creating Network\n')
const controller = new Node(box, 'c0')
const s0 = new Node(box, 's0', { inNamespace: false })
const h0 = new Node(box, 'h0')
const h1 = new Node(box, 'h1')
const control = new Link(controller, s0)
const ports = [new Link(h0, s0), new Link(h1, s0)]
for (const link of [control, ...ports]) await link.config()

output.info('*** Configuring control network\n')
await controller.setIP('10.0.123.1', 24, control.intf1)
await s0.setIP('10.0.123.2', 24, control.intf2)

output.info('*** Configuring hosts\n')
await h0.setIP('192.168.123.1', 24)
await h1.setIP('192.168.123.2', 24)
output.info('*** Network state:\n')
for (const node of [controller, s0, h0, h1]) output.info(`${node.repr()}\n`)

output.info('*** Starting controller and user datapath\n')
await controller.cmd('ovs-testcontroller ptcp:6633 >/tmp/c0.log 2>&1 &')
await waitListening(controller, 6633, 5)
await s0.cmd('ovs-vsctl add-br dp0 -- set bridge dp0 datapath_type=netdev')
for (const { intf2 } of ports) await s0.cmd('ovs-vsctl add-port dp0', intf2)
await s0.cmd(`ovs-vsctl set-controller dp0 tcp:${controller.IP()}:6633`)
while (!(await quietRun(box, 'ovs-vsctl show')).includes('is_connected')) await quietRun(box, 'sleep 0.1')

output.info('*** Running test\n')
await h0.cmdPrint('ping -c1', h1.IP())

output.info('*** Stopping network\n')
await controller.cmd('kill %ovs-testcontroller')
await s0.cmd('ovs-vsctl del-br dp0')
await s0.deleteIntfs(false)
for (const node of [controller, s0, h0, h1]) await node.stop()
output.info('\n')
