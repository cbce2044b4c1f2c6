// Every host pings the first one into a file, and the files are watched together.
//   node examples/mininet/multipoll.mjs
import { Mininet, pmonitor, SingleSwitchTopo } from 'weft/lab/mininet'

const seconds = 3
const net = new Mininet({ topo: new SingleSwitchTopo(3), waitConnected: true, logLevel: 'info' })
const { output, hosts, box } = net
await net.start()
output.info('Starting test...\n')
const server = hosts[0]?.IP()
const tails = new Map()
for (const host of hosts) {
  const [out, err] = [`/tmp/${host}.out`, `/tmp/${host}.err`]
  await host.cmd(`echo > ${out}; echo > ${err}`)
  await host.cmdPrint('ping', server, '>', out, '2>', err, '&')
  tails.set(host, host.popen(['tail', '-f', out]))
}

output.info(`Monitoring output for ${seconds} seconds\n`)
const end = box.clock.now() + seconds * 1e9
for await (const [host, line] of pmonitor(tails)) {
  if (host !== undefined) output.info(`${host}: ${line}`)
  if (box.clock.now() >= end) break
}
for (const tail of tails.values()) tail.terminate()
for (const host of hosts) await host.cmd('kill %ping')
await net.stop()
