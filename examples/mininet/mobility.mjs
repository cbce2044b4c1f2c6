// A host moves from switch to switch while the network runs, and is reached at each: the switch's end of its link is taken out of
// one switch and put into another, at a port by chance. The controller knows nothing of that, so old flows are forgotten by hand.
//   node examples/mininet/mobility.mjs
import { LinearTopo, Mininet, OVSSwitch } from 'weft/lab/mininet'

class MobilitySwitch extends OVSSwitch {
  /**
   * OpenFlow 1.0 asks the controller where no flow fits; later versions need a flow for that, which would be forgotten too.
   * @param {ConstructorParameters<typeof OVSSwitch>} args
   */
  constructor(...[box, name, params]) {
    super(box, name, { protocols: 'OpenFlow10', ...params })
  }

  /**
   * Asks for the port that the interface has in its node.
   * @override @param {import('weft/lab/mininet').Intf} intf
   */
  async attach(intf) {
    const port = this.ports.get(intf)
    await this.vsctl('add-port', this.bridge, `${intf}`, '--', 'set', 'Interface', `${intf}`, `ofport_request=${port}`)
    const ofport = (await this.vsctl('get', 'Interface', `${intf}`, 'ofport')).trim()
    if (ofport !== `${port}`) this.box.output.warn(`WARNING: ofport for ${intf} is actually ${ofport}\n`)
  }

  /** @param {import('weft/lab/mininet').Intf} intf @param {MobilitySwitch} to @param {number} port */
  async moveIntf(intf, to, port) {
    await this.detach(intf)
    this.delIntf(intf)
    await intf.rename(`${to}-eth${port}`)
    intf.node = to
    to.addIntf(intf, port)
    await to.attach(intf)
  }
}

/** @param {Mininet} net */
const printConnections = net => {
  for (const each of net.switches) {
    const ends = each.intfList().flatMap(intf => {
      const { intf1, intf2 } = intf.link ?? {}
      const far = intf1?.node === each ? intf2 : intf1
      return far === undefined ? [] : [`${far.node}(${each.ports.get(intf)}) `]
    })
    net.output.output(`${each}: ${ends.join('')}\n`)
  }
}

const net = new Mininet({ topo: new LinearTopo(3), switch: MobilitySwitch, waitConnected: true, logLevel: 'info' })
const { output } = net
output.info('* Starting network:\n')
await net.start()
printConnections(net)
output.info('* Testing network\n')
await net.pingAll()
const h1 = net.get('h1')
let old = /** @type {MobilitySwitch} */ (net.get('s1'))
for (const name of ['s2', 's3', 's1']) {
  const to = /** @type {MobilitySwitch} */ (net.get(name))
  const port = 10 + Math.floor(net.box.machine.random() * 11)
  output.info(`* Moving ${h1} from ${old} to ${to} port ${port}\n`)
  for (const [near, far] of h1.connectionsTo(old)) {
    await old.moveIntf(far, to, port)
    output.info(`* ${near} is now connected to ${far}\n`)
  }
  output.info('* Clearing out old flows\n')
  for (const each of net.switches) await each.dpctl('del-flows')
  output.info('* New network:\n')
  printConnections(net)
  output.info('* Testing connectivity:\n')
  await net.pingAll()
  old = to
}
await net.stop()
