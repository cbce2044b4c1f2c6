// One network on several servers. Where Mininet logs in to others by ssh, here each server is a simulated machine of its own with its
// own Open vSwitch, and links between servers are VXLAN tunnels through the network that the servers are on.
//   import { MininetCluster, SwitchBinPlacer } from './cluster.mjs'
import { Box, Host, Link, Mininet, Output, OVSIntf, OVSSwitch } from 'weft/lab/mininet'

/** Servers on one underlay, 192.168.100.1 and so on; the first is where the controllers run. @param {number} count */
export const makeServers = count => {
  const first = new Box({ name: 'server1', output: new Output('info') })
  const { network } = first
  const servers = [first]
  for (let i = 2; i <= count; i++) servers.push(new Box({ name: `server${i}`, beside: first }))
  network.machine('underlay')
  network.type('underlay', 'ovs-vsctl add-br br0')
  for (const [i, { machine }] of servers.entries()) {
    network.cable(`${machine.hostname}:eth0`, `underlay:eth${i}`, { bandwidth: 1e8, delay: 100_000 })
    network.type(machine.hostname, `ip address add ${underlayIP(servers[i])}/24 dev eth0\nip link set eth0 up`)
    network.type('underlay', `ip link set eth${i} up\novs-vsctl add-port br0 eth${i}`)
  }
  return servers
}

/** @param {Box | undefined} server */
const underlayIP = server => `192.168.100.${server?.machine.hostname.replace(/\D/g, '')}`

export class RemoteHost extends Host {
  /** @param {Box} box @param {string} name @param {import('weft/lab/mininet').NodeParams & { server?: Box }} params */
  constructor(box, name, { server = box, ...params } = {}) {
    super(server, name, params)
  }
}

export class RemoteOVSSwitch extends OVSSwitch {
  /** @param {Box} box @param {string} name @param {import('weft/lab/mininet').OVSSwitchParams & { server?: Box }} params */
  constructor(box, name, { server = box, ...params } = {}) {
    super(server, name, params)
  }
}

/** An end of a tunnel: a port of a switch, and no device. */
class TunnelIntf extends OVSIntf {
  /** @override */
  ovsWords() {
    const { intf1, intf2 } = this.link ?? {}
    const far = intf1 === this ? intf2 : intf1
    return ['type=vxlan', `options:remote_ip=${underlayIP(far?.node.box)}`, `options:key=${this.params.key}`]
  }
}

let keys = 0

/** Inside of a server a pair of veths, between servers a tunnel from switch to switch. */
export class RemoteLink extends Link {
  /** @param {import('weft/lab/mininet').Node} one @param {import('weft/lab/mininet').Node} other @param {import('weft/lab/mininet').LinkParams} params */
  constructor(one, other, params = {}) {
    const isTunnel = one.box !== other.box
    if (isTunnel && ![one, other].every(node => node instanceof OVSSwitch))
      throw new Error(`${one} and ${other} are on different servers: only switches can be linked then`)
    const tunnel = { key: ++keys, intf: TunnelIntf }
    super(one, other, isTunnel ? { ...params, ...tunnel } : params)
  }

  /** @override @param {Parameters<Link['makeIntfPair']>} all */
  makeIntfPair(...all) {
    const [[one, other]] = [all[2]]
    if (one.box === other.box) super.makeIntfPair(...all)
  }

  /** @override */
  status() {
    return this.intf1 instanceof TunnelIntf ? '(vxlan tunnel)' : super.status()
  }
}

/** @typedef {(topo: import('weft/lab/mininet').Topo, servers: Box[]) => Map<string, Box>} Placer */

/** Switches by turns, hosts where their switch is. @type {Placer} */
export const RoundRobinPlacer = (topo, servers) =>
  withHosts(topo, new Map(topo.switches().map((name, i) => [name, /** @type {Box} */ (servers[i % servers.length])])))

/** Neighbouring switches together, as many on each server; hosts where their switch is. @type {Placer} */
export const SwitchBinPlacer = (topo, servers) => {
  const names = topo.switches()
  const size = Math.ceil(names.length / servers.length)
  return withHosts(topo, new Map(names.map((name, i) => [name, /** @type {Box} */ (servers[Math.floor(i / size)])])))
}

/** @param {import('weft/lab/mininet').Topo} topo @param {Map<string, Box>} placed */
const withHosts = (topo, placed) => {
  for (const { node1, node2 } of topo.links()) {
    const [host, other] = topo.isSwitch(node1) ? [node2, node1] : [node1, node2]
    const server = placed.get(other)
    if (!topo.isSwitch(host) && server !== undefined && !placed.has(host)) placed.set(host, server)
  }
  return placed
}

/** A network whose nodes are on servers, as a placer says. */
export class MininetCluster extends Mininet {
  /** @param {{ topo: import('weft/lab/mininet').Topo, servers?: Box[], placement?: Placer } & import('weft/lab/mininet').MininetOptions} options */
  constructor({ topo, servers = makeServers(2), placement = SwitchBinPlacer, ...options }) {
    for (const [name, server] of placement(topo, servers))
      topo.setNodeInfo(name, { ...topo.nodeInfo(name), server, batch: false })
    const [box] = servers
    const classes = { host: RemoteHost, switch: RemoteOVSSwitch, link: RemoteLink }
    super({ ...classes, waitConnected: true, ...options, topo, ...(box === undefined ? {} : { box }) })
    this.servers = servers
  }

  /** Controllers are called at the first server's address. @override @param {any} name @param {any} params */
  addController(name = 'c0', params = {}) {
    return super.addController(name, { ip: underlayIP(this.box), ...params })
  }
}
