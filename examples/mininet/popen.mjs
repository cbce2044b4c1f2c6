// Programs beside the shells of hosts, each pinging the next host; their lines are printed as they come.
//   node examples/mininet/popen.mjs
import { Mininet, pmonitor, SingleSwitchTopo } from 'weft/lab/mininet'

const seconds = 5
const net = new Mininet({ topo: new SingleSwitchTopo(3), waitConnected: true, logLevel: 'info' })
const { output, hosts, box } = net
await net.start()
output.info('Starting test...\n')
const programs = new Map()
for (const [i, host] of hosts.entries()) {
  const to = hosts[(i + 1) % hosts.length]
  output.info(`Hello, I am ${host}, and I ping ${to}\n`)
  programs.set(host, host.popen(['ping', '-c', `${seconds}`, `${to?.IP()}`]))
}
output.info(`Monitoring output for ${seconds} seconds\n`)
const end = box.clock.now() + seconds * 1e9
for await (const [host, line] of pmonitor(programs)) {
  if (host !== undefined) output.info(`<${host}>: ${line}`)
  // Whoever goes on for longer is told to come to an end.
  if (box.clock.now() >= end) for (const program of programs.values()) program.sendSignal('INT')
}
await net.stop()
