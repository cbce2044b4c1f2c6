// Switches with different controllers, by a class of switches that chooses. One of three is "remote": it is the first again.
//   node examples/mininet/controllers.mjs
import { Box, Controller, Mininet, Output, OVSSwitch, RemoteController, TreeTopo } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

const box = new Box({ output: new Output('info') })
const c0 = new Controller(box, 'c0', { port: 6633 })
const c1 = new Controller(box, 'c1', { port: 6634 })
const c2 = new RemoteController(box, 'c2', { ip: '127.0.0.1', port: 6633 })
const chosen = new Map([
  ['s1', c0],
  ['s2', c1],
  ['s3', c2],
])

class MultiSwitch extends OVSSwitch {
  /** @override */
  async start() {
    const own = chosen.get(this.name)
    await super.start(own === undefined ? [] : [own])
  }
}

const net = new Mininet({ topo: new TreeTopo(2, 2), switch: MultiSwitch, waitConnected: true, box })
for (const each of [c0, c1]) await net.addController(each)
await net.build()
await net.start()
await CLI(net)
await net.stop()
