// Hosts in groups of four ping each other, and an address that nobody has, over and over; what they print is shown as it comes.
//   node examples/mininet/multiping.mjs
import { Mininet, SingleSwitchTopo } from 'weft/lab/mininet'

const [size, groupSize, seconds] = [20, 4, 10]
const net = new Mininet({ topo: new SingleSwitchTopo(size), waitConnected: true, logLevel: 'info' })
const { output, hosts, box } = net
await net.start()
for (let at = 0; at < hosts.length; at += groupSize) {
  const group = hosts.slice(at, at + groupSize)
  const ips = [...group.map(host => host.IP()), '10.0.0.200'].join(' ')
  for (const host of group) {
    output.info(`*** Host ${host} (${host.IP()}) will be pinging ips: ${ips}\n`)
    const ping = `echo ${host.IP()} '->' $ip $(ping -c1 -w1 $ip | grep packets)`
    host.sendCmd(`while true; do for ip in ${ips}; do ${ping}; sleep 1; done; done`)
  }
}

const end = box.clock.now() + seconds * 1e9
for await (const [host, line] of net.monitor(hosts, 1000)) {
  if (host !== undefined) output.info(`${host}: ${line}`)
  if (box.clock.now() >= end) break
}
for (const host of hosts) {
  host.sendInt()
  await host.waitOutput()
}
await net.stop()
