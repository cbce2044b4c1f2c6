// Every host pings several others at once, and their output is read line by line as it comes.
//   node examples/mininet/multiping.mjs
import { Mininet, OVSBridge, SingleSwitchTopo } from 'weft/lab/mininet'

const net = new Mininet({ topo: new SingleSwitchTopo(3), switch: OVSBridge, controller: null })
await net.start()
const programs = net.hosts.map(host => {
  const targets = net.hosts.filter(each => each !== host).map(each => each.IP())
  const loop = `for ip in ${targets.join(' ')} 10.0.0.200; do ping -c1 -W1 $ip | grep -E 'transmitted|received'; done`
  return { host, program: host.popen(loop, { shell: true }) }
})
await Promise.all(
  programs.map(async ({ host, program }) => {
    for (let line = await program.readline(); line !== ''; line = await program.readline())
      console.log(`${host}: ${line.trimEnd()}`)
  }),
)
await net.stop()
