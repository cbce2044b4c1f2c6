// Directories that each host has for itself: /var/log and /var/run keep what is in them under /tmp/NAME, /var/mn is forgotten.
//   node examples/mininet/bind.mjs
import { custom, Host, Mininet, SingleSwitchTopo } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

const privateDirs = [['/var/log', '/tmp/%(name)s/var/log'], ['/var/run', '/tmp/%(name)s/var/run'], '/var/mn']
const net = new Mininet({
  topo: new SingleSwitchTopo(10),
  host: custom(Host, { privateDirs }),
  waitConnected: true,
  logLevel: 'info',
})
await net.start()
const names = privateDirs.map(each => (typeof each === 'string' ? each : each[0]))
net.output.info(`Private Directories: ${names.join(' ')}\n`)
await CLI(net)
await net.stop()
