// A server in a namespace, from the parts that networks are made of: two nodes, a link, and no switch.
// There is no sshd on a simulated machine: a web server shows the banner in its place, and a node's prompt is `NODE bash`.
//   node examples/mininet/baresshd.mjs
import { Box, Host, Link, Output, waitListening } from 'weft/lab/mininet'

const box = new Box({ output: new Output('info') })
const { output } = box
output.info('*** Creating nodes\n')
const h1 = new Host(box, 'h1')
const root = new Host(box, 'root', { inNamespace: false })

output.info('*** Creating link\n')
await new Link(h1, root).config()
output.info('*** Configuring nodes\n')
await h1.setIP('10.0.0.1', 8)
await root.setIP('10.0.0.2', 8)
output.info(`${h1.repr()}\n`)

output.info('*** Creating banner file\n')
await h1.cmd(`mkdir -p /tmp/h1; echo Welcome to ${h1} at ${h1.IP()} > /tmp/h1/banner`)
output.info('*** Running the server\n')
await h1.cmd('cd /tmp/h1; python3 -m http.server 22 >/tmp/h1.log 2>&1 &')
if (await waitListening(h1, 22, 5)) {
  output.output(`*** You may now look at ${h1} at ${h1.IP()}\n`)
  output.output(await root.cmd(`curl -s http://${h1.IP()}:22/banner`))
} else output.warn(`*** Warning: after 5 seconds, ${h1} is not listening on port 22\n`)

for (const node of [h1, root]) await node.stop(true)
