// Programs of several hosts, watched together: every host pings the first one.
//   node examples/mininet/popenpoll.mjs
import { Mininet, pmonitor, SingleSwitchTopo } from 'weft/lab/mininet'

const net = new Mininet({ topo: new SingleSwitchTopo(3), waitConnected: true, logLevel: 'info' })
const { output, hosts } = net
await net.start()
const server = hosts[0]?.IP()
const programs = new Map(hosts.map(host => [host, host.popen(`ping -c5 ${server}`)]))
for await (const [host, line] of pmonitor(programs, 1000)) if (host !== undefined) output.info(`<${host}>: ${line}`)
await net.stop()
