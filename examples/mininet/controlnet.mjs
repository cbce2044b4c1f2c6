// A network that is controlled over another one: four controllers are hosts of the control network, whose switch they reach the
// data network's switches by. When a controller's link goes down, the switches still have the others.
//   node examples/mininet/controlnet.mjs
import { Controller, Mininet, Topo, TreeTopo, UserSwitch } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

/** A controller that is a host of another network. */
class DataController extends Controller {
  /**
   * Each has a namespace, and so the port, for itself.
   * @override
   */
  async checkListening() {}

  /** @override */
  async stop() {
    await super.stop(true)
  }
}

class ControlNetwork extends Topo {
  /** @override */
  build() {
    const switchName = this.addSwitch('cs0')
    for (let i = 0; i < 4; i++)
      this.addLink(this.addHost(`c${i}`, { cls: DataController, inNamespace: true }), switchName)
    // The data network's switches are in the machine's own namespace, and reach the controllers from there.
    this.addLink(this.addHost('root', { inNamespace: false }), switchName)
  }
}

/** A network whose prompt knows the nodes of another one, too. */
class DataNetwork extends Mininet {
  /** @param {Mininet} control @param {import('weft/lab/mininet').MininetOptions} options */
  constructor(control, options) {
    super(options)
    this.control = control
  }

  /** @override */
  values() {
    const own = super.values()
    return [...own, ...this.control.values().filter(node => !own.includes(node))]
  }

  /** @override @param {string} name */
  has(name) {
    return super.has(name) || this.control.has(name)
  }

  /** @override @param {string} name @returns {any} */
  get(name) {
    return super.has(name) ? super.get(name) : this.control.get(name)
  }
}

const control = new Mininet({
  topo: new ControlNetwork(),
  ipBase: '192.168.123.0/24',
  controller: null,
  waitConnected: true,
  logLevel: 'info',
})
const { box, output } = control
output.info('* Starting Control Network\n')
await control.build()
await control.addController(new Controller(box, 'cc0'))
await control.start()

output.info('* Starting Data Network\n')
const topo = new TreeTopo(2, 2)
const net = new DataNetwork(control, { topo, switch: UserSwitch, controller: null, waitConnected: true, box })
for (const host of control.hosts) if (host instanceof Controller) await net.addController(host)
await net.start()
await CLI(net)
output.info('* Stopping Data Network\n')
await net.stop()
output.info('* Stopping Control Network\n')
await control.stop()
